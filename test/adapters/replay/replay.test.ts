/** Replays: as recorded, with other code down to the first event, step by step, and with no way out of the sandbox. */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { replayLog } from '../../../src/adapters/replay/replay.ts';
import type { ReplaySource } from '../../../src/adapters/replay/replaySource.ts';
import { ownCode, startSandbox } from '../../../src/adapters/replay/sandboxProcess.ts';
import { stepLog } from '../../../src/adapters/replay/steps.ts';
import { stepLines } from '../../../src/adapters/replay/stepText.ts';
import type { StoredEvent } from '../../../src/domain/eventStore.ts';
import { openMachine } from '../controlPlane/machine.ts';

const sourceOf = (events: readonly StoredEvent[]): ReplaySource => ({
  total: events.length,
  events: async function* () {
    yield* events;
  },
});

/** A log of sensible wishes with deliveries in between. */
const logOf = async (t: TestContext, seed: number, wishes: number): Promise<readonly StoredEvent[]> => {
  const { store, deliver, close } = await openMachine(seed, wishes);
  t.after(close);
  for (const cluster of ['one', 'two']) await deliver(cluster);
  return store.readAll(-1, 100_000);
};

/** The code as it is, but for one text in one file. */
const changedCode = (t: TestContext, file: string, from: string, to: string): string => {
  const folder = mkdtempSync(join(tmpdir(), 'edgelog-replay-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const room of ['domain', 'projections', 'adapters/replay']) {
    cpSync(join(ownCode, 'src', room), join(folder, 'src', room), { recursive: true });
  }
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  symlinkSync(join(ownCode, 'node_modules'), join(folder, 'node_modules'));
  const path = join(folder, 'src', file);
  const text = readFileSync(path, 'utf8');
  assert.ok(text.includes(from), `${file} has no ${from}`);
  writeFileSync(path, text.replace(from, to));
  return folder;
};

test('the running code rebuilds every recorded document, all of the log and a part of it', async (t) => {
  const events = await logOf(t, 61, 60);
  const deliveries = events.filter(({ type }) => type === 'DocumentDelivered');
  const told: number[] = [];
  const onProgress = ({ done }: { done: number }): unknown => told.push(done);
  const report = await replayLog({
    source: sourceOf(events),
    code: ownCode,
    onProgress: (one) => void onProgress(one),
  });
  assert.ok(deliveries.length > 5);
  assert.deepEqual([report.differing, report.parting, report.fault], [[], null, null]);
  assert.deepEqual([report.deliveries, report.events], [deliveries.length, events.length]);
  const to = deliveries[3]?.position ?? 0;
  const part = await replayLog({ source: sourceOf(events), code: ownCode, to });
  assert.deepEqual([part.deliveries, part.lastPosition, part.differing], [4, to, []]);
});

test('a forged digest is named with its delivery and the stretch it lies in', async (t) => {
  const events = await logOf(t, 62, 40);
  const deliveries = events.filter(({ type, data }) => type === 'DocumentDelivered' && data['cluster'] === 'one');
  const [before, target] = [deliveries[1], deliveries[2]];
  assert.ok(before !== undefined && target !== undefined);
  const digest = 'f'.repeat(64);
  const forged = events.map((one) => (one === target ? { ...one, data: { ...one.data, digest } } : one));
  const { differing, firstDiffering } = await replayLog({ source: sourceOf(forged), code: ownCode });
  assert.deepEqual(
    differing.map(({ position, recorded, rebuilt }) => [position, recorded, rebuilt]),
    [[target.position, digest, target.data['digest']]],
  );
  assert.equal(firstDiffering?.after, before.data['version']);
  assert.equal(firstDiffering?.by?.position, target.data['version']);
});

test('a delivery of a version that is no event of the log is not passed over', async (t) => {
  const events = await logOf(t, 63, 20);
  const target = events.find(({ type }) => type === 'DocumentDelivered');
  const forged = events.map((one) => (one === target ? { ...one, data: { ...one.data, version: 9_999_999 } } : one));
  const { differing } = await replayLog({ source: sourceOf(forged), code: ownCode });
  assert.deepEqual(
    differing.map(({ position, rebuilt }) => [position, rebuilt]),
    [[target?.position, null]],
  );
});

test('a planted change is found at the event behind which it first shows', async (t) => {
  const { store, house, deliver, close } = await openMachine(64, 0);
  t.after(close);
  const run = (id: string) =>
    house.wish({
      type: 'RunInstances',
      ...{ account: '000000000001', cluster: 'one', instanceIds: [id], groups: [], addressing: 'private' },
      node: 'one-a',
    });
  await run('i-00000001');
  await deliver('one');
  await run('i-00000002');
  await house.wish({ type: 'StopInstance', instanceId: 'i-00000002' });
  await house.wish({ type: 'MarkStopped', instanceId: 'i-00000002' });
  await run('i-00000003');
  await deliver('one');
  const events = await store.readAll(-1, 100_000);
  const stop = "enter(draft, view, 'STOPPED', recorded);";
  const code = changedCode(t, 'projections/network/applyInstance.ts', stop, stop.replace('STOPPED', 'RUNNING'));
  const report = await replayLog({ source: sourceOf(events), code, running: ownCode });
  const stopped = events.find(({ type }) => type === 'InstanceStopped');
  assert.equal(report.parting?.position, stopped?.position, JSON.stringify(report.parting));
  assert.equal(report.parting?.cluster, 'one');
  assert.ok(report.differing.length > 0);
  const same = await replayLog({ source: sourceOf(events), code: ownCode, running: ownCode });
  assert.deepEqual([same.parting, same.differing], [null, []]);
});

test('code that cannot fold an event parts there, with its reason', async (t) => {
  const events = await logOf(t, 65, 20);
  const known = "InstanceCreated: v1('InstanceCreated', {";
  const code = changedCode(t, 'domain/codec.ts', known, `${known}\n    flavour: 'text',`);
  const { parting } = await replayLog({ source: sourceOf(events), code, running: ownCode });
  const created = events.find(({ type }) => type === 'InstanceCreated');
  assert.equal(parting?.position, created?.position, JSON.stringify(parting));
  assert.match(parting?.fault ?? '', /the other code: .*flavour is not text/);
});

test('a step shows what an event changed, before and after', async (t) => {
  const { store, house, close } = await openMachine(66, 5);
  t.after(close);
  const after = house.projector.network().position;
  for (const value of ['10.1.1.1', '10.1.1.2']) {
    await house.wish({ type: 'ChangeProperty', name: 'edgelog.clc_address', value });
  }
  const lines: (readonly string[])[] = [];
  const source = sourceOf(await store.readAll(-1, 100_000));
  for await (const step of stepLog({ source, code: ownCode }, after)) lines.push(stepLines(step).slice(1));
  const [first = [], second = []] = lines;
  assert.deepEqual(first.slice(-2), [
    '  properties edgelog.clc_address',
    `    + {"value":"10.1.1.1","at":${after + 1}}`,
  ]);
  assert.deepEqual(second.slice(-5), [
    '  properties edgelog.clc_address',
    ...['    - value: "10.1.1.1"', '    + value: "10.1.1.2"'],
    ...[`    - at: ${after + 1}`, `    + at: ${after + 2}`],
  ]);
  assert.equal(lines.length, 2);
});

const wayOut = [
  "import 'node:net';",
  "import 'node:http';",
  "import 'node:fs';",
  "import 'node:child_process';",
  "import 'bullmq';",
  "import '../adapters/soap/client.ts';",
  "await import('node:dgram');",
  "if (typeof fetch !== 'function') throw new Error('fetch: no way out');",
  "if (typeof process.getBuiltinModule !== 'function') throw new Error('builtins: no way out');",
];

for (const way of wayOut) {
  test(`no way out of the sandbox: ${way}`, async (t) => {
    const mark = 'export { documentVersion }';
    const sandbox = startSandbox(changedCode(t, 'projections/documents.ts', mark, `${way}\n${mark}`));
    t.after(sandbox.stop);
    const answer = await sandbox.ask({ kind: 'digests' });
    assert.equal(answer.kind, 'fault', JSON.stringify(answer));
    assert.match(
      answer.kind === 'fault' ? answer.detail : '',
      /no way out|cannot be loaded|Cannot find|ERR_ACCESS_DENIED/,
    );
  });
}
