/** Follows the log while somebody wants it live, and keeps the window of events at its end up to date. */
import type { LogEvent } from './answers.ts';
import type { Api } from './api.ts';
import { follow } from './eventStream.ts';
import type { Stage } from './stage.ts';
import { boundTo, shownPosition, withEvents } from './state.ts';

export type LiveLog = {
  /** Begins anew where the page is now, or stops where nobody wants it live. */
  readonly start: () => void;
  readonly stop: () => void;
};

/** `onNews`: something happened. */
export const createLiveLog = (api: Api, { state, change }: Stage, onNews: () => void): LiveLog => {
  let following: AbortController | undefined;
  /** Newest event that the stream has brought, or that was there before it. */
  let seen = 0;

  /** Last position of the window when it reaches up to what was seen. */
  const windowEnd = (): number => state().log.value?.events.at(-1)?.position ?? 0;

  /** A window that ends where the stream is goes on with it; a window of the past stays as it is. */
  const taken = (events: readonly LogEvent[]): void => {
    const { value } = state().log;
    const isAtEnd = windowEnd() >= seen;
    seen = Math.max(seen, ...events.map(({ position }) => position));
    const log = value !== undefined && isAtEnd ? { log: { value: withEvents(value, events) } } : {};
    change({ newest: Math.max(state().newest, seen), ...log });
    onNews();
  };

  const start = (): void => {
    following?.abort();
    if (state().place.live === 'off' || boundTo(state()) !== undefined) {
      change({ live: 'off' });
      return;
    }
    following = new AbortController();
    seen = Math.max(seen, shownPosition(state()) === undefined ? windowEnd() : state().newest);
    change({ live: 'lost' });
    const onState = (isOpen: boolean): void => change({ live: isOpen ? 'on' : 'lost' });
    void follow(api, { after: () => seen, onState, onEvents: taken }, following.signal);
  };

  return { start, stop: () => following?.abort() };
};
