/** Bundles and checkpoints: whatever is flipped, deleted, swapped or cut is found, each tried. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { verifierText } from '../../../scripts/audit-verify.ts';
import { type AuditTrail, createAuditTrail } from '../../../src/adapters/audit/auditTrail.ts';
import {
  checkBundle,
  checkBundleStream,
  leafHash,
  noPeaks,
  rootOf,
  withLeaf,
} from '../../../src/adapters/audit/bundleProof.ts';
import { openSigningKey } from '../../../src/adapters/audit/signingKey.ts';
import type { StoredEvent } from '../../../src/domain/eventStore.ts';
import { isRefusal } from '../../../src/domain/refusals.ts';

const eventOf = (n: number): StoredEvent => ({
  id: `id-${n}`,
  stream: `instance-${n % 3}`,
  revision: Math.floor(n / 3),
  position: 1 + n,
  type: 'InstanceRunning',
  data: { instanceId: `i-${n % 3}`, note: 'ünï' },
  metadata: { time: String(1000 + n), actor: 'alice' },
});

const storeOf = (events: readonly StoredEvent[]) => ({
  readAll: async (after: number, limit: number) => events.filter(({ position }) => position > after).slice(0, limit),
});

const open = (t: TestContext) => {
  const folder = mkdtempSync(join(tmpdir(), 'edgelog-audit-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const key = openSigningKey(folder);
  const trailOf = (events: readonly StoredEvent[], every = 5): AuditTrail =>
    createAuditTrail({
      store: storeOf(events),
      cloud: 'main',
      key,
      file: join(folder, 'checkpoints.jsonl'),
      now: () => 0,
      every,
    });
  return { folder, key, trailOf };
};

const textOf = async (lines: AsyncIterable<string> | object): Promise<string> => {
  if (isRefusal(lines)) throw new Error(lines.detail);
  let text = '';
  for await (const line of lines as AsyncIterable<string>) text += line;
  return text;
};

const some = (n: number): StoredEvent[] => Array.from({ length: n }, (_, i) => eventOf(i));

/** The tree as RFC 6962 defines it, by its recursion. */
const naiveRoot = (leaves: readonly string[]): string => {
  if (leaves.length === 1) return rootOf(withLeaf(noPeaks, leaves[0] ?? ''));
  let half = 1;
  while (half * 2 < leaves.length) half *= 2;
  const { createHash } = process.getBuiltinModule('node:crypto');
  const side = (part: readonly string[]): Buffer => Buffer.from(naiveRoot(part), 'hex');
  return createHash('sha256')
    .update(Uint8Array.of(1))
    .update(side(leaves.slice(0, half)))
    .update(side(leaves.slice(half)))
    .digest('hex');
};

test('the tree is that of RFC 6962, for every size', () => {
  let peaks = noPeaks;
  const leaves: string[] = [];
  for (let n = 0; n < 70; n += 1) {
    leaves.push(leafHash(`line ${n}`));
    peaks = withLeaf(peaks, leaves[n] ?? '');
    assert.equal(rootOf(peaks), naiveRoot(leaves));
  }
});

test('a bundle of any piece is checked with nothing but the public key', async (t) => {
  const { key, trailOf } = open(t);
  const trail = trailOf(some(23));
  await trail.checkpoint();
  for (const [from, to] of [
    [1, 23],
    [1, 1],
    [7, 15],
    [23, 23],
    [20, 99],
    [16, 17],
  ] as const) {
    const checked = checkBundle(Buffer.from(await textOf(await trail.bundle(from, to))), key.publicKey);
    assert.ok(checked.ok, JSON.stringify(checked));
    assert.deepEqual([checked.from, checked.to], [from, Math.min(to, 23)]);
  }
  assert.ok(isRefusal(await trail.bundle(50, 60)));
});

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

test('a bundle that comes in pieces of any size is what it is as a whole', async (t) => {
  const { key, trailOf } = open(t);
  const bytes = Buffer.from(await textOf(await trailOf(some(9)).bundle(3, 8)));
  const flipped = Buffer.from(bytes);
  flipped[200] = (flipped[200] ?? 0) ^ 1;
  for (const one of [
    bytes,
    flipped,
    bytes.subarray(0, -1),
    bytes.subarray(0, 900),
    Buffer.from('hello'),
    Buffer.of(255),
  ]) {
    const whole = checkBundle(one, key.publicKey);
    for (const size of [1, 2, 7, 64, 999, one.length]) {
      assert.deepEqual(await checkBundleStream(inPieces(one, size), key.publicKey), whole, `${size}`);
    }
  }
});

test('a line without end is given up, and nothing behind a flaw is read', async (t) => {
  const { key, trailOf } = open(t);
  const head = (await textOf(await trailOf(some(3)).bundle(1, 3))).split('\n')[0] ?? '';
  let asked = 0;
  async function* endless(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(`${head}\n`);
    for (const piece = Buffer.alloc(1024 * 1024, 'x'); ; asked += 1) yield piece;
  }
  const checked = await checkBundleStream(endless(), key.publicKey);
  assert.ok(!checked.ok && /line is longer than 67108864 bytes/.test(checked.why), JSON.stringify(checked));
  assert.ok(asked <= 64);
});

test('every flipped byte is found', async (t) => {
  const { key, trailOf } = open(t);
  const bytes = Buffer.from(await textOf(await trailOf(some(9)).bundle(3, 8)));
  for (let at = 0; at < bytes.length; at += 1) {
    for (const mask of [1, 32, 128]) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ mask;
      assert.equal(
        checkBundle(changed, key.publicKey).ok,
        false,
        `byte ${at} with ${mask}: ${changed.subarray(Math.max(0, at - 20), at + 20)}`,
      );
    }
  }
});

test('every deleted, doubled, swapped or cut piece is found', async (t) => {
  const { key, trailOf } = open(t);
  const text = await textOf(await trailOf(some(12)).bundle(4, 11));
  const lines = text.split('\n').slice(0, -1);
  const isFound = (changed: readonly string[]): void => {
    assert.equal(checkBundle(Buffer.from(`${changed.join('\n')}\n`), key.publicKey).ok, false, changed.join('\n'));
  };
  for (let a = 0; a < lines.length; a += 1) {
    isFound(lines.filter((_, i) => i !== a));
    isFound(lines.flatMap((line, i) => (i === a ? [line, line] : [line])));
    for (let b = a + 1; b < lines.length; b += 1) {
      isFound(lines.map((line, i) => (i === a ? (lines[b] ?? '') : i === b ? (lines[a] ?? '') : line)));
    }
  }
  for (let end = 0; end < text.length; end += 1)
    assert.equal(checkBundle(Buffer.from(text.slice(0, end)), key.publicKey).ok, false);
  for (let from = 1; from < text.length; from += 1)
    assert.equal(checkBundle(Buffer.from(text.slice(from)), key.publicKey).ok, false);
  assert.equal(checkBundle(Buffer.from(`${text}\n`), key.publicKey).ok, false);
});

test('another key, another file, another version: a sentence each', async (t) => {
  const { key, trailOf } = open(t);
  const text = await textOf(await trailOf(some(4)).bundle(1, 4));
  const why = (bytes: string, publicKey = key.publicKey): string => {
    const checked = checkBundle(Buffer.from(bytes), publicKey);
    return checked.ok ? 'ok' : checked.why;
  };
  const other = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString();
  assert.match(why(text, other), /signed with key/);
  assert.match(why(text, 'no key'), /public key cannot be used/);
  assert.match(why('hello\n'), /does not begin as an audit bundle/);
  assert.match(why(''), /does not end where a bundle ends/);
  assert.match(why(text.replace('"version":1', '"version":9')), /version 9/);
});

test('checkpoints prove the log, go on after a restart, and show a changed event and a lost tail', async (t) => {
  const { folder, trailOf } = open(t);
  const events = some(23);
  const first = trailOf(events.slice(0, 12));
  await first.checkpoint();
  assert.equal(await first.checkpoint(), undefined);
  const again = trailOf(events);
  const newest = await again.checkpoint();
  assert.equal(newest?.size, 23);
  const quiet = (): void => undefined;
  const sound = await again.check(quiet);
  assert.deepEqual([sound.events, sound.broken], [23, []]);
  for (const [n, event] of events.entries()) {
    const forged = events.with(n, { ...event, metadata: { ...event.metadata, actor: 'mallory' } });
    const { broken } = await trailOf(forged).check(quiet);
    assert.ok(
      broken.length > 0 && (broken[0]?.after ?? 99) < event.position && (broken[0]?.to ?? -1) >= event.position,
      `event ${n}`,
    );
    assert.ok((await trailOf(events.filter((_, i) => i !== n)).check(quiet)).broken.length > 0, `without event ${n}`);
  }
  assert.match((await trailOf(events.slice(0, 20)).check(quiet)).broken.at(-1)?.why ?? '', /tail is gone/);
  const file = join(folder, 'checkpoints.jsonl');
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace(/"size":5,/, '"size":6,'));
  assert.match((await trailOf(events).check(quiet)).broken[0]?.why ?? '', /signature is not valid/);
  writeFileSync(file, text.replace(/"size":5,/, '"size": 5,'));
  assert.match((await trailOf(events).check(quiet)).broken[0]?.why ?? '', /no checkpoint/);
});

test('the verifier for auditors is one file, up to date, and says the same', async (t) => {
  const script = join(import.meta.dirname, '../../../scripts/audit-verify.mjs');
  if (process.env['REWRITE'] === '1') writeFileSync(script, verifierText());
  assert.equal(readFileSync(script, 'utf8'), verifierText());
  const { folder, key, trailOf } = open(t);
  const [bundle, publicKey] = [join(folder, 'b'), join(folder, 'k.pem')];
  writeFileSync(publicKey, key.publicKey);
  const text = await textOf(await trailOf(some(4)).bundle(1, 4));
  writeFileSync(bundle, text);
  const said = execFileSync(process.execPath, [script, bundle, publicKey], { encoding: 'utf8' });
  assert.equal(JSON.parse(said).events, 4);
  writeFileSync(bundle, text.replace('alice', 'alicf'));
  assert.throws(() => execFileSync(process.execPath, [script, bundle, publicKey], { stdio: 'pipe' }), { status: 1 });
});
