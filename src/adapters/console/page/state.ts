/**
 * Everything the page shows, as one immutable value, and the few ways in which it changes. No clock, no network, no element:
 * what arrives is passed in.
 */
import type * as answers from './answers.ts';
import { type Place, placeOf, positionIn } from './place.ts';

/** Something asked for: what came last, or why nothing did. What came stays while more is under way. */
export type Slot<T> = { readonly value?: T; readonly problem?: answers.Problem };

/** What the picture and the pools are drawn from, all of one moment. */
export type Network = {
  /** The moment asked for; undefined: now. */
  readonly at: number | undefined;
  /** The account whose things these are; undefined: everybody's. */
  readonly account: string | undefined;
  readonly position: number;
  /** None where the key may see only an account. */
  readonly clusters: readonly answers.Cluster[];
  readonly instances: readonly answers.Instance[];
  readonly groups: readonly answers.Group[];
  readonly pools: answers.AddressPools | undefined;
  /** There is more than the page loads. */
  readonly isCut: boolean;
};

/** Part of the log, oldest first, without gaps unless it was filtered. */
export type LogWindow = {
  readonly events: readonly answers.LogEvent[];
  readonly isFiltered: boolean;
  /** There is more of it before, or behind. */
  readonly isCut: boolean;
};

export type Live = 'on' | 'off' | 'lost';

export type State = {
  readonly place: Place;
  readonly needsKey: boolean;
  /** The key that was tried last was refused. */
  readonly keyRefused: boolean;
  readonly hasKey: boolean;
  readonly live: Live;
  /** Whose key it is, and what it may see. */
  readonly caller: Slot<answers.Caller>;
  readonly status: Slot<answers.Status>;
  readonly convergence: Slot<answers.Convergence>;
  readonly network: Slot<Network>;
  readonly log: Slot<LogWindow>;
  readonly found: Slot<LogWindow>;
  readonly moment: Slot<answers.Moment>;
  readonly difference: Slot<answers.Difference>;
  readonly trace: Slot<answers.Trace>;
  readonly why: Slot<answers.Why>;
  readonly history: Slot<answers.History>;
  /** Newest position known, whatever is shown. */
  readonly newest: number;
  /** Pixels the picture may take. */
  readonly width: number;
};

export const initialState = (fragment: string, hasKey: boolean): State => {
  const place = placeOf(fragment);
  const nothing = {};
  return {
    place,
    needsKey: false,
    keyRefused: false,
    hasKey,
    live: place.live === 'off' ? 'off' : 'lost',
    caller: nothing,
    status: nothing,
    convergence: nothing,
    network: nothing,
    log: nothing,
    found: nothing,
    moment: nothing,
    difference: nothing,
    trace: nothing,
    why: nothing,
    history: nothing,
    newest: 0,
    width: 960,
  };
};

/** Events of the log the page holds at a time. */
export const WINDOW = 1000;
/** How far a window that is followed may be behind what is known to be there. */
const SLACK = 100;
/** How far back the first comparison goes. */
const USUAL_SPAN = 25;

/** The window with events behind its end; those it has already are not taken twice. */
export const withEvents = (window: LogWindow, more: readonly answers.LogEvent[]): LogWindow => {
  const last = window.events.at(-1)?.position ?? -1;
  const fresh = more.filter(({ position }) => position > last);
  if (fresh.length === 0) return window;
  const events = [...window.events, ...fresh];
  return { ...window, events: events.slice(-WINDOW), isCut: window.isCut || events.length > WINDOW };
};

/**
 * Whether the window says what happened up to a position. While another window is on its way it does not, and must not look
 * as if it did.
 */
export const covers = ({ events }: LogWindow, position: number, newest: number): boolean => {
  const [first, last] = [events[0]?.position, events.at(-1)?.position];
  if (first === undefined || last === undefined) return false;
  return position >= first && (position <= last || last >= newest - SLACK);
};

/** The last event at or before a position, undefined when the window cannot tell. */
export const eventAt = (window: LogWindow, position: number, newest: number): answers.LogEvent | undefined =>
  covers(window, position, newest) ? window.events.findLast((event) => event.position <= position) : undefined;

/** The account that the key is bound to: what belongs to the whole cloud is not for it. */
export const boundTo = ({ caller }: State): string | undefined => caller.value?.account ?? undefined;

/** The key may see nothing here: it is bound to a cluster. */
export const isShutOut = ({ caller }: State): boolean => caller.problem?.status === 403;

/** The moment shown: a position, or undefined for now. */
export const shownPosition = ({ place }: State): number | undefined => positionIn(place, 'at');

/** What is compared with what. Without a wish: the last few events up to the moment shown. */
export const comparison = ({ place, newest }: State): { readonly from: number; readonly to: number } => {
  const to = positionIn(place, 'to') ?? positionIn(place, 'at') ?? newest;
  return { from: positionIn(place, 'from') ?? Math.max(1, to - USUAL_SPAN), to };
};

export const isFiltering = ({ subject, actor, type }: Place): boolean =>
  subject !== undefined || actor !== undefined || type !== undefined;
