/**
 * A few shells that wait for work. Starting a process from this one costs milliseconds, because the system copies the page
 * tables of a large heap; starting it from a small shell that is already there costs a fraction. What a tool says comes back
 * as text ending in a line with a word nobody can guess; a shell that dies or hangs is replaced, and the call is told.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { runTool, type ToolCall, type ToolResult } from './tool.ts';

export type RunTool = (command: string, args: readonly string[], call?: ToolCall) => Promise<ToolResult>;

export type Shells = { readonly run: RunTool; readonly stop: () => void };

type Shell = { readonly child: ChildProcessWithoutNullStreams; isBusy: boolean };

type Question = { readonly input: string; readonly timeoutMs: number; readonly isListing: boolean };

/** Characters of the last line at most: the word and an exit code. */
const longestEnd = 64;

/** Only words that mean nothing to a shell between single quotes. */
const quoted = (word: string): string => {
  if (word.includes("'")) throw new Error(`expected a word without quotes, got ${word}`);
  return `'${word}'`;
};

const script = (words: readonly string[], { input, isListing }: Question, mark: string): string =>
  `${words.map(quoted).join(' ')} 2>${isListing ? '/dev/null' : '&1'} <<'${mark}'\n${input}${input.endsWith('\n') ? '' : '\n'}${mark}\ncode=$?; echo; echo ${mark} $code\n`;

export const createShells = (count: number): Shells => {
  const shells: Shell[] = [];
  let isStopped = false;

  const idle = (): Shell | undefined => {
    const found = shells.find(({ isBusy }) => !isBusy);
    if (found !== undefined || shells.length >= count || isStopped) return found;
    const shell = { child: spawn('sh', [], { stdio: 'pipe', detached: true }), isBusy: false };
    const gone = (): void => {
      const at = shells.indexOf(shell);
      if (at >= 0) shells.splice(at, 1);
    };
    shell.child.on('error', gone).on('exit', gone);
    shell.child.stdin.on('error', () => undefined);
    shell.child.stdout.setEncoding('utf8');
    shells.push(shell);
    return shell;
  };

  return {
    run: (command, args, call = {}) => {
      const { input = '', timeoutMs = 30_000, isListing = false } = call;
      const shell = typeof input === 'string' ? idle() : undefined;
      if (shell === undefined || typeof input !== 'string') return runTool(command, args, call);
      return ask(shell, [command, ...args], { input, timeoutMs, isListing });
    },
    stop: () => {
      isStopped = true;
      for (const { child } of shells) child.stdin.end();
    },
  };
};

/** The shell and the tool it runs: each shell leads a process group of its own. */
const killAll = ({ child }: Shell): void => {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It ended by itself in this very moment.
  }
};

const ask = (shell: Shell, words: readonly string[], call: Question): Promise<ToolResult> =>
  new Promise((resolve) => {
    const mark = `end-${randomBytes(12).toString('hex')}`;
    const end = new RegExp(`\n${mark} (\\d+)\n$`);
    let said = '';
    shell.isBusy = true;
    const finish = (code: number, text: string): void => {
      clearTimeout(timer);
      shell.isBusy = false;
      shell.child.stdout.off('data', hear);
      shell.child.off('exit', lost);
      resolve({ code, stdout: call.isListing ? text : '', stderr: call.isListing ? '' : text });
    };
    const hear = (chunk: string): void => {
      said += chunk;
      const found = end.exec(said.slice(-longestEnd));
      if (found !== null) finish(Number(found[1]), said.slice(0, said.length - found[0].length));
    };
    const lost = (): void => finish(-1, `${words[0]}: the shell that ran it has ended`);
    const timer = setTimeout(() => killAll(shell), call.timeoutMs);
    shell.child.stdout.on('data', hear);
    shell.child.on('exit', lost);
    shell.child.stdin.write(script(words, call, mark));
  });
