/** Goes from place to place in the console, and loads what is different there. */
import type { Api } from './api.ts';
import { isProblem } from './api.ts';
import type { Loader } from './loading.ts';
import { fragmentOf, type Place, type PlaceMember, placeOf } from './place.ts';
import type { Stage } from './stage.ts';
import { covers, type State, shownPosition } from './state.ts';

/** How long a slider or a filter rests before the server is asked. */
const REST_MS = 160;

/** Runs once after things have been quiet for a while. */
const rested = (work: () => void): (() => void) => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(work, REST_MS);
  };
};

const isInWindow = (state: State): boolean => {
  const { value } = state.log;
  return value !== undefined && covers(value, shownPosition(state) ?? state.newest, state.newest);
};

export type Moves = {
  /** To the place that the address names. */
  readonly enter: (place: Place) => void;
  /** Without a new entry in the browser's history: a slider passes many places. */
  readonly slip: (to: Place) => void;
  /** To the moment after a position, at a time, or of an event, as somebody typed it. */
  readonly goTo: (moment: string) => Promise<void>;
  /** To a position of the log; its end is now. */
  readonly showAt: (position: number) => void;
};

/** `startLive`: follows the log, or no longer, as the place says. */
export const createMoves = (api: Api, stage: Stage, loader: Loader, startLive: () => void): Moves => {
  const { state, change } = stage;
  const loadsOfMoment = rested(() => {
    void loader.load('network', 'moment', 'why', 'found');
    if (!isInWindow(state())) void loader.load('log');
  });
  const loadsOfComparison = rested(() => void loader.load('difference'));
  const loadsOfFilter = rested(() => void loader.load('found'));

  const enter = (place: Place): void => {
    const before = state().place;
    const isNew = (...members: readonly PlaceMember[]): boolean => members.some((it) => before[it] !== place[it]);
    change({ place });
    if (isNew('at')) loadsOfMoment();
    if (isNew('at', 'from', 'to')) loadsOfComparison();
    if (isNew('select')) void loader.load('history');
    if (isNew('trace')) void loader.load('trace');
    if (isNew('source', 'destination', 'traffic')) void loader.load('why');
    if (isNew('subject', 'actor', 'type')) loadsOfFilter();
    if (isNew('live')) startLive();
  };

  const slip = (to: Place): void => {
    const place = placeOf(fragmentOf({ ...state().place, ...to }));
    history.replaceState(null, '', fragmentOf(place));
    enter(place);
  };

  const showAt = (position: number): void => slip({ at: position >= state().newest ? '' : String(position), to: '' });

  const goTo = async (moment: string): Promise<void> => {
    const answered = await api.get<{ readonly position: number }>(`/v1/moments/${encodeURIComponent(moment)}`);
    if (isProblem(answered)) change({ moment: { problem: answered.problem } });
    else showAt(answered.value.position);
  };

  return { enter, slip, goTo, showAt };
};
