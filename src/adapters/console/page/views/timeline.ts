/**
 * The log as a line one can move along: every event of the window a mark in the colour of its kind, two sliders, one for the
 * moment shown and one for what it is compared with.
 */
import type { LogEvent, Told } from '../answers.ts';
import { linkTo, type Place } from '../place.ts';
import { eventAt, type LogWindow } from '../state.ts';
import { classes, h, type Tree } from '../tree.ts';
import { clockTime, day, kindOf, kinds, sentence, wholeTime } from '../words.ts';

export type Time = {
  readonly window: LogWindow;
  readonly place: Place;
  readonly newest: number;
  /** Undefined: now. */
  readonly at: number | undefined;
  /** What is compared: not always up to the moment shown. */
  readonly from: number;
  readonly to: number;
  /** Event of the moment shown, once it is known. */
  readonly told: Told | undefined;
};

/** The line is drawn this wide and stretched. */
const WIDTH = 1000;
const HEIGHT = 42;
/** With fewer events than this the marks are broad. */
const FEW = 150;

const boundsOf = ({ window, newest, at }: Time): readonly [first: number, last: number] => {
  const first = window.events[0]?.position ?? 0;
  const last = window.events.at(-1)?.position ?? newest;
  // Now is the end of the line, so that the slider at its end means now.
  return [first, at === undefined || last >= newest ? Math.max(last, newest) : last];
};

/** One path per kind: a thousand events are a few elements. Kinds have lanes, so colour is not all that tells them apart. */
const marks = (events: readonly LogEvent[], first: number, last: number): readonly Tree[] => {
  const scale = WIDTH / Math.max(1, last - first);
  const lane = (HEIGHT - 2) / kinds.length;
  return kinds.flatMap((kind, i) => {
    const y = 1 + i * lane;
    const path = events
      .filter(({ type }) => kindOf(type) === kind)
      .map(({ position }) => `M${((position - first) * scale).toFixed(1)} ${y.toFixed(1)}v${(lane - 0.6).toFixed(1)}`);
    return path.length === 0 ? [] : [h('path', { key: kind, class: classes('mark', `k-${kind}`), d: path.join('') })];
  });
};

const strip = (time: Time, first: number, last: number): Tree => {
  const scale = WIDTH / Math.max(1, last - first);
  const x = ((time.at ?? last) - first) * scale;
  const [from = 0, to = 0] = [time.from, time.to].map((position) =>
    Math.min(WIDTH, Math.max(0, (position - first) * scale)),
  );
  return h(
    'svg',
    {
      class: classes('strip', time.window.events.length < FEW && 'few'),
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      preserveAspectRatio: 'none',
      'aria-hidden': 'true',
    },
    h('rect', { class: 'span', x: Math.min(from, to), y: 0, width: Math.abs(to - from), height: HEIGHT }),
    marks(time.window.events, first, last),
    h('path', { class: 'cursor', d: `M${x.toFixed(1)} 0v${HEIGHT}` }),
  );
};

type SliderWords = {
  readonly id: 'at' | 'from';
  readonly label: string;
  readonly value: number;
  readonly said: string;
};

const slider = ({ id, label, value, said }: SliderWords, first: number, last: number): Tree =>
  h(
    'div',
    { class: classes('slider', `slider-${id}`) },
    h('label', { for: `slider-${id}` }, label),
    h('input', {
      ...{ id: `slider-${id}`, type: 'range', min: first, max: last, step: 1, 'data-act': 'slide', 'data-member': id },
      value: Math.min(Math.max(value, first), last),
      'aria-valuetext': said,
    }),
    h('output', { for: `slider-${id}` }, said),
  );

/** `30 · 10:15:42.200`. */
const positionWords = ({ window, newest }: Time, position: number): string => {
  const event = eventAt(window, position, newest);
  return event === undefined ? String(position) : `${position} \u00b7 ${clockTime(event.time)}`;
};

const caption = ({ at, window, told, newest }: Time): Tree => {
  if (at === undefined) {
    const event = eventAt(window, newest, newest);
    const since = event === undefined ? '' : `, last event ${wholeTime(event.time)}: ${sentence(event)}`;
    return h('p', { class: 'caption' }, h('strong', {}, 'Now'), since);
  }
  const said = told === undefined ? '' : `, ${wholeTime(told.time)}: ${told.text}`;
  return h('p', { class: 'caption past' }, h('strong', {}, `As it was at ${at}`), said);
};

const step = (place: Place, label: string, about: string, at: number | undefined): Tree =>
  h(
    'a',
    {
      class: 'button',
      href: linkTo(place, { at: at === undefined ? '' : String(at), to: '' }),
      title: about,
      'aria-label': about,
    },
    label,
  );

export const timeline = (time: Time): Tree => {
  const { window, place, newest, at, from } = time;
  const [first, last] = boundsOf(time);
  const here = at ?? newest;
  const events = window.events;
  const days = [
    ...new Set([events[0], events.at(-1)].flatMap((event) => (event === undefined ? [] : [day(event.time)]))),
  ];
  return h(
    'div',
    { class: classes('timeline', at !== undefined && 'past') },
    h(
      'div',
      { class: 'steps' },
      caption(time),
      h(
        'form',
        { class: 'goto', 'data-act': 'goto' },
        h('label', { for: 'goto' }, 'Go to'),
        h('input', {
          id: 'goto',
          name: 'moment',
          type: 'text',
          size: 14,
          placeholder: 'position or time',
          autocomplete: 'off',
        }),
      ),
      step(place, '\u2039', 'One event back', Math.max(1, here - 1)),
      step(place, '\u203a', 'One event on', here + 1 >= newest ? undefined : here + 1),
      step(place, 'Now', 'Back to now', undefined),
    ),
    strip(time, first, last),
    slider(
      { id: 'at', label: 'Shown', value: here, said: at === undefined ? 'now' : positionWords(time, at) },
      first,
      last,
    ),
    slider({ id: 'from', label: 'Compared with', value: from, said: positionWords(time, from) }, first, last),
    h(
      'p',
      { class: 'key soft' },
      h('span', {}, `${days.join(' to ')} UTC, positions ${first} to ${last}${window.isCut ? ' of a longer log' : ''}`),
      kinds.map((kind) => h('span', { class: classes('kind', `k-${kind}`) }, kind)),
    ),
  );
};
