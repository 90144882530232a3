/**
 * On which streams nobody may run ahead of the log: those on which others keep writing, so that a lost race costs only what the
 * winner has written. It remembers names of streams and never touches a state.
 */
import type { EventStore } from './eventStore.ts';
import type { Entry } from './stateEntry.ts';

/** Successful appends on a stream after a lost race before it counts as quiet again. */
const CONTENDED_FOR = 64;
const NOBODY: readonly never[] = [];

export type Contention = {
  /** Others were first on these streams. */
  readonly raced: (entries: Iterable<Entry>) => void;
  /** An append on these streams went well. */
  readonly calmed: (entries: Iterable<Entry>) => void;
  /** Those of these states that may not run ahead. */
  readonly among: (entries: ReadonlySet<Entry>) => readonly Entry[];
};

/** Where the store cannot tell whose event it finds, nobody builds on an append that is not yet answered, raced or not. */
export const createContention = (store: Pick<EventStore, 'checksPredecessors'>): Contention => {
  const contended = new Map<string, number>();
  return {
    raced: (those) => {
      for (const { stream } of those) contended.set(stream, CONTENDED_FOR);
    },
    calmed: (those) => {
      if (contended.size === 0) return;
      for (const { stream } of those) {
        const left = (contended.get(stream) ?? 0) - 1;
        if (left > 0) contended.set(stream, left);
        else contended.delete(stream);
      }
    },
    among: (touched) => {
      if (!store.checksPredecessors) return [...touched];
      return contended.size === 0 ? NOBODY : [...touched].filter(({ stream }) => contended.has(stream));
    },
  };
};
