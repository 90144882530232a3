/** Differences of documents over large spans: the same for clusters with the same document, and never without end. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { documentDifferences } from '../../../src/adapters/controlPlane/time/difference.ts';
import type { DomainEvent } from '../../../src/domain/events.ts';
import { createDocumentKeeper } from '../../../src/projections/documentKeeper.ts';
import { fullDocument } from '../../../src/projections/documents.ts';
import { advance, foldAll } from '../../../src/projections/network/runner.ts';
import { beginning, recorded } from '../../projections/anyEvents.ts';

const created = (n: number): DomainEvent => ({
  type: 'InstanceCreated',
  instanceId: `i-${n.toString(16).padStart(8, '0')}`,
  account: '000000000002',
  cluster: n % 2 === 0 ? 'one' : 'two',
  groups: ['sg-00000001'],
  macAddress: 'd0:0d:00:00:00:01',
  privateAddress: `10.1.${n >> 8}.${n & 255}`,
  reservation: 'r',
  addressing: 'private',
  restored: false,
});

const INSTANCES = 2_000;
const before = foldAll(recorded(beginning('superset'), 0));
const after = advance(
  before,
  recorded(
    Array.from({ length: INSTANCES }, (_, n) => created(n)),
    before.position + 1,
  ),
);

test('of a document at most ten thousand lines are told, and how many more there are', () => {
  const [one, two] = documentDifferences({ documentAt: fullDocument }, before, after, ['one', 'two']);
  assert.ok(one !== undefined && two !== undefined);
  assert.equal(one.same, false);
  assert.equal(one.lines.length, 10_000);
  assert.ok(one.more >= INSTANCES, `${one.more} lines more`);
  assert.deepEqual({ ...two, cluster: 'one' }, one);
  const [none] = documentDifferences({ documentAt: fullDocument }, after, after, ['one']);
  assert.deepEqual([none?.same, none?.lines, none?.more], [true, [], 0]);
});

test('a difference of few lines is told whole', () => {
  const next = advance(after, recorded([created(INSTANCES)], after.position + 1));
  const [one] = documentDifferences({ documentAt: fullDocument }, after, next, ['one'], 0);
  const came = one?.lines.filter(({ sign }) => sign === '+').map(({ text }) => text.trim());
  assert.ok(came?.includes(`<instance name="i-${INSTANCES.toString(16).padStart(8, '0')}">`), came?.join('\n'));
  assert.deepEqual([one?.more, one?.lines.some(({ sign }) => sign === '-')], [0, false]);
});

test('a glance at a network far from the newest one shows the document that follows from it alone', () => {
  const keeper = createDocumentKeeper();
  keeper.documentOf(after, 'one');
  for (const network of [before, advance(before, recorded([created(1)], before.position + 1)), after]) {
    const [glanced, whole] = [keeper.glance(network, 'one'), fullDocument(network, 'one')];
    assert.equal(glanced?.digest, whole?.digest);
    assert.deepEqual(Buffer.concat([...(glanced?.pieces ?? [])]), Buffer.concat([...(whole?.pieces ?? [])]));
  }
});
