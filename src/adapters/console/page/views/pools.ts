/** Address pools as bars: what is used, what is somebody's or dirty, and what is free. */
import type { AddressPools, PrivatePool, PublicPool } from '../answers.ts';
import { type Child, classes, h, type Tree } from '../tree.ts';
import { counted, grouped } from '../words.ts';

/** Bars are drawn this wide and stretched. */
const WIDTH = 1000;
const HEIGHT = 10;
/** Pools of clusters that are shown in full, and as lines. */
const MOST_WHOLE = 3;
const MOST_BRIEF = 16;

type Part = { readonly name: 'used' | 'allocated' | 'dirty'; readonly about: string; readonly count: number };
type Pool = { readonly size: number; readonly free: number; readonly outside: number };

const publicParts = ({ assigned, allocated }: PublicPool): readonly Part[] => [
  { name: 'used', about: 'at instances', count: assigned },
  { name: 'allocated', about: 'allocated, at no instance', count: allocated },
];

const privateParts = ({ held, quarantined }: PrivatePool): readonly Part[] => [
  { name: 'used', about: 'held', count: held },
  { name: 'dirty', about: 'dirty', count: quarantined },
];

/** One address in a million is still a line. */
const widthOf = (count: number, size: number): number =>
  count === 0 || size === 0 ? 0 : Math.max(3, Math.round((count / size) * WIDTH));

const bar = ({ size }: Pool, parts: readonly Part[]): Tree => {
  let x = 0;
  const segments = parts.map(({ name, about, count }) => {
    const width = Math.min(widthOf(count, size), WIDTH - x);
    const said = h('title', {}, `${grouped(count)} ${about}`);
    const segment = h('rect', { key: name, class: name, x, y: 0, width, height: HEIGHT }, said);
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

const figureOf = (name: string, label: string, count: number, about = ''): Tree =>
  h(
    'span',
    { class: classes('part', name, count === 0 && 'none'), title: about === '' ? undefined : about },
    h('b', {}, grouped(count)),
    ` ${label}`,
  );

const isFull = ({ size, free }: Pool): boolean => size > 0 && free === 0;
const DIRTY = 'Released, but not every cluster has passed the release: nobody gets them yet';

const row = (name: string, pool: Pool, parts: readonly Part[], dirty: number, note: Child): Tree =>
  h(
    'li',
    { key: name, class: classes(isFull(pool) && 'full') },
    h(
      'div',
      { class: 'pool-head' },
      h('strong', {}, name),
      h('span', { class: 'soft' }, pool.size === 0 ? 'no addresses' : counted(pool.size, 'address', 'addresses')),
    ),
    bar(pool, parts),
    h(
      'div',
      { class: 'pool-parts' },
      parts
        .filter(({ name: part }) => part !== 'dirty')
        .map((part) => figureOf(part.name, part.name, part.count, part.about)),
      figureOf('dirty', 'dirty', dirty, DIRTY),
      figureOf('free', 'free', pool.free),
      pool.outside > 0 && figureOf('outside', 'outside the ranges', pool.outside),
    ),
    note,
  );

const publicRow = (pool: PublicPool): Tree => row('Public', pool, publicParts(pool), pool.dirty, false);

const privateRow = (pool: PrivatePool): Tree => {
  const shared =
    pool.sharedWith.length > 0 && h('p', { class: 'soft small' }, `shared with ${pool.sharedWith.join(', ')}`);
  return row(pool.cluster, pool, privateParts(pool), pool.quarantined, shared);
};

/** Many pools take a line each, the fullest first. */
const briefRow = (pool: PrivatePool): Tree => {
  const more = [
    pool.quarantined > 0 ? `${grouped(pool.quarantined)} dirty` : '',
    pool.outside > 0 ? `${grouped(pool.outside)} outside` : '',
  ].filter((said) => said !== '');
  return h(
    'li',
    { key: pool.cluster, class: classes('brief', isFull(pool) && 'full') },
    h('span', {}, pool.cluster),
    bar(pool, privateParts(pool)),
    h('span', { class: 'figure' }, `${grouped(pool.free)} free`),
    more.length > 0 && h('span', { class: 'more soft' }, more.join(', ')),
  );
};

const fullness = ({ size, free }: Pool): number => (size === 0 ? 0 : 1 - free / size);

export const pools = (shown: AddressPools): Tree => {
  const { public: outer, private: inner } = shown;
  if (outer.size + outer.outside === 0 && inner.length === 0) {
    return h('p', { class: 'empty' }, 'The configuration gives no addresses.');
  }
  if (inner.length <= MOST_WHOLE) return h('ul', { class: 'pools' }, publicRow(outer), inner.map(privateRow));
  const sorted = inner.toSorted((a, b) => fullness(b) - fullness(a) || (a.cluster < b.cluster ? -1 : 1));
  const rest = sorted.length - MOST_BRIEF;
  return h(
    'div',
    {},
    h('ul', { class: 'pools' }, publicRow(outer)),
    h('ul', { class: 'pools brief-pools' }, sorted.slice(0, MOST_BRIEF).map(briefRow)),
    rest > 0 && h('p', { class: 'soft note' }, `and ${counted(rest, 'cluster')} with more room`),
  );
};
