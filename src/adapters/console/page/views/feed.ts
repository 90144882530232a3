/** The log as a list, newest first, with filters; a click on an event traces it. */
import type { LogEvent } from '../answers.ts';
import { linkTo, type Place } from '../place.ts';
import type { Live, LogWindow } from '../state.ts';
import { classes, h, type Tree } from '../tree.ts';
import { clockTime, day, kindOf, sentence, subjects } from '../words.ts';

/** Rows there are at most; the rest is a matter of filters or of moving in time. */
const MOST_ROWS = 120;

export type Feed = {
  readonly window: LogWindow;
  /** What is listed is still on its way. */
  readonly isLoading: boolean;
  readonly place: Place;
  /** Undefined: now. */
  readonly at: number | undefined;
  readonly live: Live;
};

const passes =
  ({ subject, actor, type }: Place) =>
  (event: LogEvent): boolean =>
    (actor === undefined || event.actor === actor) &&
    (type === undefined || event.type === type) &&
    (subject === undefined || subjects(event).includes(subject));

/** What the feed shows of a window: not later than the moment shown, newest first. */
export const listed = ({ window, place, at }: Feed): readonly LogEvent[] => {
  const wanted = passes(place);
  const rows: LogEvent[] = [];
  for (let i = window.events.length - 1; i >= 0 && rows.length < MOST_ROWS; i -= 1) {
    const event = window.events[i];
    if (event !== undefined && (at === undefined || event.position <= at) && wanted(event)) rows.push(event);
  }
  return rows;
};

const row = (place: Place, event: LogEvent, before: LogEvent | undefined): Tree => {
  const isSame = before !== undefined && day(before.time) === day(event.time);
  const isTraced = place.trace === String(event.position);
  return h(
    'tr',
    { key: event.position, class: classes(isTraced && 'selected') },
    h(
      'td',
      { class: 'figure' },
      h(
        'a',
        { href: linkTo(place, { at: String(event.position) }), title: 'Show the network as it was then' },
        event.position,
      ),
    ),
    h('td', { class: 'time' }, !isSame && h('small', {}, `${day(event.time)} `), clockTime(event.time)),
    h(
      'td',
      { class: 'what' },
      h('i', { class: classes('kind', `k-${kindOf(event.type)}`), 'aria-hidden': 'true' }),
      h(
        'a',
        {
          href: linkTo(place, { trace: String(event.position) }),
          'data-act': 'go',
          'data-to': 'trace',
          title: event.type,
        },
        sentence(event),
      ),
    ),
    h('td', { class: 'who' }, event.actor),
  );
};

const field = (place: Place, member: 'subject' | 'actor' | 'type', label: string, known: readonly string[]): Tree =>
  h(
    'span',
    { class: 'field' },
    h('label', { for: `filter-${member}` }, label),
    h('input', {
      ...{
        id: `filter-${member}`,
        type: 'search',
        'data-act': 'filter',
        'data-member': member,
        list: `known-${member}`,
      },
      ...{ autocomplete: 'off', spellcheck: 'false', value: place[member] ?? '' },
    }),
    h(
      'datalist',
      { id: `known-${member}` },
      known.map((value) => h('option', { key: value, value })),
    ),
  );

const distinct = (values: Iterable<string>): readonly string[] => [...new Set(values)].toSorted().slice(0, 200);

export const liveWords: Readonly<Record<Live, string>> = { on: 'live', off: 'paused', lost: 'connecting' };

export const feed = (shown: Feed): Tree => {
  const { window, place } = shown;
  const rows = listed(shown);
  const { events } = window;
  return h(
    'div',
    { class: 'feed' },
    h(
      'div',
      { class: 'filters' },
      field(place, 'subject', 'About', distinct(events.slice(-300).flatMap(subjects))),
      field(place, 'actor', 'By', distinct(events.map(({ actor }) => actor))),
      field(place, 'type', 'Type', distinct(events.map(({ type }) => type))),
      h(
        'a',
        { class: 'button', href: linkTo(place, { live: shown.live === 'off' ? '' : 'off' }) },
        shown.live === 'off' ? 'Go live' : 'Pause',
      ),
    ),
    rows.length === 0
      ? h('p', { class: 'empty' }, shown.isLoading ? '\u2026' : 'No event passes.')
      : h(
          'div',
          { class: 'scroll tall', role: 'region', 'aria-label': 'Events', tabindex: 0 },
          h(
            'table',
            { class: 'events' },
            h(
              'tbody',
              {},
              rows.map((event, i) => row(place, event, rows[i - 1])),
            ),
          ),
        ),
    h('p', { class: 'soft note' }, rows.length === MOST_ROWS ? `The newest ${MOST_ROWS} that pass.` : false),
  );
};
