/**
 * The whole page: head, line of time, and the panels. Each panel is drawn anew only when what it shows has changed, so that
 * a busy log costs a few rows and not the picture.
 */
import { coloursOf, foundBy, isOver } from '../findings.ts';
import { layoutOf } from '../pictureLayout.ts';
import { linkTo, type Place } from '../place.ts';
import { poolsOf } from '../poolUse.ts';
import {
  comparison,
  isFiltering,
  type LogWindow,
  type Network,
  type Slot,
  type State,
  shownPosition,
} from '../state.ts';
import { type Child, classes, h, memo, type Tree } from '../tree.ts';
import { counted, grouped } from '../words.ts';
import { board } from './board.ts';
import { changes } from './changes.ts';
import { details, legend } from './details.ts';
import { feed, liveWords } from './feed.ts';
import { keyForm } from './keyForm.ts';
import { picture } from './picture.ts';
import { pools } from './pools.ts';
import { problemNote } from './problem.ts';
import { timeline } from './timeline.ts';
import { trace } from './trace.ts';
import { why } from './why.ts';

const EMPTY_WINDOW: LogWindow = { events: [], isFiltered: false, isCut: false };

const panel = (id: string, title: string, note: Child, ...content: readonly Child[]): Tree =>
  h(
    'section',
    { id, key: id, class: 'panel', 'aria-labelledby': `${id}-title`, tabindex: -1 },
    h('header', {}, h('h2', { id: `${id}-title` }, title), note),
    content,
  );

/** What came, or why nothing did, or that it is under way. */
const slotted = <T>(slot: Slot<T>, show: (value: T) => Child): Child =>
  slot.problem !== undefined
    ? problemNote(slot.problem)
    : slot.value === undefined
      ? h('p', { class: 'empty' }, '\u2026')
      : show(slot.value);

const state3 = (converged: boolean | null | undefined): readonly [string, string] =>
  converged === true
    ? ['good', 'every node has what is wanted']
    : converged === false
      ? ['bad', 'some are behind']
      : ['unsure', 'convergence unknown'];

const statusLine = ({ status, convergence }: State): Child => {
  if (status.problem !== undefined) return problemNote(status.problem);
  const known = status.value;
  if (known === undefined) return h('span', { class: 'soft' }, 'loading \u2026');
  const [tone, said] = state3(convergence.value?.converged);
  const wrong = known.checks.filter(({ ok }) => !ok);
  return [
    h(
      'span',
      { class: classes('state', known.ready ? 'good' : 'bad') },
      h('i', { class: 'sign', 'aria-hidden': 'true' }),
      known.ready ? 'ready' : 'not ready',
    ),
    h('span', { class: classes('state', tone) }, h('i', { class: 'sign', 'aria-hidden': 'true' }), said),
    !known.configured && h('span', { class: 'state unsure' }, 'no network configuration'),
    wrong.map(({ name, detail }) => h('span', { key: name, class: 'state bad' }, `${name}: ${detail}`)),
  ];
};

const countsLine = ({ status }: State): Child => {
  const known = status.value;
  if (known === undefined) return false;
  const { clusters = 0, instances = 0, securityGroups = 0 } = known.counts;
  return h(
    'p',
    { class: 'counts soft' },
    [
      `position ${grouped(known.position)}`,
      `epoch ${known.epoch}`,
      counted(clusters, 'cluster'),
      counted(instances, 'instance'),
      counted(securityGroups, 'group'),
    ].join(' \u00b7 '),
  );
};

const headOf = (state: State): Tree =>
  h(
    'header',
    { class: 'top', key: 'top' },
    h('h1', {}, h('a', { href: '#now' }, 'Edgelog')),
    h('div', { class: 'states', 'aria-live': 'polite' }, statusLine(state)),
    countsLine(state),
    h(
      'span',
      { class: classes('live', `live-${state.live}`) },
      h('i', { class: 'sign', 'aria-hidden': 'true' }),
      liveWords[state.live],
    ),
    state.hasKey && h('button', { type: 'button', 'data-act': 'forget-key', class: 'quiet' }, 'Forget key'),
  );

const timePanel = memo(
  (
    log: State['log'],
    moment: State['moment'],
    place: Place,
    newest: number,
    at: number | undefined,
    from: number,
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
          told: moment.value?.position === at ? (moment.value?.event?.text ?? '') : '',
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
  (network: Slot<Network>): Tree =>
    panel(
      'pools',
      'Address pools',
      false,
      slotted(network, (value) => pools(poolsOf(value))),
    ),
);

const layoutFor = memo(layoutOf);
const coloursFor = memo(coloursOf);
const foundFor = memo(foundBy);
const membersFor = memo(
  (network: Network, groupId: string | undefined): ReadonlySet<string> =>
    new Set(
      groupId === undefined
        ? []
        : network.instances.filter(({ groups }) => groups.includes(groupId)).map(({ instanceId }) => instanceId),
    ),
);

/** The layout on the page, for whoever has to find out what a pointer is at. */
export const layoutShown = (state: State): ReturnType<typeof layoutOf> | undefined =>
  state.network.value === undefined ? undefined : layoutFor(state.network.value, state.width, state.place.all);

const markedIn = (network: Network, place: Place): ReadonlySet<string> => {
  if (place.find !== undefined) return foundFor(network, place.find);
  const group = network.groups.find(({ groupId }) => groupId === place.select);
  return membersFor(network, group?.groupId);
};

const findField = (place: Place, found: number): Tree =>
  h(
    'span',
    { class: 'field find' },
    h('label', { for: 'find', class: 'visually-hidden' }, 'Find'),
    h('input', {
      id: 'find',
      type: 'search',
      'data-act': 'filter',
      'data-member': 'find',
      value: place.find ?? '',
      placeholder: 'find instance, address, group',
      spellcheck: 'false',
      autocomplete: 'off',
    }),
    place.find !== undefined && h('span', { class: 'soft', 'aria-live': 'polite' }, counted(found, 'hit')),
  );

const picturePanel = memo(
  (
    slot: Slot<Network>,
    convergence: State['convergence'],
    place: Place,
    width: number,
    at: number | undefined,
  ): Tree => {
    const network = slot.value;
    const marked = network === undefined ? new Set<string>() : markedIn(network, place);
    const hits = place.find === undefined ? 0 : marked.size;
    return panel(
      'network',
      at === undefined ? 'Network' : `Network at ${at}`,
      findField(place, hits),
      slotted(slot, (shown) => {
        const layout = layoutFor(shown, width, place.all);
        const progress = new Map(
          at === undefined ? (convergence.value?.clusters ?? []).map((one) => [one.cluster, one]) : [],
        );
        // A word that finds nothing dims everything.
        const standing = place.find !== undefined && marked.size === 0 ? new Set(['']) : marked;
        return [
          shown.clusters.length === 0 && h('p', { class: 'empty' }, 'No cluster is registered.'),
          picture({ layout, colours: coloursFor(shown.groups), place, marked: standing, progress }),
          layout.clusters.map(
            ({ name, hidden }) =>
              hidden > 0 &&
              h(
                'p',
                { key: name, class: 'soft note' },
                `${name}: ${counted(hidden, 'node')} not drawn. `,
                h('a', { href: linkTo(place, { all: name }) }, 'Draw all'),
              ),
          ),
          h(
            'p',
            { class: 'soft note' },
            layout.form === 'cells'
              ? 'One square is one instance, hollow where it does not run; a dot is an elastic address. '
              : '',
            layout.over > 0 && `${counted(layout.over, 'terminated instance')} not drawn. `,
            shown.isCut && 'There is more than this page loads. ',
          ),
        ];
      }),
    );
  },
);

const sidePanel = memo((slot: Slot<Network>, history: State['history'], place: Place): Tree => {
  const id = place.select;
  return panel(
    'selection',
    id === undefined ? 'Groups' : 'Selected',
    false,
    slotted(slot, (network) => {
      const context = { network, colours: coloursFor(network.groups), place };
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

const eventsPanel = memo(
  (log: State['log'], found: State['found'], place: Place, at: number | undefined, live: State['live']): Tree => {
    const source = isFiltering(place) ? found : log;
    const window = source.value ?? EMPTY_WINDOW;
    return panel(
      'events',
      'Events',
      at !== undefined && h('span', { class: 'soft' }, `up to ${at}`),
      source.problem !== undefined ? problemNote(source.problem) : feed({ window, place, at, live }),
    );
  },
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

export const frame = (state: State): Tree => {
  if (state.needsKey) return h('div', { class: 'page' }, keyForm(state.keyRefused));
  const { place, network, convergence, log } = state;
  const at = shownPosition(state);
  const { from } = comparison(state);
  return h(
    'div',
    { class: classes('page', at !== undefined && 'in-past') },
    headOf(state),
    timePanel(log, state.moment, place, state.newest, at, from),
    h(
      'main',
      { key: 'main' },
      h(
        'div',
        { class: 'column' },
        at === undefined && boardPanel(convergence, place),
        picturePanel(network, convergence, place, state.width, at),
        eventsPanel(log, state.found, place, at, state.live),
        place.trace !== undefined && tracePanel(state.trace, place),
      ),
      h(
        'div',
        { class: 'column' },
        poolsPanel(network),
        sidePanel(network, state.history, place),
        whyPanel(state.why, place, endpointsOf(network.value)),
        changesPanel(state.difference, place),
      ),
    ),
  );
};
