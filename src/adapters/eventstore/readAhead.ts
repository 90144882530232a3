/**
 * Reads a SQLite log ahead in another thread while this one folds what was read. Only a hurry, never the truth: whoever finds
 * nothing here reads for itself, and finds the same events or the same fault. Few pages are held at a time, and when the log's
 * end is reached, when anything is amiss or when nobody wants more, the thread is gone.
 */
import { Worker } from 'node:worker_threads';
import type { StoredEvent } from '../../domain/eventStore.ts';
import { type CheckedPage, eventsOf } from './checkedPage.ts';
import { type FollowedLog, PAGE } from './subscription.ts';

export type ReadAhead = {
  /** The page behind the position; undefined when it is not read ahead. Never rejects. */
  readonly pageAfter: (after: number) => Promise<readonly StoredEvent[] | undefined>;
  readonly stop: () => void;
};

/** Pages under way at a time: the two threads are not always equally fast. */
const UNDER_WAY = 6;

type State = 'starting' | 'ready' | 'reading' | 'gone';

/** The pages of a thread in order, whether they come before they are wanted or after. */
const createQueue = () => {
  const arrived: CheckedPage[] = [];
  let wanted: ((page: CheckedPage | undefined) => void) | undefined;
  let ended = false;
  const give = (page: CheckedPage | undefined): void => {
    const waiting = wanted;
    wanted = undefined;
    if (waiting !== undefined) waiting(page);
    else if (page !== undefined) arrived.push(page);
  };
  return {
    add: give,
    end: (): void => {
      ended = true;
      give(undefined);
    },
    next: (): Promise<CheckedPage | undefined> => {
      const page = arrived.shift();
      if (page !== undefined || ended) return Promise.resolve(page);
      return new Promise((resolve) => {
        wanted = resolve;
      });
    },
    clear: (): void => {
      arrived.length = 0;
    },
  };
};

/** Undefined for a page that is another than was wanted, the empty one at the end, or none at all. */
const eventsIn = (page: CheckedPage, after: number): readonly StoredEvent[] | undefined => {
  if (page.after !== after || page.count === 0) return undefined;
  try {
    return eventsOf(page);
  } catch {
    return undefined;
  }
};

/** `page`: events in a page. Nothing is read before the first page is asked for that begins where the reader then stands. */
export const createReadAhead = (file: string, page: number): ReadAhead => {
  const thread = new Worker(new URL('./sqliteAheadThread.ts', import.meta.url), { workerData: { file, page } });
  const queue = createQueue();
  let state = 'starting' as State;

  const leave = (): void => {
    if (state === 'gone') return;
    state = 'gone';
    queue.end();
    void thread.terminate();
  };
  thread.on('message', (said: CheckedPage | 'ready' | 'end') => {
    if (said === 'ready') state = state === 'starting' ? 'ready' : state;
    // What came before is still good; behind it the reader goes on by itself.
    else if (said === 'end') queue.end();
    else queue.add(said);
  });
  thread.once('exit', queue.end);
  thread.once('error', leave);

  const begin = (after: number): void => {
    state = 'reading';
    thread.postMessage(after);
    for (let more = 1; more < UNDER_WAY; more += 1) thread.postMessage(null);
  };

  return {
    pageAfter: async (after) => {
      if (state === 'starting' || state === 'gone') return undefined;
      if (state === 'ready') begin(after);
      const next = await queue.next();
      const events = next === undefined ? undefined : eventsIn(next, after);
      if (events === undefined || events.length < page) leave();
      else thread.postMessage(null);
      return events;
    },
    stop: () => {
      queue.clear();
      leave();
    },
  };
};

/** Fewer events than these are read sooner than a thread begins. */
const FAR = 20_000;

type Read = FollowedLog['readAll'];

/** `readAll` for a subscription that starts after a position and has so far to go; `arrived` once it has caught up, or ended. */
export const createHurry = (file: string, distance: number, readAll: Read) => {
  let ahead = distance < FAR ? undefined : createReadAhead(file, PAGE);
  const hurriedly = async (from: ReadAhead, after: number, limit: number): ReturnType<Read> =>
    (await from.pageAfter(Math.max(0, after))) ?? readAll(after, limit);
  return {
    readAll: (after: number, limit: number): ReturnType<Read> =>
      ahead === undefined || limit !== PAGE ? readAll(after, limit) : hurriedly(ahead, after, limit),
    arrived: (): void => {
      ahead?.stop();
      ahead = undefined;
    },
  };
};
