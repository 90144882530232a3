/** Who was not let in stands in the journal, and a flood of them does not fill it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createDenials } from '../../src/roles/denials.ts';

const denial = { requestId: 'r', method: 'GET', path: '/v1/events', code: 'unauthenticated', actor: 'anonymous' };

test('each is noted, beyond a few a second they are counted', () => {
  const noted: (readonly [string, object])[] = [];
  let now = 5_000;
  const deny = createDenials({ note: (what, facts = {}) => void noted.push([what, facts]) }, () => now);
  deny(denial);
  assert.deepEqual(noted, [['a request was not let in', denial]]);
  for (let i = 0; i < 1_000; i += 1) deny(denial);
  assert.equal(noted.length, 20);
  now += 1_000;
  deny(denial);
  assert.deepEqual(noted.slice(20), [
    ['more requests were not let in', { times: 981 }],
    ['a request was not let in', denial],
  ]);
});
