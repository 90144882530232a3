/** Base64 of shared pieces, and the strictness of a C receiver. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { base64OfPieces, decodeNetworkInfo } from '../../../src/adapters/soap/base64.ts';
import { isRefusal } from '../../../src/domain/refusals.ts';

const joined = (pieces: readonly Uint8Array[]): Buffer => Buffer.concat(pieces);

test('however a document is cut, its base64 is the base64 of the whole', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 9 }), { maxLength: 12 }), (pieces) => {
      const whole = joined(pieces);
      assert.equal(joined(base64OfPieces(pieces)).toString('latin1'), whole.toString('base64'));
    }),
    { numRuns: 500 },
  );
});

test('what was encoded in pieces decodes to the document, with one trailing line feed or none', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 50 }), { minLength: 1, maxLength: 5 }), (pieces) => {
      const encoded = base64OfPieces(pieces);
      assert.deepEqual(decodeNetworkInfo(encoded), joined(pieces));
      assert.deepEqual(decodeNetworkInfo([...encoded, '\n']), joined(pieces));
    }),
  );
});

const refused: readonly (readonly [string, string])[] = [
  ['a leading line feed', '\nQUJD'],
  ['two trailing line feeds', 'QUJD\n\n'],
  ['a carriage return', 'QUJD\r\n'],
  ['lines of 76 columns', `${'QUJD'.repeat(19)}\nQUJD`],
  ['a blank inside', 'QU JD'],
  ['the URL-safe alphabet', '-_-_'],
  ['missing padding', 'QQ'],
  ['padding in the middle', 'QQ==QUJD'],
  ['too much padding', 'QUJD===='],
  ['stray bits in the last digit', 'QR=='],
  ['a NUL', 'QUJD\u0000'],
  ['no base64 at all', '<network-data/>'],
  ['letters beyond ASCII', 'QUJDé==='],
];

for (const [what, text] of refused) {
  test(`refused: ${what}`, () => {
    const outcome = decodeNetworkInfo([text]);
    assert.ok(isRefusal(outcome));
    assert.equal(outcome.refused, 'network-info-not-base64');
    assert.equal(outcome.member, 'networkInfo');
  });
}

test('a missing document is told apart from a bad one', () => {
  for (const pieces of [[], [''], ['\n']]) {
    const outcome = decodeNetworkInfo(pieces);
    assert.ok(isRefusal(outcome));
    assert.equal(outcome.refused, 'network-info-missing');
  }
});
