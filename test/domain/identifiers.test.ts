import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isDomainName } from '../../src/domain/domainName.ts';
import {
  canonicalGroupId,
  canonicalIdentifier,
  canonicalInstanceId,
  isAccountNumber,
} from '../../src/domain/identifiers.ts';
import { isMacAddress, isMacPrefix, macAddress } from '../../src/domain/mac.ts';

const digits = fc.integer({ min: 0, max: 0xffffffff }).map((number) => number.toString(16).padStart(8, '0'));

test('only the hex digits are folded, and folding twice is folding once', () => {
  fc.assert(
    fc.property(digits, (hex) => {
      assert.equal(canonicalInstanceId(`i-${hex.toUpperCase()}`), `i-${hex}`);
      assert.equal(canonicalInstanceId(`i-${hex}`), `i-${hex}`);
    }),
  );
  assert.equal(canonicalIdentifier('XX-XX-A0000000', 'XX-XX'), 'XX-XX-a0000000');
  assert.equal(canonicalGroupId('sg-0000000F'), 'sg-0000000f');
});

test('another prefix, another case of it, or another number of digits is refused', () => {
  for (const text of [
    'I-00000000',
    'i-0000000',
    'i-000000000',
    'i-0000000g',
    'i00000000',
    '-00000000',
    'sg-00000000',
    ' i-00000000',
    'i-00000000\n',
    'i-',
  ]) {
    assert.equal(canonicalInstanceId(text), undefined, JSON.stringify(text));
  }
  assert.equal(canonicalIdentifier('-00000000'), undefined);
});

test('an account is twelve digits', () => {
  assert.ok(isAccountNumber('000000000002'));
  for (const text of ['2', '0000000000002', '00000000000a', '']) assert.ok(!isAccountNumber(text));
});

test('the MAC address is the prefix and the digits of the id, different for different ids', () => {
  assert.equal(macAddress('D0:0D', 'i-a7f05959'), 'd0:0d:a7:f0:59:59');
  fc.assert(
    fc.property(digits, digits, (a, b) => {
      const [first, second] = [macAddress('d0:0d', `i-${a}`), macAddress('d0:0d', `i-${b}`)];
      assert.ok(isMacAddress(first));
      assert.equal(first === second, a === b);
    }),
  );
});

test('a MAC prefix is two octets', () => {
  assert.ok(isMacPrefix('d0:0d') && isMacPrefix('D0:0D'));
  for (const text of ['', 'd0-0d', 'd0:0', 'd0:0d:', 'd0:0g', ' d0:0d', 'd0:0d\n'])
    assert.ok(!isMacPrefix(text), JSON.stringify(text));
});

test('domain names follow the rules of the configuration', () => {
  const label = 'a'.repeat(63);
  const good = [
    'eucalyptus.internal',
    'a',
    'a.b.',
    '1.a',
    'a_b.c-d',
    'x\u3002y',
    'b\u00fccher.de',
    `${label}.${label}.${label}.${'a'.repeat(61)}`,
    Array(126).fill('a').join('.'),
  ];
  for (const name of good) assert.ok(isDomainName(name), name);
  const bad = [
    '',
    '.',
    '.eucalyptus.internal',
    'a..b',
    'a.1b',
    'a b.c',
    '-a.b',
    'a-.b',
    '_a',
    'a_',
    '*.a',
    'a:80',
    `${label}a`,
    `${label}.${label}.${label}.${'a'.repeat(62)}`,
    Array(128).fill('a').join('.'),
    'a.b..',
    '127.0.0.1',
    'a\uFFFF.b',
  ];
  for (const name of bad) assert.ok(!isDomainName(name), name);
});
