/**
 * What a replay is asked for and how it goes through a log: where the events come from, how far, in which sandboxes, and what is
 * told on the way.
 */
import type { StoredEvent } from '../../domain/eventStore.ts';
import { type SandboxProcess, startSandbox } from './sandboxProcess.ts';

export type ReplaySource = {
  /** Events of the log, for telling how long it still takes. */
  readonly total: number;
  /** From the first on, in order. Read several times. */
  readonly events: () => AsyncIterable<StoredEvent>;
};

export type ReplayProgress = {
  readonly stage: string;
  readonly done: number;
  readonly total: number;
  readonly perSecond: number;
  readonly secondsLeft: number;
};

export type ReplayOptions = {
  readonly source: ReplaySource;
  /** Checkout whose code replays. */
  readonly code: string;
  /** Checkout whose code it is compared with, if it is another one. */
  readonly running?: string;
  /** Last position to look at. */
  readonly to?: number;
  readonly onProgress?: (progress: ReplayProgress) => void;
};

const PROGRESS_EVERY = 2000;

export const upTo = async function* ({
  source,
  to = Number.MAX_SAFE_INTEGER,
}: ReplayOptions): AsyncGenerator<StoredEvent> {
  for await (const event of source.events()) {
    if (event.position > to) return;
    yield event;
  }
};

export const progressOf = ({ source, onProgress }: ReplayOptions, stage: string) => {
  const start = performance.now();
  return (done: number): void => {
    if (onProgress === undefined || done % PROGRESS_EVERY !== 0) return;
    const perSecond = done / Math.max(0.001, (performance.now() - start) / 1000);
    const secondsLeft = Math.max(0, source.total - done) / perSecond;
    onProgress({ stage, done, total: source.total, perSecond, secondsLeft });
  };
};

export const withSandboxes = async <R>(
  { code, running }: ReplayOptions,
  work: (other: SandboxProcess, own: SandboxProcess | undefined) => Promise<R>,
): Promise<R> => {
  const other = startSandbox(code);
  const own = running === undefined ? undefined : startSandbox(running);
  try {
    return await work(other, own);
  } finally {
    await Promise.all([other.stop(), own?.stop()]);
  }
};
