/**
 * Running the system's own tools: `nft`, `ip`, `bridge`, `conntrack` and the like. One call, one process, its whole output.
 * A tool that is missing or hangs is an answer like any other; nothing here throws.
 */
import { spawn } from 'node:child_process';

export type ToolResult = {
  /** The exit code; -1 when the tool could not be started or was stopped for taking too long. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
};

export type ToolCall = {
  readonly input?: string | Buffer;
  readonly timeoutMs?: number;
  /** What it prints is wanted, what it complains of is not. */
  readonly isListing?: boolean;
};

export const runTool = (command: string, args: readonly string[], call: ToolCall = {}): Promise<ToolResult> =>
  new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    const timer = setTimeout(() => child.kill('SIGKILL'), call.timeoutMs ?? 30_000);
    const text = (chunks: readonly Buffer[]): string => Buffer.concat(chunks).toString();
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.stdin.on('error', () => undefined);
    child.on('error', (error) => {
      clearTimeout(timer);
      resolve({ code: -1, stdout: '', stderr: `${command}: ${error.message}` });
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code: code ?? -1, stdout: text(out), stderr: text(err) });
    });
    child.stdin.end(call.input ?? '');
  });

/** The tools by name, so that an operator can point elsewhere. */
export type Tools = {
  readonly nft: string;
  readonly ip: string;
  readonly bridge: string;
  readonly conntrack: string;
  readonly unshare: string;
  readonly socat: string;
  readonly dnsmasq: string;
  readonly dhcpRelease: string;
};

export const defaultTools: Tools = {
  nft: 'nft',
  ip: 'ip',
  bridge: 'bridge',
  conntrack: 'conntrack',
  unshare: 'unshare',
  socat: 'socat',
  dnsmasq: 'dnsmasq',
  dhcpRelease: 'dhcp_release',
};

/** The first line that says something, for people. */
export const firstLine = (result: ToolResult): string =>
  result.stderr.split('\n').find((line) => line.trim() !== '') ?? `exit code ${result.code}`;
