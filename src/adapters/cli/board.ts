/**
 * The convergence board as lines: one row per cluster, one below it per node. Positions are shown as they are; what nobody
 * told is `unknown`, in words and colour, and never looks like a figure or like good news.
 */
import { type Paint, toneOf } from './show/colour.ts';
import { column, type Item, tableLines } from './show/table.ts';
import { counted } from './show/text.ts';

export type Board = { readonly status: Item; readonly clusters: readonly Item[] };

const known = (value: unknown): unknown => value ?? 'unknown';

/** Milliseconds for people. */
export const age = (ms: unknown): string => {
  if (typeof ms !== 'number') return 'unknown';
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 120) return `${seconds.toFixed(1)} s`;
  const minutes = seconds / 60;
  return minutes < 120 ? `${minutes.toFixed(0)} min` : `${(minutes / 60).toFixed(1)} h`;
};

const answerWord = (yes: unknown): string => (yes === true ? 'yes' : yes === false ? 'no' : 'unknown');

const failureText = ({ lastFailure, failuresInARow }: Item): string | undefined => {
  const failure = lastFailure as Item | null;
  if (failure === null || failure === undefined || failuresInARow === 0) return undefined;
  return `${String(failuresInARow)}x ${String(failure['reason'])}: ${String(failure['detail'])}`;
};

const refusalText = ({ refusal }: Item): string | undefined => {
  const held = refusal as Item | null;
  return held === null || held === undefined ? undefined : `${String(held['reason'])}: ${String(held['detail'])}`;
};

const nodesOf = (cluster: Item): readonly Item[] => (cluster['nodes'] ?? []) as readonly Item[];
const programsKernel = ({ agent }: Item): boolean => agent === 'kernel';
const blank = ' ';

/** Where no agent programs a kernel, having the document means having its file: said beside the figure. */
const appliedText = (version: unknown, inKernel: boolean): unknown =>
  version === null || version === undefined ? 'unknown' : inKernel ? version : `${String(version)} (file)`;

const clusterRow = (cluster: Item): Item => ({
  who: cluster['cluster'],
  wanted: known(cluster['wanted']),
  published: known(cluster['published']),
  delivered: known(cluster['delivered']),
  applied: appliedText(cluster['applied'], nodesOf(cluster).every(programsKernel)),
  behind: cluster['converged'] === true ? '-' : age(cluster['lagMs']),
  heard: blank,
  agent: blank,
  converged: cluster['converged'],
  trouble: failureText(cluster),
});

const nodeRow = (node: Item): Item => ({
  who: `  ${String(node['node'])}`,
  wanted: blank,
  published: blank,
  delivered: known(node['accepted']),
  applied: programsKernel(node) ? appliedText(node['applied'], true) : appliedText(node['accepted'], false),
  behind: blank,
  heard: node['ageMs'] === null ? 'never' : `${age(node['ageMs'])} ago`,
  agent: node['agent'],
  converged: node['converged'],
  trouble: refusalText(node),
});

const columns = [
  column('CLUSTER / NODE', 'who'),
  column('WANTED', 'wanted'),
  column('PUBLISHED', 'published'),
  column('DELIVERED', 'delivered'),
  column('APPLIED', 'applied'),
  column('BEHIND FOR', 'behind'),
  column('HEARD', 'heard'),
  column('AGENT', 'agent'),
  column(
    'HAS IT',
    ({ converged }) => answerWord(converged),
    ({ converged }) => toneOf(converged),
  ),
  column('TROUBLE', 'trouble', ({ trouble }) => (trouble === undefined ? undefined : 'bad')),
];

/** `securityGroups` as people write it. */
const spaced = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

const headLines = ({ status }: Board, paint: Paint): readonly string[] => {
  const ready = status['ready'] === true ? paint('ready', 'good') : paint('not ready', 'bad');
  const configured = status['configured'] === true ? '' : `, ${paint('no configuration', 'unsure')}`;
  const counts = Object.entries((status['counts'] ?? {}) as Item).map(([what, many]) => {
    const things = spaced(what);
    return counted(many, things.replace(/(?<=ss)es$|s$/, ''), things);
  });
  const wrong = ((status['checks'] ?? []) as readonly Item[]).filter(({ ok }) => ok !== true);
  return [
    `${ready}, position ${String(status['position'])}, epoch ${String(status['epoch'])}${configured}`,
    counts.join(', '),
    ...wrong.map(({ name, detail }) => paint(`${String(name)}: ${String(detail)}`, 'bad')),
  ];
};

export const board = (seen: Board, paint: Paint): readonly string[] => {
  const rows = seen.clusters.flatMap((cluster) => [clusterRow(cluster), ...nodesOf(cluster).map(nodeRow)]);
  const table = rows.length === 0 ? ['No clusters.'] : tableLines(columns, rows, paint);
  return [...headLines(seen, paint), '', ...table];
};
