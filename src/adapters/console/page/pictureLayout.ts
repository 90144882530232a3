/**
 * Where everything in the picture of the network goes: clusters below each other, their nodes in rows, instances in nodes. A
 * few instances are cards that can be read; many are cells that are told apart by colour. Geometry only, in pixels.
 */
import type { Instance } from './answers.ts';
import { isOver } from './findings.ts';
import type { Network } from './state.ts';

export type NodeBox = {
  readonly cluster: string;
  /** `null`: instances that are on no node. */
  readonly node: string | null;
  readonly instances: readonly Instance[];
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
};

export type ClusterBox = {
  readonly name: string;
  /** Empty: not for this key to know. */
  readonly state: string;
  readonly y: number;
  readonly height: number;
  readonly boxes: readonly NodeBox[];
  readonly nodes: number;
  readonly instances: number;
  /** Nodes that are not drawn because there are too many. */
  readonly hidden: number;
};

export type Layout = {
  readonly form: 'cards' | 'cells';
  readonly cell: { readonly size: number; readonly gap: number };
  readonly width: number;
  readonly height: number;
  readonly clusters: readonly ClusterBox[];
  /** Terminated instances, which are not drawn. */
  readonly over: number;
};

export const HEAD = 30;
export const PAD = 10;
export const CARD = { height: 42, gap: 6 };
const CLUSTER_HEAD = 34;
const CLUSTER_GAP = 22;
const BOX_GAP = 12;
/** From here on instances are cells. */
const MOST_CARDS = 60;
/** Instances on one node from which cells are small. */
const CROWDED = 300;
const MOST_NODES = 60;

const byId = (a: Instance, b: Instance): number => (a.instanceId < b.instanceId ? -1 : 1);

type Crowd = { readonly node: string | null; readonly instances: readonly Instance[] };

/** Every node of a cluster with what is on it, by name; those that are nowhere come last. */
const crowdsOf = (name: string, nodes: readonly string[], instances: readonly Instance[]): readonly Crowd[] => {
  const byNode = Map.groupBy(
    instances.filter(({ cluster }) => cluster === name),
    ({ node }) => node,
  );
  const names = [...new Set([...nodes, ...[...byNode.keys()].filter((node) => node !== null)])].toSorted();
  const nowhere = byNode.get(null) ?? [];
  return [
    ...names.map((node): Crowd => ({ node, instances: (byNode.get(node) ?? []).toSorted(byId) })),
    ...(nowhere.length > 0 ? [{ node: null, instances: nowhere.toSorted(byId) }] : []),
  ];
};

type Form = Pick<Layout, 'form' | 'cell'>;

export const cellColumns = (width: number, { size, gap }: Layout['cell']): number =>
  Math.max(1, Math.floor((width - 2 * PAD + gap) / (size + gap)));

const boxHeight = (count: number, width: number, { form, cell }: Form): number => {
  if (count === 0) return HEAD + PAD + 12;
  if (form === 'cards') return HEAD + PAD + count * (CARD.height + CARD.gap) - CARD.gap;
  const rows = Math.ceil(count / cellColumns(width, cell));
  return HEAD + PAD + rows * (cell.size + cell.gap) - cell.gap;
};

/** Rows of boxes of one width, each row as high as its highest box. */
const placed = (
  cluster: string,
  crowds: readonly Crowd[],
  top: number,
  width: number,
  form: Form,
): readonly NodeBox[] => {
  const least = form.form === 'cards' ? 250 : 200;
  const columns = Math.max(1, Math.min(Math.max(crowds.length, 1), Math.floor((width + BOX_GAP) / (least + BOX_GAP))));
  const boxWidth = Math.min(Math.floor((width - (columns - 1) * BOX_GAP) / columns), form.form === 'cards' ? 420 : 640);
  const boxes: NodeBox[] = [];
  let y = top;
  for (let start = 0; start < crowds.length; start += columns) {
    const row = crowds.slice(start, start + columns);
    const height = Math.max(...row.map(({ instances }) => boxHeight(instances.length, boxWidth, form)));
    row.forEach((crowd, i) => {
      boxes.push({ ...crowd, cluster, x: i * (boxWidth + BOX_GAP), y, width: boxWidth, height });
    });
    y += height + BOX_GAP;
  }
  return boxes;
};

/** `all`: the cluster of which every node is drawn. */
export const layoutOf = (network: Network, width: number, all: string | undefined): Layout => {
  const drawn = network.instances.filter((instance) => !isOver(instance));
  const names = new Map(network.clusters.map((cluster) => [cluster.name, cluster]));
  const orphaned = drawn.map(({ cluster }) => cluster).filter((cluster) => !names.has(cluster));
  const crowds = [...Map.groupBy(drawn, ({ node }) => node).values()];
  const largest = Math.max(0, ...crowds.map(({ length }) => length));
  const form: Form = {
    form: drawn.length <= MOST_CARDS ? 'cards' : 'cells',
    cell: largest > CROWDED ? { size: 7, gap: 2 } : { size: 12, gap: 3 },
  };
  const clusters: ClusterBox[] = [];
  let y = 0;
  for (const name of new Set([...names.keys(), ...orphaned])) {
    const known = names.get(name);
    const crowds = crowdsOf(name, known?.nodes.map((node) => node.name) ?? [], drawn);
    const most = name === all ? crowds.length : MOST_NODES;
    // Those on no node are what needs an eye: they are never among the hidden.
    const shown = crowds.length <= most ? crowds : [...crowds.slice(0, most - 1), ...crowds.slice(-1)];
    const boxes = placed(name, shown, y + CLUSTER_HEAD, width, form);
    const bottom = Math.max(y + CLUSTER_HEAD + 8, ...boxes.map((box) => box.y + box.height));
    clusters.push({
      ...{ name, y, boxes, height: bottom - y },
      state: known?.state ?? (network.account === undefined ? 'not registered' : ''),
      nodes: crowds.filter(({ node }) => node !== null).length,
      instances: crowds.reduce((count, { instances }) => count + instances.length, 0),
      hidden: crowds.length - shown.length,
    });
    y = bottom + CLUSTER_GAP;
  }
  const over = network.instances.length - drawn.length;
  return { ...form, width, height: Math.max(40, y - CLUSTER_GAP + 2), clusters, over };
};

/** Upper left corner of the instance with this number in its box. */
export const cornerOf = (layout: Form, box: NodeBox, index: number): { readonly x: number; readonly y: number } => {
  if (layout.form === 'cards') return { x: box.x + PAD, y: box.y + HEAD + index * (CARD.height + CARD.gap) };
  const columns = cellColumns(box.width, layout.cell);
  const step = layout.cell.size + layout.cell.gap;
  return { x: box.x + PAD + (index % columns) * step, y: box.y + HEAD + Math.floor(index / columns) * step };
};

/** The instance whose cell is at a point, undefined between cells. */
export const instanceAt = (layout: Layout, x: number, y: number): Instance | undefined => {
  if (layout.form === 'cards') return undefined;
  const inside = ({ boxes }: ClusterBox): NodeBox | undefined =>
    boxes.find((box) => x >= box.x && x < box.x + box.width && y >= box.y + HEAD && y < box.y + box.height);
  const box = layout.clusters.flatMap((cluster) => inside(cluster) ?? [])[0];
  if (box === undefined) return undefined;
  const step = layout.cell.size + layout.cell.gap;
  const column = Math.floor((x - box.x - PAD) / step);
  const columns = cellColumns(box.width, layout.cell);
  if (column < 0 || column >= columns) return undefined;
  return box.instances[Math.floor((y - box.y - HEAD) / step) * columns + column];
};
