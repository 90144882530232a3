/**
 * A catch-up subscription over any log that can be read in pages and says when it has grown. Events come in position order,
 * none twice, none left out; the next page is read only when the observer has finished with the last one. It never resumes
 * after a fault, and never delivers anything after `stop` has been called.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EventStore, StoredEvent, Subscription, SubscriptionObserver } from '../../domain/eventStore.ts';
import { StoreFault } from '../../domain/eventStore.ts';
import { createDoorbell } from './doorbell.ts';

export type FollowedLog = Pick<EventStore, 'readAll' | 'head'> & {
  /** Calls back after the log has grown (perhaps more often); returns the way to stop listening. */
  readonly listen: (grown: () => void) => () => void;
};

/** Events per page: enough for replay at full speed, few enough to keep the event loop responsive and what is under way small. */
export const PAGE = 250;

/** How long pages are read one after the other before others have their turn. */
const LONGEST_TURN_MS = 10;

export const lostTail = (after: number, head: number): StoreFault =>
  new StoreFault(
    'corrupt',
    `Expected a log that reaches position ${after}, got one that ends at ${head}: it lost its tail`,
    { position: after },
  );

const asError = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)));

/** Events before a damaged one are delivered before the fault is; where positions are dense their number is known. */
const readPage = async (log: FollowedLog, after: number): Promise<readonly StoredEvent[]> => {
  try {
    return await log.readAll(after, PAGE);
  } catch (thrown) {
    const damaged = thrown instanceof StoreFault && thrown.kind === 'corrupt' ? (thrown.position ?? 0) : 0;
    const sound = damaged - Math.max(0, after) - 1;
    if (sound <= 0) throw thrown;
    return log.readAll(after, Math.min(sound, PAGE));
  }
};

/**
 * Starts after position `after` (-1: from the start). A log that ends before `after` has lost its tail: that is a fault,
 * because waiting would silently pass over every event up to there. `onEnd`: it will read nothing more, for whatever reason.
 */
export const startSubscription = (
  log: FollowedLog,
  after: number,
  observer: SubscriptionObserver,
  onEnd: () => void = () => undefined,
): Subscription => {
  let stopped = false;
  const bell = createDoorbell();
  const unlisten = log.listen(bell.ring);

  const follow = async (): Promise<void> => {
    const goal = (await log.head())?.position ?? -1;
    if (after > goal && after > 0) throw lostTail(after, goal);
    let position = after;
    let caughtUp = false;
    let turnEnds = performance.now() + LONGEST_TURN_MS;
    while (!stopped) {
      bell.silence();
      const events = await readPage(log, position);
      if (stopped) return;
      const last = events.at(-1);
      if (last !== undefined) {
        await observer.onEvents(events);
        position = last.position;
      }
      if (!caughtUp && !stopped && position >= goal) {
        caughtUp = true;
        await observer.onCaughtUp();
      }
      // A full page means that there is more: one page a turn would be less than commits add in theirs.
      if (events.length === PAGE && performance.now() < turnEnds) continue;
      await (last === undefined ? bell.rung() : nextTurn());
      turnEnds = performance.now() + LONGEST_TURN_MS;
    }
  };

  const ended = follow()
    .catch((thrown: unknown) => {
      if (!stopped) observer.onFault(asError(thrown));
    })
    .finally(() => {
      unlisten();
      onEnd();
    });

  return {
    stop: () => {
      stopped = true;
      bell.ring();
      return ended;
    },
  };
};
