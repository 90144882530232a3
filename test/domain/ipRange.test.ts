import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  addressesOf,
  blockFromSubnet,
  countAddresses,
  formatRange,
  type IpRange,
  inMergedRanges,
  inRanges,
  mergeRanges,
  parseRange,
  rangeContains,
  rangeFromSubnet,
  rangeSize,
  rangesOf,
  rangesOverlap,
  splitRange,
  subtractRanges,
} from '../../src/domain/ipRange.ts';
import { highestIpv4 } from '../../src/domain/ipv4.ts';

/** Ranges within 64 addresses at the bottom or at the very top of IPv4, so that a set of numbers is a complete model. */
const small = fc
  .tuple(fc.constantFrom(0, highestIpv4 - 63), fc.integer({ min: 0, max: 63 }), fc.integer({ min: 0, max: 63 }))
  .map(([base, a, b]): IpRange => ({ lower: base + Math.min(a, b), upper: base + Math.max(a, b) }));
const smallList = fc.array(small, { maxLength: 6 });
const probe = fc
  .tuple(fc.constantFrom(0, highestIpv4 - 63), fc.integer({ min: 0, max: 63 }))
  .map(([base, offset]) => base + offset);

const model = (ranges: readonly IpRange[]): ReadonlySet<number> => new Set(addressesOf(ranges));
const sorted = (addresses: Iterable<number>): readonly number[] => [...addresses].sort((a, b) => a - b);

test('text and range are each other again', () => {
  fc.assert(
    fc.property(small, (range) => {
      assert.deepEqual(parseRange(formatRange(range)), range);
    }),
  );
});

test('size is the number of addresses drawn, and they ascend from end to end', () => {
  fc.assert(
    fc.property(small, (range) => {
      const drawn = [...addressesOf([range])];
      assert.equal(drawn.length, rangeSize(range));
      assert.deepEqual(drawn, sorted(drawn));
      assert.deepEqual([drawn[0], drawn.at(-1)], [range.lower, range.upper]);
    }),
  );
});

test('contains and overlaps agree with sets', () => {
  fc.assert(
    fc.property(small, small, (a, b) => {
      const inA = model([a]);
      const inB = [...model([b])];
      assert.equal(
        rangeContains(a, b),
        inB.every((address) => inA.has(address)),
      );
      assert.equal(
        rangesOverlap(a, b),
        inB.some((address) => inA.has(address)),
      );
    }),
  );
});

test('splitting removes exactly the one address', () => {
  fc.assert(
    fc.property(small, probe, (range, address) => {
      const pieces = splitRange(range, address);
      const expected = [...model([range])].filter((other) => other !== address);
      assert.deepEqual([...addressesOf(pieces)], expected);
      assert.ok(pieces.length <= 2);
    }),
  );
});

test('merged ranges hold the same addresses in ascending order with gaps between them', () => {
  fc.assert(
    fc.property(smallList, probe, (ranges, address) => {
      const merged = mergeRanges(ranges);
      assert.deepEqual([...addressesOf(merged)], sorted(model(ranges)));
      assert.ok(merged.every((range, i) => i === 0 || range.lower > (merged[i - 1]?.upper ?? 0) + 1));
      assert.equal(countAddresses(ranges), model(ranges).size);
      assert.equal(inRanges(ranges, address), model(ranges).has(address));
      assert.equal(inMergedRanges(merged, address), model(ranges).has(address));
    }),
  );
});

test('subtracting ranges leaves what only the first have', () => {
  fc.assert(
    fc.property(smallList, smallList, (ranges, others) => {
      const taken = model(others);
      const expected = sorted([...model(ranges)].filter((address) => !taken.has(address)));
      assert.deepEqual([...addressesOf(subtractRanges(ranges, others))], expected);
    }),
    { numRuns: 500 },
  );
});

test('a list keeps its order and its overlaps', () => {
  const ranges = rangesOf(['10.0.0.3-10.0.0.5', 'junk', '10.0.0.4']);
  assert.deepEqual(
    [...addressesOf(ranges)].map((address) => address - 0x0a000000),
    [3, 4, 5, 4],
  );
});

test('all of IPv4 is a range that is drawn from lazily', () => {
  const everything = parseRange('0.0.0.0-255.255.255.255');
  assert.ok(everything);
  assert.equal(rangeSize(everything), 2 ** 32);
  const drawn = addressesOf([everything]);
  assert.deepEqual([drawn.next().value, drawn.next().value], [0, 1]);
});

test('white space and empty parts are dropped, everything else about the form is strict', () => {
  const one = { lower: 0x0a000001, upper: 0x0a000001 };
  for (const text of [
    '10.0.0.1',
    '-10.0.0.1',
    '10.0.0.1-',
    '10.0.0.1 - ',
    '\t10.0.0.1\n',
    '--10.0.0.1--',
    '10.0.0.1-10.0.0.1',
  ]) {
    assert.deepEqual(parseRange(text), one, JSON.stringify(text));
  }
  assert.deepEqual(parseRange('10.0.0.1--10.0.0.5'), { lower: 0x0a000001, upper: 0x0a000005 });
  assert.deepEqual(parseRange(' 10.0.0.1 - 10.0.0.5 '), { lower: 0x0a000001, upper: 0x0a000005 });
  const bad = [
    '',
    ' ',
    '-',
    '10.0.0.5-10.0.0.1',
    '10.0.0.1-10.0.0.5-',
    'a-b-c',
    '10.0.0.0/24',
    '10.0.0.1-5',
    '::1',
    '10.0.0.1\u201310.0.0.5',
    '10.0.0.1, 10.0.0.2',
    '10.0.0.1 10.0.0.2',
    '10.0.0.1-::2',
    '10.0.0.1\v',
    '\f10.0.0.1-10.0.0.2',
  ];
  for (const text of bad) assert.equal(parseRange(text), undefined, JSON.stringify(text));
});

test('a subnet gives its usable hosts, or the whole block when there are none', () => {
  const text = (subnet: number, netmask: number): string => formatRange(rangeFromSubnet(subnet, netmask));
  assert.equal(text(0x0a000000, 0xffffff00), '10.0.0.1-10.0.0.254');
  assert.equal(text(0x0a0000fe, 0xfffffffc), '10.0.0.253-10.0.0.254');
  assert.equal(text(0x0a000004, 0xfffffffe), '10.0.0.4-10.0.0.5');
  assert.equal(text(0x0a000004, 0xffffffff), '10.0.0.4');
  assert.equal(text(0xffffffff, 0), '0.0.0.1-255.255.255.254');
  assert.equal(formatRange(blockFromSubnet(0x0a0000fe, 0xffffff00)), '10.0.0.0-10.0.0.255');
});
