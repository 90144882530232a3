/** `edgelog replay` on files: a log in use, bundles good and bad, and a sentence for everything that cannot be replayed. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { createAuditTrail } from '../../src/adapters/audit/auditTrail.ts';
import { openSigningKey } from '../../src/adapters/audit/signingKey.ts';
import type { HookAnswer, HookRefusal, ReplayWords } from '../../src/adapters/cli/hooks.ts';
import { openSqliteStore } from '../../src/adapters/eventstore/sqlite.ts';
import type { EventStore } from '../../src/domain/eventStore.ts';
import { isRefusal } from '../../src/domain/refusals.ts';
import { replayWords } from '../../src/roles/replayWords.ts';
import { openHouse, setUpCloud } from '../support/house.ts';

const words = { say: () => undefined, progress: () => undefined };

const ask = (asked: Partial<ReplayWords>): Promise<HookAnswer | HookRefusal> =>
  replayWords({ data: '', isStepped: false, onStep: async () => undefined, ...asked }, words);

const folderFor = (t: TestContext): string => {
  const folder = mkdtempSync(join(tmpdir(), 'edgelog-replay-words-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

/** A data folder whose log is open and written to. */
const openFolder = async (t: TestContext): Promise<{ readonly folder: string; readonly store: EventStore }> => {
  const folder = folderFor(t);
  const store = await openSqliteStore({ file: join(folder, 'events.db') });
  const house = await openHouse(store);
  t.after(async () => {
    await house.stop();
    await store.close();
  });
  await setUpCloud(house);
  return { folder, store };
};

const bundleOf = async (folder: string, store: EventStore, from: number): Promise<string> => {
  const key = openSigningKey(folder);
  const trail = createAuditTrail({ store, cloud: 'main', key, file: join(folder, 'checkpoints.jsonl'), now: () => 0 });
  const lines = await trail.bundle(from, 10_000);
  assert.ok(!isRefusal(lines));
  let text = '';
  for await (const line of lines) text += line;
  const file = join(folder, `from-${from}.bundle`);
  writeFileSync(file, text);
  return file;
};

const refused = (answer: HookAnswer | HookRefusal): string =>
  'refused' in answer ? `${answer.refused}: ${answer.detail}` : `answered ${answer.text}`;

test('a log in use and its bundle replay alike, step by step and up to a position', async (t) => {
  const { folder, store } = await openFolder(t);
  const all = await ask({ data: folder });
  assert.ok('exit' in all && all.exit === 0, JSON.stringify(all));
  const from = await bundleOf(folder, store, 1);
  const again = await ask({ from, key: join(folder, 'audit-key.pub.pem') });
  assert.deepEqual(again, all);
  const seen: number[] = [];
  const onStep: ReplayWords['onStep'] = async ({ event }) => void seen.push(event.position);
  await ask({ data: folder, isStepped: true, after: 2, to: 5, onStep });
  assert.deepEqual(seen, [3, 4, 5]);
});

test('what cannot be replayed is refused with a sentence', async (t) => {
  const { folder, store } = await openFolder(t);
  const key = join(folder, 'audit-key.pub.pem');
  const whole = await bundleOf(folder, store, 1);
  assert.match(refused(await ask({ data: join(folder, 'nowhere') })), /^log-unreadable: .*there is no such file/);
  assert.match(refused(await ask({ from: join(folder, 'nothing') })), /^file-unreadable: /);
  assert.match(refused(await ask({ from: key })), /^not-a-bundle: /);
  assert.match(refused(await ask({ from: await bundleOf(folder, store, 4) })), /^bundle-partial: .*after 3 events/);
  assert.match(refused(await ask({ data: folder, code: folder })), /^no-such-code: .*no checkout of Edgelog/);
  const text = readFileSync(whole, 'utf8');
  const newer = join(folder, 'newer.bundle');
  writeFileSync(newer, text.replace('"version":1', '"version":2'));
  assert.match(refused(await ask({ from: newer })), /^bundle-newer: .*format 2, this program reads 1/);
  const forged = join(folder, 'forged.bundle');
  writeFileSync(forged, text.replace('"actor":"tester"', '"actor":"nobody"'));
  assert.match(refused(await ask({ from: forged, key })), /^bundle-broken: .*does not hold/);
});
