/**
 * Load, decide, append at the revision decided on, and decide again when somebody else was first. A unit of work may read and
 * write several streams; its body is synchronous and pure, so it can be run again at any time. What it only read is checked by
 * the append as well: nothing it rests on may have changed.
 *
 * A decision is folded into the cached states as soon as its append is under way, so that the next one need not wait for the
 * disk; nothing is acknowledged, accepted or refused, before everything it rests on is durable. If an append fails, every
 * state it touched is forgotten and whoever built on it decides again.
 */
import { type Answer, attemptOn, type Body } from './attempt.ts';
import { type Committed, commitAheadWith, commitInTurnWith, commitNothingWith, type Transacted } from './commit.ts';
import { createContention } from './contention.ts';
import { type EventStore, type StoredEvent, StoreFault } from './eventStore.ts';
import type { CommandContext } from './recorded.ts';
import { isRefusal, type Refusal, refuse } from './refusals.ts';
import { createStateCache, isMissing } from './stateCache.ts';
import { settled } from './stateEntry.ts';

export type { Unit } from './attempt.ts';
export type { Transacted } from './commit.ts';

export type Transactor = {
  /** Throws StoreFault when the store fails; refuses with `too-contended` when others keep winning. */
  readonly transact: <R extends object>(
    context: CommandContext,
    body: Body<R>,
    answer?: Answer<R>,
  ) => Promise<Transacted<R> | Refusal>;
  /** Decides without appending: what `transact` would write now. */
  readonly rehearse: <R extends object>(context: CommandContext, body: Body<R>) => Promise<Transacted<R> | Refusal>;
  /** Tells of events as they are read from the log, so that states others have written to are not kept stale. */
  readonly observe: (events: readonly StoredEvent[]) => void;
  readonly cached: () => number;
};

/** `early`: something had to be loaded, or it was another's turn. */
type Tried<R> = Committed<R> | 'early';

const ATTEMPTS = 64;
const MAX_ENTRIES = 100_000;

const early = (): 'early' => 'early';

const contendedTooMuch = (): Refusal =>
  refuse('too-contended', `Gave up after ${ATTEMPTS} attempts: other writers were first each time. Try again.`);

export const createTransactor = (store: EventStore, options: { maxEntries?: number } = {}): Transactor => {
  const cache = createStateCache(store, options.maxEntries ?? MAX_ENTRIES);
  const contention = createContention(store);
  const ports = { store, cache, contention };
  const attempted = attemptOn(cache);
  const commitAhead = commitAheadWith(ports);
  const commitInTurn = commitInTurnWith(ports);
  const commitNothing = commitNothingWith(ports);

  /** One try, from deciding to knowing. */
  const tryOnce = <R extends object>(context: CommandContext, body: Body<R>, answer?: Answer<R>): Promise<Tried<R>> => {
    const made = attempted(context, body, answer);
    if (isMissing(made)) return cache.load(made).then(early);
    const { value, touched, writes } = made;
    const contended = contention.among(touched);
    if (contended.some(({ pending }) => pending.size > 0)) return settled(new Set(contended)).then(early);
    if (isRefusal(value) || writes.size === 0) return commitNothing(context, made);
    return contended.length > 0 ? commitInTurn(context, made, value) : commitAhead(context, made, value);
  };

  const transact: Transactor['transact'] = async (context, body, answer) => {
    // Loading and waiting for one's turn cost no attempt: both come to an end by themselves.
    for (let lost = 0; lost < ATTEMPTS; ) {
      const tried = await tryOnce(context, body, answer);
      cache.trim();
      if (tried !== 'lost' && tried !== 'early') return tried;
      if (tried === 'lost') lost += 1;
    }
    return contendedTooMuch();
  };

  const rehearse: Transactor['rehearse'] = async (context, body) => {
    let made = attempted(context, body);
    while (isMissing(made)) {
      await cache.load(made);
      made = attempted(context, body);
    }
    const { value, touched, events } = made;
    if (!(await settled(touched))) throw new StoreFault('unavailable', 'What the rehearsal rests on was not stored');
    return isRefusal(value) ? value : { result: value, position: -1, events };
  };

  return { transact, rehearse, observe: cache.observe, cached: cache.size };
};
