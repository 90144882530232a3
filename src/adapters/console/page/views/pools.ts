/** Address pools as bars: what is used, somebody's, dirty, and free. */
import type { PoolUse } from '../poolUse.ts';
import { classes, h, type Tree } from '../tree.ts';
import { counted, grouped } from '../words.ts';

/** Bars are drawn this wide and stretched. */
const WIDTH = 1000;
const HEIGHT = 10;
/** Pools of clusters that are shown in full, and as lines. */
const MOST_WHOLE = 3;
const MOST_BRIEF = 16;

type Part = { readonly name: string; readonly about: string; readonly count: number };

const partsOf = (pool: PoolUse): readonly Part[] => [
  { name: 'used', about: pool.name === 'Public' ? 'at an instance' : 'held', count: pool.used },
  { name: 'allocated', about: 'allocated, at no instance', count: pool.allocated },
  { name: 'dirty', about: 'dirty: released, not yet passed by every cluster', count: pool.dirty },
];

/** One address in a million is still a line. */
const widthOf = (count: number, size: number): number =>
  count === 0 || size === 0 ? 0 : Math.max(3, Math.round((count / size) * WIDTH));

const bar = (pool: PoolUse): Tree => {
  let x = 0;
  const segments = partsOf(pool).map(({ name, about, count }) => {
    const width = Math.min(widthOf(count, pool.size), WIDTH - x);
    const segment = h(
      'rect',
      { class: name, x, y: 0, width, height: HEIGHT },
      h('title', {}, `${grouped(count)} ${about}`),
    );
    x += width;
    return segment;
  });
  return h(
    'svg',
    { class: 'bar', viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    h('rect', { class: 'track', x: 0, y: 0, width: WIDTH, height: HEIGHT }),
    segments,
  );
};

const figureOf = (name: string, label: string, count: number): Tree =>
  h('span', { class: classes('part', name, count === 0 && 'none') }, h('b', {}, grouped(count)), ` ${label}`);

const isFull = ({ size, free }: PoolUse): boolean => size > 0 && free === 0;

const partsLine = (pool: PoolUse): Tree =>
  h(
    'div',
    { class: 'pool-parts' },
    figureOf('used', 'used', pool.used),
    pool.name === 'Public' && figureOf('allocated', 'allocated', pool.allocated),
    figureOf('dirty', 'dirty', pool.dirty),
    figureOf('free', 'free', pool.free),
    pool.outside > 0 && figureOf('outside', 'outside the ranges', pool.outside),
  );

const poolRow = (pool: PoolUse): Tree =>
  h(
    'li',
    { key: pool.name, class: classes(isFull(pool) && 'full') },
    h(
      'div',
      { class: 'pool-head' },
      h('strong', {}, pool.name),
      h('span', { class: 'soft' }, pool.size === 0 ? 'no addresses' : counted(pool.size, 'address', 'addresses')),
    ),
    bar(pool),
    partsLine(pool),
  );

/** Many pools take a line each, the fullest first. */
const briefRow = (pool: PoolUse): Tree =>
  h(
    'li',
    { key: pool.name, class: classes('brief', isFull(pool) && 'full') },
    h('span', {}, pool.name),
    bar(pool),
    h('span', { class: 'figure' }, `${grouped(pool.free)} free`),
    pool.dirty + pool.outside > 0 &&
      h(
        'span',
        { class: 'more soft' },
        [
          pool.dirty > 0 ? `${grouped(pool.dirty)} dirty` : '',
          pool.outside > 0 ? `${grouped(pool.outside)} outside` : '',
        ]
          .filter((said) => said !== '')
          .join(', '),
      ),
  );

const fullness = ({ size, free }: PoolUse): number => (size === 0 ? 0 : 1 - free / size);

export const pools = (shown: readonly PoolUse[]): Tree => {
  const [first, ...others] = shown;
  if (first === undefined) return h('p', { class: 'empty' }, 'There is no network configuration: no pools.');
  if (others.length <= MOST_WHOLE) return h('ul', { class: 'pools' }, shown.map(poolRow));
  const sorted = others.toSorted((a, b) => fullness(b) - fullness(a) || (a.name < b.name ? -1 : 1));
  return h(
    'div',
    {},
    h('ul', { class: 'pools' }, poolRow(first)),
    h('ul', { class: 'pools brief-pools' }, sorted.slice(0, MOST_BRIEF).map(briefRow)),
    sorted.length > MOST_BRIEF &&
      h('p', { class: 'soft note' }, `and ${counted(sorted.length - MOST_BRIEF, 'cluster')} with more room`),
  );
};
