/** The parent's end of `receivers.ts`: starts receivers in processes of their own and remembers what they say they have. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Heard, ReceiversOptions, TakenDocument } from './receivers.ts';

export type Taken = TakenDocument;
export type Traffic = Extract<Heard, { readonly kind: 'traffic' }>;

export type Receiving = {
  readonly ports: Readonly<Record<string, number>>;
  /** Called with every document taken; returns how to stop. */
  readonly watch: (onTaken: (taken: Taken) => void) => () => void;
  /** Resolves with the first document of the cluster that is this version or newer, also one taken before. */
  readonly reached: (cluster: string, version: number) => Promise<Taken>;
  readonly latest: (cluster: string) => Taken | undefined;
  /** SHA-256 of what each has. */
  readonly hashes: () => Promise<Readonly<Record<string, string>>>;
  readonly traffic: () => Promise<Traffic>;
  readonly pids: readonly number[];
  readonly pauseAll: () => void;
  readonly resumeAll: () => void;
  readonly stop: () => void;
};

/** One process stands for many controllers and holds the documents of all: with so much alive, memory is tidied up less often. */
const receiverFlags = ['--max-semi-space-size=16', '--heap-growing-percent=1000'];

const program = fileURLToPath(new URL('./receivers.ts', import.meta.url));

type Waiter = { readonly cluster: string; readonly version: number; readonly wake: (taken: Taken) => void };

const answerOf = <K extends Heard['kind']>(child: ChildProcess, kind: K): Promise<Extract<Heard, { kind: K }>> =>
  new Promise((resolve) => {
    const hear = (heard: Heard): void => {
      if (heard.kind !== kind) return;
      child.off('message', hear);
      resolve(heard as Extract<Heard, { kind: K }>);
    };
    child.on('message', hear);
  });

const ask = async <K extends 'hashes' | 'traffic'>(children: readonly ChildProcess[], kind: K) =>
  Promise.all(
    children.map((child) => {
      const answer = answerOf(child, kind);
      child.send(kind);
      return answer;
    }),
  );

/** Whoever waits for one that has ended would wait for ever. */
const lasting = (child: ChildProcess): ChildProcess =>
  child.once('exit', (code, signal) => {
    if (signal !== 'SIGKILL') throw new Error(`receivers ended by themselves with ${code ?? signal}`);
  });

/** The clusters are dealt out to `processes` processes. */
export const startReceivers = async (clusters: readonly string[], processes = 1): Promise<Receiving> => {
  const children: ChildProcess[] = [];
  const latest = new Map<string, Taken>();
  const watchers = new Set<(taken: Taken) => void>();
  let waiters: Waiter[] = [];

  const note = (taken: Taken): void => {
    latest.set(taken.cluster, taken);
    for (const watcher of watchers) watcher(taken);
    const isDue = ({ cluster, version }: Waiter): boolean => cluster === taken.cluster && version <= taken.version;
    const due = waiters.filter(isDue);
    if (due.length === 0) return;
    waiters = waiters.filter((waiter) => !isDue(waiter));
    for (const { wake } of due) wake(taken);
  };

  const ports: Record<string, number> = {};
  for (let index = 0; index < processes; index += 1) {
    const mine = clusters.filter((_, at) => at % processes === index);
    const options: ReceiversOptions = { clusters: mine, host: '127.0.0.1' };
    const child = lasting(fork(program, [JSON.stringify(options)], { execArgv: [...receiverFlags] }));
    children.push(child);
    child.on('message', (heard: Heard) => {
      if (heard.kind === 'taken') for (const one of heard.all) note(one);
    });
    Object.assign(ports, (await answerOf(child, 'listening')).ports);
  }

  return {
    ports,
    watch: (onTaken) => {
      watchers.add(onTaken);
      return () => watchers.delete(onTaken);
    },
    reached: (cluster, version) => {
      const known = latest.get(cluster);
      if (known !== undefined && known.version >= version) return Promise.resolve(known);
      return new Promise((wake) => {
        waiters.push({ cluster, version, wake });
      });
    },
    latest: (cluster) => latest.get(cluster),
    hashes: async () => Object.assign({}, ...(await ask(children, 'hashes')).map(({ hashes }) => hashes)),
    traffic: async () =>
      (await ask(children, 'traffic')).reduce((sum, one) => ({
        kind: 'traffic',
        bytes: sum.bytes + one.bytes,
        requests: sum.requests + one.requests,
        cpuMs: sum.cpuMs + one.cpuMs,
      })),
    pids: children.flatMap(({ pid }) => pid ?? []),
    pauseAll: () => {
      for (const child of children) child.kill('SIGSTOP');
    },
    resumeAll: () => {
      for (const child of children) child.kill('SIGCONT');
    },
    stop: () => {
      for (const child of children) child.kill('SIGKILL');
    },
  };
};
