import assert from 'node:assert/strict';
import { isIPv4, isIPv6 } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { isIpLiteral, isIpv6 } from '../../src/domain/ipLiteral.ts';
import { formatIpv4, highestIpv4, isIpv4, parseIpv4, parseIpv4Slice } from '../../src/domain/ipv4.ts';

const address = fc.integer({ min: 0, max: highestIpv4 });
/** Texts that look almost like addresses: where readers disagree. */
const nearlyAddress = fc
  .array(
    fc.constantFrom('0', '1', '2', '5', '9', '10', '00', '01', '255', '256', '.', '.', '.', ' ', '-', 'x', 'a', ':'),
    {
      maxLength: 9,
    },
  )
  .map((parts) => parts.join(''));

test('an address read from its text is the same number again', () => {
  fc.assert(fc.property(address, (number) => parseIpv4(formatIpv4(number)) === number));
});

test('the reader accepts exactly what the platform accepts', () => {
  fc.assert(
    fc.property(
      fc.oneof(nearlyAddress, fc.ipV4(), fc.string({ maxLength: 16 })),
      (text) => isIpv4(text) === isIPv4(text),
    ),
    { numRuns: 3000 },
  );
});

test('octal, short, oversized, signed and IPv6 forms are refused', () => {
  const forms = [
    '010.0.0.1',
    '10.0.0.01',
    '0x0a.0.0.1',
    '10.1',
    '0',
    '4294967296',
    '1.2.3.4.5',
    '+1.2.3.4',
    '::1',
    '',
    ' 1.2.3.4',
    '1.2.3.4\n',
    '1..2.3',
    '1.2.3.',
    '1.2.3.256',
    '1.2.3.1000',
  ];
  for (const text of forms) assert.equal(parseIpv4(text), undefined, JSON.stringify(text));
});

test('a slice is read without what stands around it', () => {
  assert.equal(parseIpv4Slice('x10.0.0.1-', 1, 9), 0x0a000001);
  assert.equal(parseIpv4Slice('x10.0.0.1-', 1, 10), undefined);
});

test('a number that is no address is a fault of the caller', () => {
  for (const number of [-1, highestIpv4 + 1, 0.5, Number.NaN]) assert.throws(() => formatIpv4(number), RangeError);
});

test('IP literals of both versions are those of the platform, without scope ids', () => {
  const groups = fc.array(fc.constantFrom('0', 'ffff', '1:2', ':', '::', '1.2.3.4', '12345', 'g', '%eth0'), {
    maxLength: 9,
  });
  const texts = fc.oneof(
    fc.ipV6(),
    groups.map((parts) => parts.join(':')),
    groups.map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(texts, (text) => isIpv6(text) === (isIPv6(text) && !text.includes('%'))),
    { numRuns: 3000 },
  );
  assert.ok(isIpLiteral('10.0.0.1') && isIpLiteral('::1') && isIpLiteral('::ffff:10.0.0.1'));
  assert.ok(!isIpLiteral('ns1.example.com') && !isIpLiteral('[::1]') && !isIpLiteral(''));
});
