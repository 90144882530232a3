/** The indexed addresses of a list of ranges: distinct, in listed order, drawn no further than asked. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { spaceOf } from '../../../src/domain/addressPool/addressSpace.ts';
import { addressesOf, type IpRange, rangesOf } from '../../../src/domain/ipRange.ts';

const anyRange = fc
  .tuple(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 12 }))
  .map(([lower, more]): IpRange => ({ lower, upper: lower + more }));

test('the same addresses, in the same order, as a walk over all of them', () => {
  fc.assert(
    fc.property(fc.array(anyRange, { maxLength: 8 }), (ranges) => {
      const expected = [...new Set(addressesOf(ranges))];
      const space = spaceOf(ranges);
      assert.deepEqual(
        expected.map((_, index) => space.at(index)),
        expected,
      );
      assert.equal(space.at(expected.length), undefined);
      assert.equal(space.size(), expected.length);
      for (let address = 0; address < 80; address += 1) {
        assert.equal(spaceOf(ranges).indexOf(address), expected.indexOf(address));
        assert.equal(space.has(address), expected.includes(address));
      }
    }),
    { seed: 1 },
  );
});

test('ranges are drawn only when asked for', () => {
  const looked: number[] = [];
  const ranges: IpRange[] = [];
  for (const [index, range] of rangesOf(['10.0.0.0-10.0.0.9', '10.0.1.0', '10.0.2.0']).entries()) {
    const get = (): IpRange => {
      looked.push(index);
      return range;
    };
    Object.defineProperty(ranges, index, { get });
  }
  const space = spaceOf(ranges);
  assert.deepEqual(looked, []);
  space.at(9);
  space.indexOf(0x0a000003);
  assert.equal(space.drawnIndexOf(0x0a000100), -1);
  assert.deepEqual(looked, [0]);
  assert.equal(space.indexOf(0x0a000100), 10);
  assert.deepEqual(looked, [0, 1]);
  assert.equal(space.size(), 12);
});

test('all of IPv4', () => {
  const space = spaceOf(rangesOf(['0.0.0.0-255.255.255.255', '10.0.0.0-10.255.255.255']));
  assert.equal(space.at(2 ** 32 - 1), 0xffffffff);
  assert.equal(space.indexOf(0xffffffff), 2 ** 32 - 1);
  assert.equal(space.size(), 2 ** 32);
});
