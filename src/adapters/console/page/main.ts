/**
 * The page's own program: one state, one tree drawn from it, one place where what people do is heard. It starts the loads,
 * follows the log, and keeps the key in this tab only.
 */
import type { LogEvent } from './answers.ts';
import { createApi } from './api.ts';
import { follow } from './eventStream.ts';
import { createLoader } from './loading.ts';
import { patch } from './patch.ts';
import { instanceAt } from './pictureLayout.ts';
import { fragmentOf, type Place, type PlaceMember, placeOf } from './place.ts';
import { covers, initialState, type State, shownPosition, withEvents } from './state.ts';
import { frame } from './views/frame.ts';
import { layoutShown, ROOM } from './views/networkPanel.ts';
import { described } from './views/picture.ts';
import { trafficOf } from './views/why.ts';

const KEY = 'edgelog.key';
const BOARD_EVERY_MS = 2000;
/** How long a slider or a filter rests before the server is asked. */
const REST_MS = 160;

const element = (id: string): HTMLElement => {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`expected the element ${id}, got none`);
  return found;
};

const root = element('console');
const tip = element('tip');

let state: State = initialState(location.hash, sessionStorage.getItem(KEY) !== null);
let isDrawing = false;

const draw = (): void => {
  isDrawing = false;
  patch(root, frame(state));
  measure();
};

const change = (to: Partial<State>): void => {
  state = { ...state, ...to };
  if (isDrawing) return;
  isDrawing = true;
  requestAnimationFrame(draw);
};

/** The picture is drawn as wide as there is room for it. */
const measure = (): void => {
  const width = document.getElementById(ROOM)?.clientWidth ?? 0;
  if (width > 200 && width !== state.width) change({ width });
};

const api = createApi(
  () => sessionStorage.getItem(KEY) ?? undefined,
  (...asked) => fetch(...asked),
);
const loader = createLoader({ api, state: () => state, change, now: () => performance.now() });

/** Runs once after things have been quiet for a while. */
const rested = (work: () => void): (() => void) => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(work, REST_MS);
  };
};

let refresh: ReturnType<typeof setTimeout> | undefined;

/** What an event may have changed of what is shown. */
const reload = (): Promise<unknown> => {
  const { place } = state;
  return Promise.all([
    loader.now(),
    loader.network(),
    place.to === undefined && loader.difference(),
    place.select !== undefined && loader.history(),
    place.trace !== undefined && loader.trace(),
    loader.why(),
  ]);
};

/** Something happened: looks again, but no more often than the server takes lightly, and only while somebody sees it. */
const refreshSoon = (): void => {
  if (refresh !== undefined || shownPosition(state) !== undefined || document.hidden) return;
  refresh = setTimeout(async () => {
    await loader.paced(reload);
    refresh = undefined;
  }, loader.breakMs());
};
document.addEventListener('visibilitychange', refreshSoon);

let following: AbortController | undefined;
/** Newest event that the stream has brought, or that was there before it. */
let seen = 0;

/** Last position of the window when it reaches up to what was seen. */
const windowEnd = (): number => state.log.value?.events.at(-1)?.position ?? 0;

/** A window that ends where the stream is goes on with it; a window of the past stays as it is. */
const taken = (events: readonly LogEvent[]): void => {
  const { value } = state.log;
  const isAtEnd = windowEnd() >= seen;
  seen = Math.max(seen, ...events.map(({ position }) => position));
  const log = value !== undefined && isAtEnd ? { log: { value: withEvents(value, events) } } : {};
  change({ newest: Math.max(state.newest, seen), ...log });
  refreshSoon();
};

const startFollowing = (): void => {
  following?.abort();
  if (state.place.live === 'off') {
    change({ live: 'off' });
    return;
  }
  following = new AbortController();
  seen = Math.max(seen, shownPosition(state) === undefined ? windowEnd() : state.newest);
  change({ live: 'lost' });
  void follow(
    api,
    {
      after: () => seen,
      onState: (isOpen) => change({ live: isOpen ? 'on' : 'lost' }),
      onEvents: taken,
    },
    following.signal,
  );
};

const isInWindow = (): boolean => {
  const { value } = state.log;
  return value !== undefined && covers(value, shownPosition(state) ?? state.newest, state.newest);
};

const loadsOfMoment = rested(() => {
  void loader.network();
  void loader.moment();
  void loader.why();
  if (!isInWindow()) void loader.log();
  void loader.found();
});
const loadsOfComparison = rested(() => void loader.difference());
const loadsOfFilter = rested(() => void loader.found());

/** Goes to a place, and loads what is different there. */
const enter = (place: Place): void => {
  const before = state.place;
  const isNew = (...members: readonly PlaceMember[]): boolean => members.some((it) => before[it] !== place[it]);
  change({ place });
  if (isNew('at')) loadsOfMoment();
  if (isNew('at', 'from', 'to')) loadsOfComparison();
  if (isNew('select')) void loader.history();
  if (isNew('trace')) void loader.trace();
  if (isNew('source', 'destination', 'traffic')) void loader.why();
  if (isNew('subject', 'actor', 'type')) loadsOfFilter();
  if (isNew('live')) startFollowing();
};

/** Moves without a new entry in the browser's history: a slider passes many places. */
const slip = (to: Place): void => {
  const place = placeOf(fragmentOf({ ...state.place, ...to }));
  history.replaceState(null, '', fragmentOf(place));
  enter(place);
};

const loadAll = async (): Promise<void> => {
  await loader.now();
  if (state.needsKey) return;
  await Promise.all([
    loader.log(),
    loader.paced(loader.network),
    loader.moment(),
    loader.difference(),
    loader.trace(),
    loader.why(),
    loader.history(),
    loader.found(),
  ]);
  startFollowing();
};

const actOf = (event: Event): HTMLElement | undefined =>
  event.target instanceof Element ? (event.target.closest<HTMLElement>('[data-act]') ?? undefined) : undefined;

const slide = (field: HTMLInputElement): void => {
  const value = Number(field.value);
  if (field.dataset['member'] === 'from') slip({ from: String(value), to: '' });
  else slip({ at: value >= state.newest ? '' : String(value), to: '' });
};

root.addEventListener('input', (event) => {
  const field = actOf(event);
  if (!(field instanceof HTMLInputElement)) return;
  if (field.dataset['act'] === 'slide') slide(field);
  if (field.dataset['act'] === 'filter') slip({ [field.dataset['member'] ?? '']: field.value.trim() });
});

const openWithKey = async (key: string): Promise<void> => {
  sessionStorage.setItem(KEY, key);
  change({ needsKey: false, hasKey: true, keyRefused: false });
  await loadAll();
};

const goTo = async (moment: string): Promise<void> => {
  const answered = await api.get<{ readonly position: number }>(`/v1/moments/${encodeURIComponent(moment)}`);
  if ('problem' in answered) change({ moment: { problem: answered.problem } });
  else slip({ at: answered.value.position >= state.newest ? '' : String(answered.value.position) });
};

root.addEventListener('submit', (event) => {
  event.preventDefault();
  const form = event.target as HTMLFormElement;
  const words = new FormData(form);
  const word = (name: string): string => String(words.get(name) ?? '').trim();
  switch (form.dataset['act']) {
    case 'key':
      if (word('key') !== '') void openWithKey(word('key'));
      form.reset();
      break;
    case 'goto':
      if (word('moment') !== '') void goTo(word('moment'));
      break;
    case 'why':
      slip({
        source: word('source'),
        destination: word('destination'),
        traffic: trafficOf(word('protocol'), word('port')),
      });
      void loader.why();
      break;
  }
});

const pointed = (event: MouseEvent): ReturnType<typeof instanceAt> => {
  const svg = event.target instanceof Element ? event.target.closest('svg.picture') : null;
  const layout = layoutShown(state);
  if (svg === null || layout === undefined) return undefined;
  const { left, top } = svg.getBoundingClientRect();
  return instanceAt(layout, event.clientX - left, event.clientY - top);
};

const forgetKey = (): void => {
  sessionStorage.removeItem(KEY);
  following?.abort();
  state = { ...initialState(location.hash, false), width: state.width };
  change({ needsKey: true });
};

root.addEventListener('click', (event) => {
  const instance = pointed(event);
  if (instance !== undefined) location.hash = fragmentOf({ ...state.place, select: instance.instanceId });
  const act = actOf(event);
  if (act?.dataset['act'] === 'forget-key') forgetKey();
  if (act?.dataset['act'] === 'go') {
    const panel = act.dataset['to'] ?? '';
    // After the page has been drawn for the new place.
    setTimeout(() => {
      document.getElementById(panel)?.scrollIntoView({ block: 'nearest' });
      document.getElementById(panel)?.focus({ preventScroll: true });
    }, 50);
  }
});

root.addEventListener('pointermove', (event) => {
  const instance = pointed(event);
  tip.hidden = instance === undefined;
  if (instance === undefined) return;
  tip.textContent = described(instance);
  tip.style.left = `${Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8)}px`;
  tip.style.top = `${event.clientY + 16}px`;
});
root.addEventListener('pointerleave', () => {
  tip.hidden = true;
});

addEventListener('hashchange', () => enter(placeOf(location.hash)));
new ResizeObserver(measure).observe(root);

/** Reports of nodes are no events, so the board is looked at now and then. */
const lookAgain = async (): Promise<void> => {
  if (document.hidden || state.needsKey || state.live === 'off') return;
  await loader.now();
  if (state.newest > (state.network.value?.position ?? 0)) refreshSoon();
};

setInterval(() => void lookAgain(), BOARD_EVERY_MS);
draw();
void loadAll();
