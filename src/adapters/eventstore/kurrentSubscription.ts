/**
 * Following a KurrentDB log for as long as the house runs: one feed after another, each starting behind the last event
 * delivered, with a growing pause between them. Before each feed the last event delivered is looked for again, because a log
 * that lost its tail would otherwise be waited for in silence. A feed that says nothing while the log grows is replaced.
 */

import type { Subscription, SubscriptionObserver } from '../../domain/eventStore.ts';
import { StoreFault } from '../../domain/eventStore.ts';
import type { Doorbell } from './doorbell.ts';
import { createDoorbell } from './doorbell.ts';
import type { KurrentConnection, KurrentFeed } from './kurrentConnection.ts';
import { kurrentFault } from './kurrentFaults.ts';
import type { Place } from './kurrentFeed.ts';
import { freshEvents, goalFrom, takeFrom, watchFeed } from './kurrentFeed.ts';

export type FollowTiming = {
  /** After this long without an event the log itself is asked whether there should have been one. */
  readonly silenceMs: number;
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
};

/** A subscription at work. `refusal` is what the observer threw: the end, whatever it is. */
type Following = {
  readonly connection: KurrentConnection;
  readonly timing: FollowTiming;
  readonly observer: SubscriptionObserver;
  readonly bell: Doorbell;
  readonly place: Place;
  stopped: boolean;
  pauseMs: number;
  refusal: { readonly thrown: unknown } | undefined;
};

const tell = async (following: Following, act: () => void | Promise<void>): Promise<void> => {
  try {
    await act();
    following.pauseMs = following.timing.firstPauseMs;
  } catch (thrown) {
    following.refusal = { thrown };
    throw thrown;
  }
};

/** Delivers what the feed holds and says how many records that were. */
const deliver = async (following: Following, feed: KurrentFeed): Promise<number> => {
  const { place, observer } = following;
  const { events, flaw } = takeFrom(feed);
  const news = freshEvents(events, place);
  const last = news.at(-1);
  if (last !== undefined) {
    await tell(following, () => observer.onEvents(news));
    place.position = last.position;
    place.last = last;
  }
  if (flaw !== undefined) throw flaw;
  return events.length;
};

/** Nothing came for a while: fine when there was nothing to come. */
const askLog = async ({ connection, place }: Following): Promise<void> => {
  const newest = await connection.newest();
  if ((newest?.position ?? -1) <= place.position) return;
  throw new StoreFault('unavailable', `Event store ${connection.shown}: the feed is silent while the log has grown`);
};

const followFeed = async (following: Following, feed: KurrentFeed, goal: number): Promise<void> => {
  const { bell, timing, place, observer } = following;
  const end = watchFeed(feed, bell);
  let caughtUp = false;
  while (!following.stopped) {
    bell.silence();
    const ended = end();
    const count = await deliver(following, feed);
    if (!caughtUp && !following.stopped && place.position >= goal) {
      caughtUp = true;
      await tell(following, observer.onCaughtUp);
    }
    if (count > 0 || following.stopped) continue;
    if (ended !== undefined) throw ended.error ?? new Error('the server ended the feed');
    if (!(await bell.rung(timing.silenceMs))) await askLog(following);
  }
};

const followOnce = async (following: Following): Promise<void> => {
  const { connection, place } = following;
  const goal = await goalFrom(connection, place);
  if (following.stopped) return;
  const feed = connection.feed(place.position);
  try {
    await followFeed(following, feed, goal);
  } finally {
    feed.end();
  }
};

/** Ends by being stopped, or by throwing what no further try can mend. */
const follow = async (following: Following): Promise<void> => {
  const { bell, timing, connection } = following;
  while (!following.stopped) {
    try {
      await followOnce(following);
    } catch (thrown) {
      if (following.stopped || following.refusal !== undefined) throw thrown;
      const fault = kurrentFault(thrown, connection.shown, 'read');
      if (fault.kind !== 'unavailable') throw fault;
    }
    bell.silence();
    if (!following.stopped) await bell.rung(following.pauseMs * (0.5 + Math.random() / 2));
    following.pauseMs = Math.min(following.pauseMs * 2, timing.longestPauseMs);
  }
};

const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)));

export const startKurrentSubscription = (
  connection: KurrentConnection,
  timing: FollowTiming,
  after: number,
  observer: SubscriptionObserver,
): Subscription => {
  const following: Following = {
    connection,
    timing,
    observer,
    bell: createDoorbell(),
    place: { position: after, last: undefined },
    stopped: false,
    pauseMs: timing.firstPauseMs,
    refusal: undefined,
  };
  const ended = follow(following).catch((thrown: unknown) => {
    if (!following.stopped) observer.onFault(asError(thrown));
  });
  return {
    stop: () => {
      following.stopped = true;
      following.bell.ring();
      return ended;
    },
  };
};
