/**
 * The convergence board: wanted, published, delivered, applied, per cluster and node, and what is wrong. What nobody told is
 * unknown and looks like it. Whatever is behind links to what differs.
 */
import type { ClusterProgress, Convergence, NodeProgress } from '../answers.ts';
import { linkTo, type Place } from '../place.ts';
import { type Child, classes, h, type Tree } from '../tree.ts';
import { age, counted, figure } from '../words.ts';

/** Rows of nodes there is room for, shared among the clusters. */
const ROOM = 24;

export type Tone = 'good' | 'bad' | 'unsure';
export const toneOf = (converged: boolean | null): Tone =>
  converged === true ? 'good' : converged === false ? 'bad' : 'unsure';
const words: Readonly<Record<Tone, string>> = { good: 'has it', bad: 'behind', unsure: 'unknown' };
const tallies: Readonly<Record<Tone, string>> = { good: 'have it', bad: 'behind', unsure: 'unknown' };

/** A figure that says by its looks whether it is what is wanted. */
const reached = (value: number | null, wanted: number | null, note = ''): Tree => {
  const tone = value === null ? 'unsure' : wanted !== null && value < wanted ? 'bad' : 'reached';
  return h('td', { class: classes('figure', tone) }, figure(value), note !== '' && h('small', {}, ` ${note}`));
};

const programsKernel = ({ agent }: NodeProgress): boolean => agent === 'kernel';

/** Where no agent programs a kernel, having the document means having its file. */
const nodeApplied = (node: NodeProgress): number | null => (programsKernel(node) ? node.applied : node.accepted);

/** What differs between what a cluster or node has and what it should have; of one that has nothing known, what it waits for. */
const differenceLink = (place: Place, from: number | null, wanted: number | null): Tree | false => {
  if (wanted === null) return false;
  const to = String(wanted);
  return from === null
    ? h('a', { href: linkTo(place, { trace: to }), 'data-act': 'go', 'data-to': 'trace' }, 'what it waits for')
    : h(
        'a',
        { href: linkTo(place, { from: String(Math.max(1, from)), to }), 'data-act': 'go', 'data-to': 'changes' },
        'what differs',
      );
};

const verdict = (converged: boolean | null): Tree =>
  h(
    'td',
    { class: classes('verdict', toneOf(converged)) },
    h('i', { class: 'sign', 'aria-hidden': 'true' }),
    words[toneOf(converged)],
  );

const troubleOf = ({ failuresInARow, lastFailure }: ClusterProgress): string | undefined =>
  lastFailure === null || failuresInARow === 0
    ? undefined
    : `${failuresInARow}\u00d7 ${lastFailure.reason}: ${lastFailure.detail}`;

const troubleCell = (reason: string | undefined, link: Tree | false): Tree =>
  h(
    'td',
    { class: 'trouble' },
    reason !== undefined && h('span', { class: 'bad' }, reason),
    reason !== undefined && link !== false && ' ',
    link,
  );

const clusterRow = (place: Place, cluster: ClusterProgress): Tree => {
  const { wanted, published, delivered, applied, converged } = cluster;
  const inKernel = cluster.nodes.every(programsKernel);
  const link = converged === false && differenceLink(place, applied ?? delivered, wanted);
  return h(
    'tr',
    { key: cluster.cluster, class: 'cluster' },
    h('th', { scope: 'row' }, h('a', { href: linkTo(place, { select: cluster.cluster }) }, cluster.cluster)),
    h('td', { class: 'figure' }, figure(wanted)),
    reached(published, wanted),
    reached(delivered, wanted),
    reached(applied, wanted, applied !== null && !inKernel ? 'file' : ''),
    h('td', { class: 'figure' }, converged === true ? '\u2013' : age(cluster.lagMs)),
    h('td', {}),
    verdict(converged),
    troubleCell(troubleOf(cluster), link),
  );
};

const nodeRow = (place: Place, cluster: ClusterProgress, node: NodeProgress): Tree => {
  const { refusal, converged } = node;
  const link = converged === false && differenceLink(place, nodeApplied(node), cluster.wanted);
  return h(
    'tr',
    { key: `${cluster.cluster} ${node.node}`, class: 'node' },
    h('th', { scope: 'row' }, h('a', { href: linkTo(place, { select: node.node }) }, node.node)),
    h('td', {}),
    h('td', {}),
    reached(node.accepted, cluster.wanted),
    reached(nodeApplied(node), cluster.wanted, nodeApplied(node) !== null && !programsKernel(node) ? 'file' : ''),
    h('td', {}),
    h('td', { class: 'figure' }, node.ageMs === null ? 'never' : age(node.ageMs)),
    verdict(converged),
    troubleCell(refusal === null ? undefined : `${refusal.reason}: ${refusal.detail}`, link),
  );
};

const isWrong = ({ converged, refusal }: NodeProgress): boolean => converged === false || refusal !== null;

/** All while there is room; otherwise those that are known to be wrong, as many as there is room for. */
const listed = (cluster: ClusterProgress, room: number, all: boolean): readonly NodeProgress[] =>
  all || cluster.nodes.length <= room ? cluster.nodes : cluster.nodes.filter(isWrong).slice(0, Math.max(room, 3));

const restRow = (place: Place, cluster: ClusterProgress, shown: number): Child => {
  const rest = cluster.nodes.length - shown;
  if (rest <= 0) return false;
  const tones = cluster.nodes.map(({ converged }) => toneOf(converged));
  const said = (['good', 'bad', 'unsure'] as const).flatMap((tone) => {
    const count = tones.filter((one) => one === tone).length;
    return count === 0
      ? []
      : [
          h(
            'span',
            { class: classes('tally', tone) },
            h('i', { class: 'sign', 'aria-hidden': 'true' }),
            `${count} ${tallies[tone]}`,
          ),
        ];
  });
  return h(
    'tr',
    { key: `${cluster.cluster} rest`, class: 'rest' },
    h(
      'td',
      { colspan: 9 },
      `${counted(cluster.nodes.length, 'node')}: `,
      said,
      h('a', { href: linkTo(place, { all: cluster.cluster }) }, shown === 0 ? 'list them' : 'list all'),
    ),
  );
};

const head = (text: string, about: string, isFigure = true): Tree =>
  h('th', { scope: 'col', class: classes(isFigure && 'figure'), title: about }, text);

const heads = (): readonly Tree[] => [
  head('Cluster, node', '', false),
  head('Wanted', 'The newest document'),
  head('Published', 'Its lane was nudged'),
  head('Delivered', 'The controller said true'),
  head('Applied', 'The node has it in force; \u201cfile\u201d where no agent programs a kernel'),
  head('Behind for', 'Since when something newer is wanted'),
  head('Heard', 'How long ago the node last spoke'),
  head('State', 'Whether it has what is wanted', false),
  head('Trouble', 'What it was refused for, and what differs', false),
];

export const board = (convergence: Convergence, place: Place): Tree => {
  if (convergence.clusters.length === 0) return h('p', { class: 'empty' }, 'No clusters are registered.');
  const room = Math.floor(ROOM / convergence.clusters.length);
  const rows = convergence.clusters.flatMap((cluster) => {
    const nodes = listed(cluster, room, place.all === cluster.cluster);
    return [
      clusterRow(place, cluster),
      ...nodes.map((node) => nodeRow(place, cluster, node)),
      restRow(place, cluster, nodes.length),
    ];
  });
  return h(
    'div',
    { class: 'scroll', role: 'region', 'aria-label': 'Convergence board', tabindex: 0 },
    h('table', { class: 'board' }, h('thead', {}, h('tr', {}, heads())), h('tbody', {}, rows)),
  );
};
