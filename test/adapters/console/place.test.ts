/** Where somebody is can be written down, sent, and read again; and it never is a key. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  fragmentOf,
  linkTo,
  type Place,
  placeMembers,
  placeOf,
  positionIn,
} from '../../../src/adapters/console/page/place.ts';

const anyPlace = fc
  .dictionary(fc.constantFrom(...placeMembers), fc.string({ minLength: 1, maxLength: 40, unit: 'grapheme' }))
  .map((members): Place => members);

test('what was written is read again', () => {
  fc.assert(
    fc.property(anyPlace, (place) => {
      assert.deepEqual(placeOf(fragmentOf(place)), { ...place });
    }),
  );
});

test('any fragment is a place, of known members only', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const place = placeOf(`#${text}`);
      assert.ok(Object.keys(place).every((member) => (placeMembers as readonly string[]).includes(member)));
      assert.deepEqual(placeOf(fragmentOf(place)), place);
    }),
  );
  assert.deepEqual(placeOf('#key=el_secret&at=3&__proto__=x'), { at: '3' });
  assert.equal(placeOf(`#find=${'x'.repeat(5000)}`).find?.length, 400);
});

test('a link changes some members and keeps the others', () => {
  assert.equal(linkTo({ at: '3', select: 'i-1' }, { select: 'i-2' }), '#at=3&select=i-2');
  assert.equal(linkTo({ at: '3' }, { at: '' }), '#now');
  assert.deepEqual(placeOf('#now'), {});
});

test('only whole numbers are positions', () => {
  assert.equal(positionIn({ at: '30' }, 'at'), 30);
  for (const at of ['', '-1', '1.5', '1e3', 'x', '9'.repeat(16)]) assert.equal(positionIn({ at }, 'at'), undefined, at);
});
