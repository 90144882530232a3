/** The network as a picture: clusters, nodes, instances in the colours of their groups, addresses. Everything in it is a link. */
import type { Instance } from '../answers.ts';
import { type Looks, lookOf } from '../findings.ts';
import { notchPath } from '../notch.ts';
import { CARD, type ClusterBox, cornerOf, HEAD, type Layout, type NodeBox, PAD } from '../pictureLayout.ts';
import { linkTo, type Place } from '../place.ts';
import { classes, h, type Tree } from '../tree.ts';
import { counted, stateWords } from '../words.ts';

export type Tones = ReadonlyMap<string, 'good' | 'bad' | 'unsure'>;
export const toneKey = (cluster: string, node: string): string => `${cluster} ${node}`;

export type Drawing = {
  readonly layout: Layout;
  readonly looks: Looks;
  readonly place: Place;
  /** Instances that stand out; empty: none does, and nothing is dimmed. */
  readonly marked: ReadonlySet<string>;
  /** By cluster and node, whether it has what is wanted; empty when the picture is not of now. */
  readonly tones: Tones;
};

const isMarked = ({ marked }: Drawing, { instanceId }: Instance): boolean => marked.has(instanceId);
const isDimmed = (drawing: Drawing, instance: Instance): boolean =>
  drawing.marked.size > 0 && !isMarked(drawing, instance);

const isSelected = ({ place }: Drawing, id: string): boolean => place.select === id;

export const described = (instance: Instance): string =>
  [
    instance.instanceId,
    stateWords(instance.state),
    instance.privateAddress === null ? 'no private address' : `private ${instance.privateAddress}`,
    instance.publicAddress === null ? '' : `elastic ${instance.publicAddress}`,
    instance.node === null ? 'on no node' : `on ${instance.node}`,
  ]
    .filter((word) => word !== '')
    .join(', ');

const isRunning = ({ state }: Instance): boolean => state === 'RUNNING';

/** A stripe per group, at most three. */
const stripes = (drawing: Drawing, instance: Instance, x: number, y: number): readonly Tree[] => {
  const groups = instance.groups.slice(0, 3);
  const height = CARD.height / Math.max(1, groups.length);
  return (groups.length === 0 ? [undefined] : groups).flatMap((groupId, i) => {
    const { colour, notch } = lookOf(drawing.looks, groupId);
    const stripe = { x, y: y + i * height, width: 5, height };
    return [
      h('rect', { class: classes('fill', colour), ...stripe }),
      ...(notch === undefined ? [] : [h('path', { class: 'notch', d: notchPath(notch, stripe) })]),
    ];
  });
};

/** Width of text in the fixed font of cards, near enough for a frame around it. */
const monoWidth = (text: string): number => Math.ceil(text.length * 6.9);

const elasticMark = (address: string, right: number, y: number): Tree => {
  const width = monoWidth(address) + 14;
  return h(
    'g',
    { class: 'elastic' },
    h('rect', { x: right - width, y: y - 12, width, height: 17, rx: 8.5 }),
    h('text', { class: 'mono', x: right - width / 2, y, 'text-anchor': 'middle' }, address),
  );
};

const card = (drawing: Drawing, box: NodeBox, instance: Instance, index: number): Tree => {
  const { x, y } = cornerOf(drawing.layout, box, index);
  const width = box.width - 2 * PAD;
  const name = classes(
    'card',
    !isRunning(instance) && 'idle',
    isDimmed(drawing, instance) && 'dim',
    isSelected(drawing, instance.instanceId) && 'selected',
  );
  return h(
    'a',
    {
      key: instance.instanceId,
      class: name,
      href: linkTo(drawing.place, { select: instance.instanceId }),
      'aria-label': described(instance),
    },
    h('title', {}, described(instance)),
    h('rect', { class: 'frame', x, y, width, height: CARD.height }),
    stripes(drawing, instance, x, y),
    h('text', { class: 'mono strong', x: x + 14, y: y + 17 }, instance.instanceId),
    !isRunning(instance) &&
      h('text', { class: 'soft', x: x + width - 9, y: y + 15, 'text-anchor': 'end' }, stateWords(instance.state)),
    h('text', { class: 'mono soft', x: x + 14, y: y + 34 }, instance.privateAddress ?? 'no address'),
    instance.publicAddress !== null && elasticMark(instance.publicAddress, x + width - 7, y + 34.5),
  );
};

const square = (x: number, y: number, size: number): string => `M${x} ${y}h${size}v${size}h-${size}z`;

/** What of a cell is drawn over what, from below: otherwise a square would hide the mark of one that came before it. */
const LAYERS = ['square', 'notch', 'dot', 'ring'] as const;
type Layer = (typeof LAYERS)[number];

/** Paths by layer and class name: what looks alike is one element, however much of it there is. */
const createPaths = () => {
  const paths = new Map<Layer, Map<string, string[]>>(LAYERS.map((layer) => [layer, new Map()]));
  return {
    add: (layer: Layer, name: string, path: string): void => {
      const named = paths.get(layer);
      const known = named?.get(name);
      if (known === undefined) named?.set(name, [path]);
      else known.push(path);
    },
    elements: (): readonly Tree[] =>
      [...paths.values()].flatMap((named) =>
        [...named].map(([name, path]) => h('path', { key: name, class: name, d: path.join('') })),
      ),
  };
};

const cells = (drawing: Drawing, box: NodeBox): readonly Tree[] => {
  const { size } = drawing.layout.cell;
  const { add, elements } = createPaths();
  box.instances.forEach((instance, index) => {
    const { x, y } = cornerOf(drawing.layout, box, index);
    const { colour, notch } = lookOf(drawing.looks, instance.groups[0]);
    const dim = isDimmed(drawing, instance) && 'dim';
    if (isRunning(instance)) add('square', classes('fill', colour, dim), square(x, y, size));
    else add('square', classes('hollow', colour, dim), square(x + 1, y + 1, size - 2));
    if (notch !== undefined) {
      const name = isRunning(instance) ? classes('notch', dim) : classes('notch hollow', colour, dim);
      add('notch', name, notchPath(notch, { x, y, width: size, height: size }));
    }
    if (instance.publicAddress !== null)
      add('dot', classes('dot', dim), square(x + size / 2 - 1.5, y + size / 2 - 1.5, 3));
    if (isSelected(drawing, instance.instanceId)) add('ring', 'ring', square(x - 1.5, y - 1.5, size + 3));
  });
  return elements();
};

const said = { good: 'has what is wanted', bad: 'is behind', unsure: 'is unknown' } as const;

const mark = (drawing: Drawing, box: NodeBox): Tree | false => {
  const tone = drawing.tones.get(toneKey(box.cluster, box.node ?? ''));
  if (tone === undefined) return false;
  return h(
    'g',
    { class: classes('mark', tone) },
    h('title', {}, `${box.node} ${said[tone]}`),
    tone === 'bad'
      ? h('path', { d: `M${box.x + PAD + 4} ${box.y + 9.5}l5.5 5.5l-5.5 5.5l-5.5 -5.5z` })
      : h('circle', { cx: box.x + PAD + 4, cy: box.y + 15, r: 4 }),
  );
};

const nodeName = (drawing: Drawing, box: NodeBox, hasMark: boolean): Tree => {
  const x = box.x + PAD + (hasMark ? 15 : 0);
  const label = h('text', { class: 'strong', x, y: box.y + 19 }, box.node ?? 'on no node');
  if (box.node === null) return label;
  const name = classes('name', isSelected(drawing, box.node) && 'selected');
  const about = `node ${box.node}, ${counted(box.instances.length, 'instance')}`;
  return h('a', { class: name, href: linkTo(drawing.place, { select: box.node }), 'aria-label': about }, label);
};

const nodeBox = (drawing: Drawing, box: NodeBox): Tree => {
  const sign = mark(drawing, box);
  const count = box.instances.length;
  return h(
    'g',
    { key: `${box.cluster} ${box.node ?? ''}`, class: classes('node', box.node === null && 'nowhere') },
    h('rect', { class: 'frame', x: box.x, y: box.y, width: box.width, height: box.height }),
    sign,
    nodeName(drawing, box, sign !== false),
    h(
      'text',
      { class: 'soft', x: box.x + box.width - PAD, y: box.y + 19, 'text-anchor': 'end' },
      counted(count, 'instance'),
    ),
    count === 0 && h('text', { class: 'soft', x: box.x + PAD, y: box.y + HEAD + 8 }, 'empty'),
    drawing.layout.form === 'cards'
      ? box.instances.map((instance, index) => card(drawing, box, instance, index))
      : cells(drawing, box),
  );
};

const clusterBox = (drawing: Drawing, cluster: ClusterBox): Tree =>
  h(
    'g',
    { key: cluster.name, class: classes('cluster', cluster.state !== 'enabled' && cluster.state !== '' && 'off') },
    h(
      'a',
      { class: 'name', href: linkTo(drawing.place, { select: cluster.name }), 'aria-label': `cluster ${cluster.name}` },
      h('text', { class: 'title', x: 0, y: cluster.y + 18 }, cluster.name),
    ),
    h(
      'text',
      { class: 'soft', x: drawing.layout.width - 1, y: cluster.y + 18, 'text-anchor': 'end' },
      [cluster.state, counted(cluster.nodes, 'node'), counted(cluster.instances, 'instance')]
        .filter((word) => word !== '')
        .join(' · '),
    ),
    cluster.boxes.map((box) => nodeBox(drawing, box)),
  );

export const picture = (drawing: Drawing): Tree => {
  const { layout } = drawing;
  const count = layout.clusters.reduce((sum, { instances }) => sum + instances, 0);
  const label = `The network: ${counted(layout.clusters.length, 'cluster')}, ${counted(count, 'instance')}`;
  return h(
    'svg',
    {
      ...{ class: 'picture', 'data-act': 'picture', role: 'group', 'aria-label': label },
      ...{ width: layout.width, height: layout.height, viewBox: `0 0 ${layout.width} ${layout.height}` },
    },
    layout.clusters.map((cluster) => clusterBox(drawing, cluster)),
  );
};
