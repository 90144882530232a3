/** The panel of the picture: what is drawn, what stands out in it, and what is not drawn. */
import type * as answers from '../answers.ts';
import { foundBy, looksOf } from '../findings.ts';
import { type Layout, layoutOf } from '../pictureLayout.ts';
import { linkTo, type Place } from '../place.ts';
import type { Network, Slot, State } from '../state.ts';
import { type Child, h, memo, type Tree } from '../tree.ts';
import { counted } from '../words.ts';
import { toneOf } from './board.ts';
import { panel, slotted, staleNote } from './panel.ts';
import { picture, toneKey } from './picture.ts';

const layoutFor = memo(layoutOf);
export const looksFor = memo(looksOf);
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
export const layoutShown = (state: State): Layout | undefined =>
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

/** Id of the element whose width the picture takes. */
export const ROOM = 'picture-room';

/** As a text, so that a report which changes nothing leaves the picture alone. */
export const tonesText = (convergence: answers.Convergence | undefined): string =>
  JSON.stringify(
    (convergence?.clusters ?? []).flatMap(({ cluster, nodes }) =>
      nodes.map(({ node, converged }) => [toneKey(cluster, node), toneOf(converged)]),
    ),
  );

const pictureNotes = (network: Network, layout: Layout, place: Place): Child => [
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
    layout.form === 'cells' &&
      'One square is one instance, hollow where it does not run; a dot is an elastic address. ',
    layout.over > 0 && `${counted(layout.over, 'terminated instance')} not drawn. `,
    network.isCut && 'There is more than this page loads. ',
  ),
];

const nothingDrawn = ({ account, instances }: Network): Child => {
  if (account === undefined) return h('p', { class: 'empty' }, 'No cluster is registered.');
  return instances.length === 0 && h('p', { class: 'empty' }, 'The account has no instances.');
};

export const picturePanel = memo(
  (slot: Slot<Network>, tones: string, place: Place, width: number, at: number | undefined): Tree => {
    const network = slot.value;
    const marked = network === undefined ? new Set<string>() : markedIn(network, place);
    return panel(
      'network',
      network?.at === undefined ? 'Network' : `Network at ${network.at}`,
      [staleNote(slot, at), findField(place, place.find === undefined ? 0 : marked.size)],
      slotted(slot, (shown) => {
        const layout = layoutFor(shown, width, place.all);
        // A word that finds nothing dims everything.
        const standing = place.find !== undefined && marked.size === 0 ? new Set(['']) : marked;
        const drawing = { layout, looks: looksFor(shown.groups), place, marked: standing };
        return [
          shown.clusters.length === 0 && nothingDrawn(shown),
          h(
            'div',
            { id: ROOM, key: ROOM },
            picture({ ...drawing, tones: shown.at === undefined ? new Map(JSON.parse(tones)) : new Map() }),
          ),
          pictureNotes(shown, layout, place),
        ];
      }),
    );
  },
);
