/**
 * How an attempt ends in the log: ahead of it, where nobody else writes; in turn, where others do; or checked only, when there
 * is nothing to write. Each tells in the end whether everything the answer rests on is durable. None of them decides again, and
 * none awaits anything between the attempt and the append that carries it.
 */
import { type Attempt, NONE } from './attempt.ts';
import { encode, metadataOf } from './codec.ts';
import type { Contention } from './contention.ts';
import type { AppendOutcome, EventStore, StreamWrite } from './eventStore.ts';
import type { DomainEvent } from './events.ts';
import type { CommandContext } from './recorded.ts';
import { isRefusal, type Refusal, refuse } from './refusals.ts';
import type { StateCache } from './stateCache.ts';
import { type Entry, foldDecided, settled, standing } from './stateEntry.ts';

/** `position` is -1 when nothing was appended; `events` are those appended, in order. */
export type Transacted<R> = {
  readonly result: R;
  readonly position: number;
  readonly events: readonly DomainEvent[];
};

/** `lost`: somebody else was first, and the states that showed otherwise are put right or forgotten. */
export type Committed<R> = Transacted<R> | Refusal | 'lost';

export type CommitPorts = {
  readonly store: Pick<EventStore, 'append'>;
  readonly cache: StateCache;
  readonly contention: Contention;
};

/** `result` is the attempt's value, known to be no refusal. Rejects with the store's fault. */
type Commit = <R>(context: CommandContext, made: Attempt<R>, result: R) => Promise<Committed<R>>;

const NOBODY: ReadonlySet<Entry> = new Set();

/** Appended now and by us, and each stream ends where it must when nobody else has written there. */
const isOwn = (outcome: AppendOutcome, reached: readonly number[]): boolean =>
  outcome.outcome === 'appended' &&
  outcome.repeated !== true &&
  reached.every((revision, i) => revision === outcome.revisions[i]);

const repeated = (): Refusal =>
  refuse('command-repeated', 'This command was carried out already. Ask again to get its first answer.');

/** What was only read is checked beside what is written. */
const streamWritesOf = (context: CommandContext, made: Attempt<unknown>): readonly StreamWrite[] => {
  const metadata = metadataOf(context);
  const { answer, writes, touched } = made;
  const last = made.events.at(-1);
  const lastMetadata = answer === undefined ? metadata : { ...metadata, answer };
  const streamWrites: StreamWrite[] = [];
  for (const { entry, events } of writes.values()) {
    const encoded = events.map((event) => encode(event, event === last ? lastMetadata : metadata));
    streamWrites.push({ ...standing(entry), events: encoded });
  }
  for (const entry of touched) if (!writes.has(entry)) streamWrites.push({ ...standing(entry), events: NONE });
  return streamWrites;
};

/** Runs ahead: the states contain the decision before the log does. */
export const commitAheadWith =
  ({ store, cache, contention }: CommitPorts): Commit =>
  (context, made, result) => {
    const { writes, touched, events } = made;
    const written = [...writes.keys()];
    const answer = store.append(context.commandId, streamWritesOf(context, made));
    for (const planned of writes.values()) foldDecided(planned.entry, planned.events, context);
    const reached = written.map(({ revision }) => revision);
    const close = (): void => {
      for (const entry of written) entry.pending.delete(over);
    };
    const tried = answer.then(
      (outcome) => {
        close();
        if (isOwn(outcome, reached) && 'position' in outcome) return { result, position: outcome.position, events };
        cache.forget(touched);
        if (outcome.outcome === 'appended') return repeated();
        contention.raced(written);
        return 'lost' as const;
      },
      (fault: unknown) => {
        close();
        cache.forget(written);
        throw fault;
      },
    );
    const over: Promise<unknown> = tried.catch(() => undefined);
    for (const entry of written) {
      cache.touch(entry);
      entry.pending.add(over);
    }
    return tried;
  };

/** On contended streams: one at a time, folded after the append, caught up after a lost race. */
export const commitInTurnWith =
  ({ store, cache, contention }: CommitPorts): Commit =>
  async (context, made, result) => {
    const { writes, touched, events } = made;
    const written = [...writes.keys()];
    const reached = [...writes.values()].map((planned) => planned.entry.revision + planned.events.length);
    let release: () => void = () => {};
    const over = new Promise<void>((resolve) => {
      release = resolve;
    });
    // Said before it counts as under way: none of these states runs ahead.
    const answer = store.append(context.commandId, streamWritesOf(context, made));
    for (const entry of written) entry.pending.add(over);
    try {
      const outcome = await answer;
      if (isOwn(outcome, reached) && 'position' in outcome) {
        for (const planned of writes.values()) foldDecided(planned.entry, planned.events, context);
        contention.calmed(written);
        return { result, position: outcome.position, events };
      }
      await cache.regain(touched, new Set(written));
      return outcome.outcome === 'appended' ? repeated() : 'lost';
    } finally {
      for (const entry of written) entry.pending.delete(over);
      release();
    }
  };

/**
 * Writes nothing: a "no" and an "already so" must rest on the log as much as a "yes" does, so what the attempt saw is waited
 * for, and then checked to be unchanged by anybody else.
 */
export const commitNothingWith = ({ store, cache, contention }: CommitPorts) => {
  const isUnchanged = async (context: CommandContext, touched: ReadonlySet<Entry>): Promise<boolean> => {
    const checks = [...touched].map((entry) => ({ ...standing(entry), events: [] }));
    if (checks.length === 0) return true;
    const outcome = await store.append(`${context.commandId}/seen`, checks);
    if (outcome.outcome === 'appended') return true;
    contention.raced(touched);
    await cache.regain(touched, NOBODY);
    return false;
  };

  return async <R extends object>(context: CommandContext, made: Attempt<R>): Promise<Committed<R>> => {
    const { value, touched } = made;
    const holds = (await settled(touched)) && (await isUnchanged(context, touched));
    if (!holds) return 'lost';
    return isRefusal(value) ? value : { result: value, position: -1, events: NONE };
  };
};
