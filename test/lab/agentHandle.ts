/**
 * The lab's grip on one node's agent process: starts it, hears its reports, waits for what it should reach, kills it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { AgentReport, AgentStatus } from '../../src/adapters/node/agent/agentModel.ts';
import type { InstanceTraffic } from '../../src/adapters/node/agent/metering.ts';
import type { Frame } from '../../src/projections/plan/explain.ts';
import type { Settings } from './agentProcess.ts';

export type AgentHandle = {
  readonly begin: (settings: Settings) => Promise<AgentStatus>;
  readonly inspect: () => Promise<AgentStatus>;
  readonly status: () => Promise<AgentStatus>;
  readonly traffic: () => Promise<readonly InstanceTraffic[]>;
  readonly explain: (frames: readonly Frame[]) => Promise<readonly ('accepted' | 'dropped')[]>;
  /** Resolves with the first report, old or new, that satisfies the condition. */
  readonly until: (condition: (report: AgentReport) => boolean, what: string) => Promise<AgentReport>;
  /** The process dies at once, as in a crash. */
  readonly kill: () => Promise<void>;
};

const script = fileURLToPath(new URL('./agentProcess.ts', import.meta.url));
const patience = 20_000;

export const startAgentProcess = (namespace: string): AgentHandle => {
  const child: ChildProcess = spawn('ip', ['netns', 'exec', namespace, process.execPath, script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  if (child.stdout === null || child.stdin === null) throw new Error('the agent process has no pipes');
  const { stdin } = child;
  const waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  const listeners = new Set<(report: AgentReport) => void>();
  let last: AgentReport | undefined;
  let serial = 0;

  createInterface({ input: child.stdout }).on('line', (line) => {
    const said = JSON.parse(line) as { report?: AgentReport; id?: number; result?: unknown; error?: string };
    if (said.report !== undefined) {
      last = said.report;
      for (const listen of listeners) listen(said.report);
      return;
    }
    const call = waiting.get(said.id ?? -1);
    waiting.delete(said.id ?? -1);
    if (said.error === undefined) call?.resolve(said.result);
    else call?.reject(new Error(said.error));
  });

  const tell = async <T>(command: string, words: Readonly<Record<string, unknown>> = {}): Promise<T> => {
    serial += 1;
    const id = serial;
    return (await new Promise<unknown>((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      stdin.write(`${JSON.stringify({ id, do: command, ...words })}\n`);
    })) as T;
  };

  return {
    begin: (settings) => tell('begin', { settings }),
    inspect: () => tell('inspect'),
    status: () => tell('status'),
    traffic: () => tell('traffic'),
    explain: (frames) => tell('explain', { frames }),
    until: (condition, what) =>
      untilReport({ listeners, last }, condition, `${namespace}: no report with ${what} within ${patience} ms`),
    kill: () =>
      new Promise((resolve) => {
        child.once('close', () => resolve());
        child.kill('SIGKILL');
      }),
  };
};

type Hearing = {
  readonly listeners: Set<(report: AgentReport) => void>;
  readonly last: AgentReport | undefined;
};

const untilReport = (
  { listeners, last }: Hearing,
  condition: (report: AgentReport) => boolean,
  complaint: string,
): Promise<AgentReport> =>
  new Promise((resolve, reject) => {
    if (last !== undefined && condition(last)) return resolve(last);
    let newest = last;
    const listen = (report: AgentReport): void => {
      newest = report;
      if (!condition(report)) return;
      clearTimeout(timer);
      listeners.delete(listen);
      resolve(report);
    };
    const timer = setTimeout(() => {
      listeners.delete(listen);
      reject(new Error(`${complaint}; last: ${JSON.stringify(newest)}`));
    }, patience);
    listeners.add(listen);
  });
