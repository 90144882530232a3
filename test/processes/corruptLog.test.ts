/**
 * A log that cannot be read is said so with its position and never skipped: at start the program does not get up, while it
 * runs its projection stops, what was published last stays, and readiness says why.
 */
import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { openSqliteStore } from '../../src/adapters/eventstore/sqlite.ts';
import type { NewEvent } from '../../src/domain/eventStore.ts';
import { configuration } from './load.ts';
import { createSite, NODES, type Reply, type Site } from './program.ts';

/** A cloud with one instance, and the program stopped again. */
const filledSite = async (t: TestContext): Promise<Site> => {
  const site = await createSite(t);
  const running = site.start();
  await running.ready;
  assert.equal((await site.send('PUT', '/v1/configuration', configuration)).status, 200);
  const run = await site.send('POST', '/v1/instances?wait=applied&timeout=60', { cluster: 'PARTI00', node: NODES[0] });
  assert.equal(run.status, 200, run.text);
  assert.deepEqual(await running.kill('SIGTERM'), { exit: 0, signal: null });
  return site;
};

/** Starts it and returns the complaint it ends with. */
const complaintOf = async (site: Site): Promise<string> => {
  const running = site.start();
  running.ready.then(
    () => running.kill('SIGKILL'),
    () => undefined,
  );
  const { exit } = await running.ended;
  assert.equal(exit, 1, `expected it not to start: ${running.said()}`);
  const complaints = running
    .said()
    .split('\n')
    .filter((line) => line.startsWith('edgelog: '));
  // One clear line and nothing else: no journal line beside it, no stack.
  assert.deepEqual(running.said().trim().split('\n'), complaints);
  assert.equal(complaints.length, 1, running.said());
  return complaints[0] ?? '';
};

const append = async (site: Site, stream: string, expected: number, event: NewEvent): Promise<number> => {
  const store = await openSqliteStore({ file: site.log });
  const outcome = await store.append(`foreign/${event.type}`, [{ stream, expected, events: [event] }]);
  await store.close();
  return outcome.outcome === 'appended' ? outcome.position : assert.fail(`expected to append, got a conflict`);
};

const metadata = { $correlationId: 'c', $causationId: 'c', commandId: 'c', actor: 'somebody', time: '1' };

test('one flipped bit in the file, and it does not start but says at which position', {
  timeout: 120_000,
}, async (t) => {
  const site = await filledSite(t);
  const whole = readFileSync(site.log);
  for (const place of ['"component":"PARTI00-cc"', '"PublicIps"', 'd0:0d:', 'local-operator']) {
    const bytes = Buffer.from(whole);
    // All copies: SQLite leaves some of them behind in pages it does not use any more.
    for (let at = bytes.indexOf(place); at >= 0; at = bytes.indexOf(place, at + 1)) {
      bytes[at + place.length - 2] = (bytes[at + place.length - 2] as number) ^ 1;
    }
    assert.notDeepEqual(bytes, whole, `expected ${place} in the file`);
    writeFileSync(site.log, bytes);
    assert.match(await complaintOf(site), /^edgelog: cannot start: .*damaged at position \d+\b/);
    assert.deepEqual(readFileSync(site.log), bytes, 'the damaged file is left as it was found');
  }
  writeFileSync(site.log, whole);
  const running = site.start();
  await running.ready;
  assert.equal((await site.send('GET', '/v1/instances')).status, 200);
  assert.deepEqual(await running.kill('SIGTERM'), { exit: 0, signal: null });
});

test('an event nobody can read is no reason to go on without it', { timeout: 120_000 }, async (t) => {
  const site = await filledSite(t);
  const position = await append(site, 'cluster-elsewhere', -1, { type: 'WeatherReported', data: {}, metadata });
  const complaint = await complaintOf(site);
  assert.match(complaint, new RegExp(`WeatherReported at position ${position} does not decode`));
  assert.match(complaint, /may have been written by a newer version/);
});

/** Asks until the answer is the one waited for; the test's time limit ends it. */
const until = async (ask: () => Promise<Reply>, isIt: (reply: Reply) => boolean): Promise<Reply> => {
  for (;;) {
    const reply = await ask();
    if (isIt(reply)) return reply;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

test('met while it runs, the projection stops, the last documents stay and readiness says why', {
  timeout: 120_000,
}, async (t) => {
  const site = await filledSite(t);
  const running = site.start();
  await running.ready;
  const documentOf = () => site.send('GET', '/v1/clusters/PARTI00/document');
  const before = await documentOf();
  const files = NODES.map((node) => statSync(site.documentFile(node)).ino);

  const joined = { type: 'SecurityGroupMemberJoined', data: { groupId: 'sg-00000001' }, metadata };
  const position = await append(site, 'securityGroup-sg-00000001', -1, joined);
  const readiness = await until(
    () => site.send('GET', '/readyz'),
    ({ status }) => status === 503,
  );
  assert.deepEqual(
    (readiness.body['checks'] as readonly { name: string; ok: boolean }[])
      .filter(({ ok }) => !ok)
      .map(({ name }) => name),
    ['projection'],
  );
  assert.match(running.said(), new RegExp(`at position ${position} does not decode: member instanceId is not text`));
  assert.equal((await site.send('GET', '/healthz')).status, 200);
  const after = await documentOf();
  assert.deepEqual([after.status, after.text], [200, before.text]);
  assert.equal(
    (await site.send('POST', '/v1/addresses', {})).status,
    200,
    'what rests on sound streams is still decided',
  );
  assert.equal((await documentOf()).text, before.text, 'nothing is shown that the projection did not see');
  assert.deepEqual(
    NODES.map((node) => statSync(site.documentFile(node)).ino),
    files,
  );
  assert.deepEqual(await running.kill('SIGTERM'), { exit: 0, signal: null });
  assert.match(await complaintOf(site), new RegExp(`at position ${position} does not decode`));
});
