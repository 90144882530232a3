/** A bundle against a checkpoint kept elsewhere: rows removed from the end, and a past that was rewritten and signed anew. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { holdAgainst } from '../../../src/adapters/audit/anchor.ts';
import { createAuditTrail } from '../../../src/adapters/audit/auditTrail.ts';
import { lineOf } from '../../../src/adapters/audit/checkpoints.ts';
import { openSigningKey } from '../../../src/adapters/audit/signingKey.ts';
import type { StoredEvent } from '../../../src/domain/eventStore.ts';
import { isRefusal } from '../../../src/domain/refusals.ts';
import { createJournal } from '../../../src/roles/journal.ts';

const eventOf = (n: number): StoredEvent => ({
  id: `id-${n}`,
  stream: `instance-${n % 3}`,
  revision: Math.floor(n / 3),
  position: 1 + n,
  type: 'InstanceRunning',
  data: { instanceId: `i-${n % 3}` },
  metadata: { time: String(1000 + n), actor: 'alice' },
});

const some = (n: number): readonly StoredEvent[] => Array.from({ length: n }, (_, i) => eventOf(i));

const open = (t: TestContext) => {
  const folder = mkdtempSync(join(tmpdir(), 'edgelog-anchor-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const key = openSigningKey(folder);
  let files = 0;
  const trailOf = (events: readonly StoredEvent[], cloud = 'main') => {
    files += 1;
    const readAll = async (after: number, limit: number) =>
      events.filter(({ position }) => position > after).slice(0, limit);
    return createAuditTrail({ store: { readAll }, cloud, key, file: join(folder, `c${files}`), now: () => 0 });
  };
  const anchorOf = async (events: readonly StoredEvent[], cloud = 'main'): Promise<string> => {
    const made = await trailOf(events, cloud).checkpoint();
    assert.ok(made !== undefined);
    return lineOf(made);
  };
  const bundleOf = async (events: readonly StoredEvent[], from = 1): Promise<Buffer> => {
    const lines = await trailOf(events).bundle(from, 10_000);
    assert.ok(!isRefusal(lines));
    let text = '';
    for await (const line of lines) text += line;
    return Buffer.from(text);
  };
  return { key, anchorOf, bundleOf };
};

test('a log that only grew holds against every checkpoint it ever gave out', async (t) => {
  const { key, anchorOf, bundleOf } = open(t);
  const bundle = await bundleOf(some(23));
  for (let size = 1; size <= 23; size += 1) {
    const held = holdAgainst(bundle, await anchorOf(some(size)), key.publicKey);
    assert.deepEqual(held, { ok: true, checkpoints: 1, size, position: size });
  }
  const later = await bundleOf(some(23), 9);
  for (const size of [8, 9, 16, 23]) assert.ok(holdAgainst(later, await anchorOf(some(size)), key.publicKey).ok);
});

const why = (held: ReturnType<typeof holdAgainst>): string => (held.ok ? 'it holds' : held.why);

test('removed newest rows, a rewritten past and a piece that begins too late are each found', async (t) => {
  const { key, anchorOf, bundleOf } = open(t);
  const anchor = await anchorOf(some(20));
  for (let left = 1; left < 20; left += 1) {
    assert.match(why(holdAgainst(await bundleOf(some(left)), anchor, key.publicKey)), /newest events are missing: 20/);
  }
  for (let n = 0; n < 20; n += 1) {
    const other = { ...eventOf(n), metadata: { time: '1', actor: 'mallory' } };
    const forged = await bundleOf(some(23).with(n, other));
    assert.match(why(holdAgainst(forged, anchor, key.publicKey)), /not those that were signed for/, `event ${n}`);
  }
  assert.match(why(holdAgainst(await bundleOf(some(23), 22), anchor, key.publicKey)), /begins after 21/);
});

test('a changed checkpoint, another cloud’s and something else are each told', async (t) => {
  const { key, anchorOf, bundleOf } = open(t);
  const bundle = await bundleOf(some(12));
  const anchor = await anchorOf(some(7));
  for (let at = 0; at < anchor.length; at += 1) {
    const changed = Buffer.from(anchor);
    changed[at] = (changed[at] ?? 0) ^ 1;
    assert.equal(holdAgainst(bundle, changed.toString('utf8'), key.publicKey).ok, false, `byte ${at}`);
  }
  const { edgelog: _edgelog, version: _version, ...answered } = JSON.parse(anchor);
  assert.equal(holdAgainst(bundle, `${JSON.stringify(answered, null, 2)}\n`, key.publicKey).ok, true);
  assert.match(why(holdAgainst(bundle, await anchorOf(some(7), 'other'), key.publicKey)), /of cloud other/);
  assert.match(why(holdAgainst(bundle, 'hello', key.publicKey)), /not one/);
  assert.match(why(holdAgainst(bundle.subarray(0, 50), anchor, key.publicKey)), /cut off|no bundle/);
});

test('a journal with checkpoints is as good as the checkpoints: all it holds count, what it says besides does not', async (t) => {
  const { key, anchorOf, bundleOf } = open(t);
  const bundle = await bundleOf(some(23));
  const lines: string[] = [];
  const journal = createJournal(
    'clc',
    () => 0,
    (line) => lines.push(line) > 0,
  );
  const note = async (size: number) => {
    const { edgelog: _edgelog, version: _version, ...checkpoint } = JSON.parse(await anchorOf(some(size)));
    journal.note('checkpoint of the log', checkpoint);
  };
  journal.note('a request failed', { detail: '"signature"' });
  await note(7);
  await note(20);
  journal.note('stopped', {});
  const text = lines.join('');
  assert.deepEqual(holdAgainst(bundle, text, key.publicKey), { ok: true, checkpoints: 2, size: 20, position: 20 });
  assert.deepEqual(holdAgainst(bundle, lines[1] ?? '', key.publicKey), {
    ok: true,
    checkpoints: 1,
    size: 7,
    position: 7,
  });
  const forged = await bundleOf(some(23).with(3, { ...eventOf(3), metadata: { actor: 'mallory' } }));
  assert.match(why(holdAgainst(forged, text, key.publicKey)), /The first 7 events/);
  assert.match(why(holdAgainst(await bundleOf(some(12)), text, key.publicKey)), /newest events are missing: 20/);
  // Only the later one lies within this piece.
  assert.deepEqual(holdAgainst(await bundleOf(some(23), 12), text, key.publicKey), {
    ...{ ok: true, checkpoints: 1, size: 20, position: 20 },
  });
  const changed = text.replace('"size":7', '"size":8');
  assert.equal(holdAgainst(bundle, changed, key.publicKey).ok, true, 'a line that is no checkpoint proves nothing');
  const renamed = text.replace('"signedAt":"1970', '"signedAt":"1971');
  assert.match(why(holdAgainst(bundle, renamed, key.publicKey)), /not signed with this key, or was changed/);
});
