/**
 * The whole page: head, line of time, and the panels. Each panel is drawn anew only when what it shows has changed, so that
 * a busy log costs a few rows and not the picture.
 */
import type { Caller } from '../answers.ts';
import { isOver } from '../findings.ts';
import { linkTo, type Place } from '../place.ts';
import {
  boundTo,
  comparison,
  covers,
  isFiltering,
  isShutOut,
  type LogWindow,
  type Network,
  type Slot,
  type State,
  shownPosition,
} from '../state.ts';
import { type Child, classes, h, memo, type Tree } from '../tree.ts';
import { board } from './board.ts';
import { changes } from './changes.ts';
import { details } from './details.ts';
import { feed } from './feed.ts';
import { legend } from './groups.ts';
import { headOf } from './head.ts';
import { keyForm } from './keyForm.ts';
import { looksFor, picturePanel, tonesText } from './networkPanel.ts';
import { panel, slotted, staleNote } from './panel.ts';
import { pools } from './pools.ts';
import { problemNote } from './problem.ts';
import { accountScope, nothingInScope } from './scope.ts';
import { timeline } from './timeline.ts';
import { trace } from './trace.ts';
import { why } from './why.ts';

const NOTHING: Slot<LogWindow> = {};
const EMPTY_WINDOW: LogWindow = { events: [], isFiltered: false, isCut: false };

const timePanel = memo(
  (
    log: State['log'],
    moment: State['moment'],
    place: Place,
    newest: number,
    at: number | undefined,
    from: number,
    to: number,
  ): Tree =>
    h(
      'section',
      { class: 'time-bar', key: 'time', 'aria-label': 'Time' },
      slotted(log, (window) =>
        timeline({
          window,
          place,
          newest,
          at,
          from,
          to,
          told: moment.value?.position === at ? (moment.value?.event ?? undefined) : undefined,
        }),
      ),
      moment.problem !== undefined && problemNote(moment.problem),
    ),
);

/** Of now only: what nodes had at another time is not kept. */
const boardPanel = memo(
  (convergence: State['convergence'], place: Place): Tree =>
    panel(
      'board',
      'Convergence',
      false,
      slotted(convergence, (value) => board(value, place)),
    ),
);

const poolsPanel = memo(
  (slot: Slot<Network>, at: number | undefined): Tree =>
    panel(
      'pools',
      'Address pools',
      staleNote(slot, at),
      slotted(slot, (network) => network.pools !== undefined && pools(network.pools)),
    ),
);

const sidePanel = memo((slot: Slot<Network>, history: State['history'], place: Place): Tree => {
  const id = place.select;
  return panel(
    'selection',
    id === undefined ? 'Groups' : 'Selected',
    false,
    slotted(slot, (network) => {
      const context = { network, looks: looksFor(network.groups), place };
      return [id !== undefined && details(context, id, history), legend(context)];
    }),
  );
});

const changesPanel = memo(
  (difference: State['difference'], place: Place): Tree =>
    panel(
      'changes',
      'What changed',
      false,
      slotted(difference, (value) => changes(value, place)),
    ),
);

const endpointsOf = memo((network: Network | undefined): readonly string[] =>
  (network?.instances ?? [])
    .filter((instance) => !isOver(instance))
    .slice(0, 500)
    .flatMap(({ instanceId, publicAddress }) => (publicAddress === null ? [instanceId] : [publicAddress, instanceId])),
);

const whyPanel = memo(
  (slot: State['why'], place: Place, endpoints: readonly string[]): Tree =>
    panel('why', 'May it pass, and why', false, why(slot, place, endpoints)),
);

/** What is to be listed: nothing while the window is still that of another moment. */
const listedWindow = ({ log, found, place, newest }: State, at: number | undefined): Slot<LogWindow> => {
  if (isFiltering(place)) return found;
  const isThere = log.value !== undefined && (newest === 0 || covers(log.value, at ?? newest, newest));
  return log.problem !== undefined || isThere ? log : NOTHING;
};

const eventsPanel = memo(
  (source: Slot<LogWindow>, place: Place, at: number | undefined, live: State['live']): Tree =>
    panel(
      'events',
      'Events',
      at !== undefined && h('span', { class: 'soft' }, `up to ${at}`),
      source.problem !== undefined
        ? problemNote(source.problem)
        : feed({ window: source.value ?? EMPTY_WINDOW, isLoading: source.value === undefined, place, at, live }),
    ),
);

const tracePanel = memo(
  (slot: State['trace'], place: Place): Tree =>
    panel(
      'trace',
      `Trace of ${place.trace ?? ''}`,
      h('a', { class: 'button', href: linkTo(place, { trace: '' }), 'aria-label': 'Close' }, '\u00d7'),
      slotted(slot, (value) => trace(value, place)),
    ),
);

const links: readonly (readonly [address: string, what: string])[] = [
  ['/openapi.json', 'API'],
  ['/problems', 'problems and what to do'],
  ['/v1/status', 'status'],
  ['/readyz', 'readiness'],
];

const foot = h(
  'footer',
  { key: 'foot', class: 'soft' },
  'The log is the truth, the document is a view, the job is a hint, the version is the promise. ',
  links.map(([href, what]) => h('a', { key: href, href }, what)),
);

/** Everything, for whoever may see the whole cloud. */
const cloudPanels = (state: State, at: number | undefined): readonly Child[] => {
  const { place, network, convergence } = state;
  return [
    h(
      'div',
      { class: 'column' },
      at === undefined && boardPanel(convergence, place),
      picturePanel(network, at === undefined ? tonesText(convergence.value) : '[]', place, state.width, at),
      eventsPanel(listedWindow(state, at), place, at, state.live),
      place.trace !== undefined && tracePanel(state.trace, place),
    ),
    h(
      'div',
      { class: 'column' },
      poolsPanel(network, at),
      sidePanel(network, state.history, place),
      whyPanel(state.why, place, endpointsOf(network.value)),
      changesPanel(state.difference, place),
    ),
  ];
};

/** What a key of one account shows. */
const accountPanels = ({ place, network, history, width }: State, at: number | undefined, caller: Caller): Child => [
  h('div', { class: 'column' }, picturePanel(network, '[]', place, width, at)),
  h('div', { class: 'column' }, accountScope(caller), sidePanel(network, history, place)),
];

const panelsOf = (state: State, at: number | undefined): Child => {
  const { value, problem } = state.caller;
  if (isShutOut(state) && problem !== undefined) return h('div', { class: 'column' }, nothingInScope(problem));
  return boundTo(state) !== undefined && value !== undefined ? accountPanels(state, at, value) : cloudPanels(state, at);
};

export const frame = (state: State): Tree => {
  if (state.needsKey) return h('div', { class: 'page' }, keyForm(state.keyRefused));
  const { place, log, moment, newest } = state;
  const at = shownPosition(state);
  const { from, to } = comparison(state);
  const seesLog = boundTo(state) === undefined && !isShutOut(state);
  return h(
    'div',
    { class: classes('page', at !== undefined && 'in-past') },
    headOf(state),
    seesLog && timePanel(log, moment, place, newest, at, from, to),
    h('main', { key: 'main' }, panelsOf(state, at)),
    foot,
  );
};
