import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  cidrContains,
  cidrFromAddress,
  formatCidr,
  maskPrefix,
  parseCidr,
  parseRuleCidr,
  prefixMask,
} from '../../src/domain/cidr.ts';
import { blockFromSubnet, inRange } from '../../src/domain/ipRange.ts';
import { formatIpv4, highestIpv4 } from '../../src/domain/ipv4.ts';

const address = fc.integer({ min: 0, max: highestIpv4 });
const prefix = fc.integer({ min: 0, max: 32 });

test('the block of an address contains it and is read back from its text', () => {
  fc.assert(
    fc.property(address, prefix, (member, length) => {
      const cidr = cidrFromAddress(member, length);
      assert.ok(cidrContains(cidr, member));
      assert.deepEqual(parseCidr(formatCidr(cidr)), cidr);
    }),
  );
});

test('a block contains exactly the addresses of its range', () => {
  fc.assert(
    fc.property(address, prefix, address, (base, length, other) => {
      const cidr = cidrFromAddress(base, length);
      assert.equal(cidrContains(cidr, other), inRange(blockFromSubnet(cidr.address, prefixMask(length)), other));
    }),
  );
});

test('a strict block has no host bits, a rule source is rounded down', () => {
  fc.assert(
    fc.property(address, prefix, (base, length) => {
      const text = `${formatIpv4(base)}/${length}`;
      const rounded = cidrFromAddress(base, length);
      assert.deepEqual(parseRuleCidr(text), rounded);
      assert.deepEqual(parseCidr(text), rounded.address === base ? rounded : undefined);
    }),
  );
});

test('what the library behind would accept does not get through', () => {
  const forms = [
    '010.0.0.0/8',
    '0x0a.0.0.0/8',
    '10/8',
    '10.1/16',
    '0',
    '4294967296/32',
    '10.0.0.0/255.0.0.0',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/+8',
    '10.0.0.0/08',
    '10.0.0.0/8.0',
    '10.0.0.0/8x',
    '::/0',
    '10.0.0.0/8/',
    '',
  ];
  for (const text of forms) {
    assert.equal(parseCidr(text), undefined, JSON.stringify(text));
    assert.equal(parseRuleCidr(text), undefined, JSON.stringify(text));
  }
});

test('a rule source needs exactly one slash and no blanks', () => {
  assert.deepEqual(parseRuleCidr('10.1.2.3/8'), { address: 0x0a000000, prefix: 8 });
  for (const text of ['10.0.0.1', '10.0.0.0 /8', '10.0.0.0/ 8', '/8', '10.0.0.0/']) {
    assert.equal(parseRuleCidr(text), undefined, JSON.stringify(text));
  }
});

test('masks are runs of ones', () => {
  for (let length = 0; length <= 32; length += 1) assert.equal(maskPrefix(prefixMask(length)), length);
  fc.assert(
    fc.property(address, (mask) => {
      const run = /^1*0*$/.test(mask.toString(2).padStart(32, '0'));
      assert.equal(maskPrefix(mask) !== undefined, run);
    }),
  );
});

test('a prefix length outside 0 to 32 is a fault of the caller', () => {
  for (const length of [-1, 33, 1.5]) assert.throws(() => cidrFromAddress(0, length), RangeError);
});
