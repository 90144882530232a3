/** Small parts of the door: moments, negotiation, cursors, derived ids. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { derivedDigits, derivedUuid, fingerprintOf } from '../../../src/adapters/http/ids.ts';
import { momentOf, timeOf } from '../../../src/adapters/http/moments.ts';
import { prefers } from '../../../src/adapters/http/negotiation.ts';
import { pageOf, recordCollection } from '../../../src/adapters/http/reads.ts';
import type { Exchange } from '../../../src/adapters/http/route.ts';
import { ajvOptions } from '../../../src/adapters/http/validation.ts';
import { isRefusal } from '../../../src/domain/refusals.ts';

test('moments', () => {
  assert.deepEqual(momentOf('17', 'at'), { position: 17 });
  assert.deepEqual(momentOf('2026-03-01T02:14Z', 'at'), { time: Date.UTC(2026, 2, 1, 2, 14) });
  assert.deepEqual(momentOf('2026-03-01T02:14:05.5+02:00', 'at'), { time: Date.UTC(2026, 2, 1, 0, 14, 5, 500) });
  assert.deepEqual(momentOf('0A000000-0000-8000-8000-000000000001', 'at'), {
    eventId: '0a000000-0000-8000-8000-000000000001',
  });
  for (const bad of [
    '',
    '-1',
    '1.5',
    '2026-03-01',
    '2026-03-01T02:14',
    '2026-02-29T00:00Z',
    '2026-13-01T00:00Z',
    '2026-01-01T25:00Z',
    'now',
    '1'.repeat(16),
  ]) {
    assert.ok(isRefusal(momentOf(bad, 'at')), bad);
  }
  assert.equal(timeOf('2024-02-29T00:00Z'), Date.UTC(2024, 1, 29));
});

test('law: every time we print can be asked for', () => {
  fc.assert(
    fc.property(
      fc.date({ min: new Date(0), max: new Date('2999-12-31T23:59:59Z'), noInvalidDate: true }),
      (date) => timeOf(date.toISOString()) === date.getTime(),
    ),
    { seed: 3 },
  );
});

test('negotiation', () => {
  const types = ['application/json', 'text/html'];
  const browser = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
  assert.equal(prefers(undefined, types), 'application/json');
  assert.equal(prefers('*/*', types), 'application/json');
  assert.equal(prefers(browser, types), 'text/html');
  assert.equal(prefers('application/*', types), 'application/json');
  assert.equal(prefers('application/json;q=0.5, text/html;q=0.4', types), 'application/json');
  assert.equal(prefers('application/json;q=0, */*', types), 'text/html');
  assert.equal(prefers('application/xml', types), undefined);
  assert.equal(prefers('application/json;q=x', types), undefined);
});

test('law: pages hold every item once, whatever their size', () => {
  const exchange = (query: object): Exchange => ({ query }) as unknown as Exchange;
  fc.assert(
    fc.property(fc.uniqueArray(fc.string({ minLength: 1 })), fc.integer({ min: 1, max: 7 }), (keys, limit) => {
      const items: { [key: string]: string } = Object.create(null);
      for (const key of keys) items[key] = key;
      const seen: unknown[] = [];
      let cursor: string | undefined;
      for (let pages = 0; pages <= keys.length; pages += 1) {
        const page = pageOf(
          exchange({ limit, ...(cursor === undefined ? {} : { cursor }) }),
          recordCollection('c', items),
          (it) => it,
        );
        if (isRefusal(page)) throw new Error(page.detail);
        seen.push(...page.items);
        if (page.next === null) break;
        cursor = page.next;
      }
      assert.deepEqual(
        seen,
        [...keys].sort((a, b) => (a < b ? -1 : 1)),
      );
    }),
  );
  const foreign = pageOf(
    exchange({ cursor: Buffer.from('d\nx').toString('base64url') }),
    recordCollection('c', {}),
    String,
  );
  assert.ok(isRefusal(foreign));
});

test('ids follow from their parts and from nothing else', () => {
  assert.equal(derivedUuid('a', 'b'), derivedUuid('a', 'b'));
  assert.notEqual(derivedUuid('a', 'bc'), derivedUuid('ab', 'c'));
  assert.notEqual(fingerprintOf('é', 'x'), fingerprintOf('e', 'x'));
  assert.match(derivedDigits('c', 0, 0), /^[0-9a-f]{8}$/);
  assert.notEqual(derivedDigits('c', 0, 1), derivedDigits('c', 1, 0));
});

test('ajv stays strict: no references to data, no changes to what it checks, no collecting of errors', () => {
  assert.deepEqual(
    [
      ajvOptions.$data,
      ajvOptions.allErrors,
      ajvOptions.coerceTypes,
      ajvOptions.useDefaults,
      ajvOptions.removeAdditional,
      ajvOptions.strict,
    ],
    [false, false, false, false, false, true],
  );
});
