/**
 * The real program killed with -9 again and again while clients wish: nothing that was answered is lost, a repeated key is
 * answered with the first answer, nothing is carried out twice, and in the end the nodes have the document that follows from
 * the log. EDGELOG_LONG=1 kills more often.
 */
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { openSqliteStore } from '../../src/adapters/eventstore/sqlite.ts';
import { randomSequence } from '../../src/domain/addressPool/randomSequence.ts';
import { decodeRecorded } from '../../src/domain/codec.ts';
import type { DomainEvent } from '../../src/domain/events.ts';
import type { Recorded } from '../../src/domain/recorded.ts';
import { fullDocument } from '../../src/projections/documents.ts';
import { foldAll } from '../../src/projections/network/runner.ts';
import { ask, type Client, configuration, createClient, type Kept, keptOf, type Wish, wishUntilDeath } from './load.ts';
import { createSite, NODES, type Running, type Site } from './program.ts';

const IS_LONG = process.env['EDGELOG_LONG'] === '1';
const KILLS = IS_LONG ? 60 : 9;
const CLIENTS = 6;

const readLog = async (site: Site): Promise<readonly Recorded<DomainEvent>[]> => {
  const store = await openSqliteStore({ file: site.log });
  const stored = await store.readAll(-1, Number.MAX_SAFE_INTEGER);
  await store.close();
  return stored.map(decodeRecorded);
};

/** All clients wish; the process is killed at the answer with this number, while others are under way. */
const wishAndKill = async (site: Site, running: Running, clients: readonly Client[], killAt: number) => {
  const kept: Kept[] = [];
  let killed: Promise<unknown> | undefined;
  const onKept = (one: Kept): void => {
    kept.push(one);
    if (kept.length === killAt) killed = running.kill('SIGKILL');
  };
  const underWay = await Promise.all(clients.map((client) => wishUntilDeath(site, client, onKept)));
  await killed;
  return { kept, underWay };
};

/** Asked again with the same keys: the same answers. */
const assertAnsweredAgain = async (site: Site, kept: readonly Kept[]): Promise<void> => {
  for (let at = 0; at < kept.length; at += 20) {
    await Promise.all(
      kept.slice(at, at + 20).map(async ({ wish, ...first }) => {
        const { body, text } = await ask(site, wish);
        const { position, events, result, repeated } = body;
        assert.deepEqual({ position, events, result, repeated }, { ...first, repeated: true }, `${wish.key}: ${text}`);
      }),
    );
  }
};

/** What was under way when the process died was carried out or not; asked again it is carried out once. */
const askAgain = async (
  site: Site,
  clients: readonly Client[],
  underWay: readonly Wish[],
): Promise<readonly Kept[]> => {
  const answers = await Promise.all(
    underWay.map(async (wish, i) => {
      const kept = keptOf(wish, await ask(site, wish));
      if (kept !== undefined) clients[i]?.learn(kept);
      return kept;
    }),
  );
  return answers.filter((kept) => kept !== undefined);
};

const assertLogHolds = (log: readonly Recorded<DomainEvent>[], kept: readonly Kept[]): void => {
  assert.deepEqual(
    log.map(({ position }) => position),
    log.map((_, i) => i + 1),
  );
  const byCommand = Map.groupBy(log, ({ commandId }) => commandId);
  const at = new Map(log.map((recorded) => [recorded.position, recorded]));
  for (const { wish, position, events } of kept) {
    const commandId = at.get(position)?.commandId ?? 'none';
    assert.equal(byCommand.get(commandId)?.length, events, `${wish.key} at position ${position}`);
  }
  const promised = kept.flatMap(({ result }) =>
    (((result as Record<string, unknown>)['instances'] as readonly { instanceId: string }[] | undefined) ?? []).map(
      ({ instanceId }) => instanceId,
    ),
  );
  const created = log.flatMap(({ event }) => (event.type === 'InstanceCreated' ? [event.instanceId] : []));
  assert.deepEqual(created.toSorted(), promised.toSorted(), 'every instance was promised, and none is there twice');
};

const filesOf = (site: Site) =>
  NODES.map((node) => {
    const { ino, mtimeNs } = statSync(site.documentFile(node), { bigint: true });
    return { node, ino, mtimeNs };
  });

/** Until nothing follows any more from what happened: the nodes have all of it, and what they have passed is free again. */
const atRest = async (site: Site): Promise<void> => {
  for (let position = '', rounds = 0; rounds < 4; ) {
    await new Promise((resolve) => setTimeout(resolve, 250));
    const quarantined = await site.send('GET', '/v1/private-addresses?state=quarantined');
    const { body } = await site.send('GET', '/v1/clusters/PARTI00/convergence');
    const now = String(quarantined.headers['edgelog-position']);
    const isQuiet = now === position && body['converged'] === true;
    rounds = isQuiet && (quarantined.body['items'] as readonly unknown[]).length === 0 ? rounds + 1 : 0;
    position = now;
  }
};

const killAgainAndAgain = async (t: TestContext, site: Site): Promise<readonly Kept[]> => {
  const random = randomSequence(9);
  const clients = Array.from({ length: CLIENTS }, (_, i) => createClient(`c${i}`, 100 + i));
  const all: Kept[] = [];
  let underWay: readonly Wish[] = [];
  let last: readonly Kept[] = [];
  for (let kill = 0; kill < KILLS; kill += 1) {
    let running = site.start();
    if (kill % 3 === 2) {
      // Now and then it does not even get up.
      await new Promise((resolve) => setTimeout(resolve, 100 + random.below(500)));
      await running.kill('SIGKILL');
      running = site.start();
    }
    await running.ready;
    if (kill === 0) assert.equal((await site.send('PUT', '/v1/configuration', configuration)).status, 200);
    const found = await askAgain(site, clients, underWay);
    const older = all.filter(() => random.below(10) === 0);
    await assertAnsweredAgain(site, [...last, ...found, ...older]);
    all.push(...found);
    const round = await wishAndKill(site, running, clients, 2 + random.below(70));
    all.push(...round.kept);
    last = round.kept;
    underWay = round.underWay;
  }
  const running = site.start();
  await running.ready;
  all.push(...(await askAgain(site, clients, underWay)));
  await assertAnsweredAgain(site, all);
  t.diagnostic(`${KILLS} kills, ${all.length} answers kept`);
  assert.ok(all.length > KILLS * 10, `expected many answers, got ${all.length}`);
  const end = await site.send('POST', '/v1/addresses?wait=applied&timeout=60', {});
  assert.deepEqual((end.body['wait'] as { reached: boolean }).reached, true, end.text);
  await atRest(site);
  assert.deepEqual(await running.kill('SIGTERM'), { exit: 0, signal: null });
  return all;
};

test('killed at any moment, nothing answered is lost, and the second start is silent', {
  timeout: IS_LONG ? 1_200_000 : 300_000,
}, async (t) => {
  const site = await createSite(t, ['--resync-seconds', '1']);
  const kept = await killAgainAndAgain(t, site);
  const log = await readLog(site);
  assertLogHolds(log, kept);

  const document = fullDocument(foldAll(log), 'PARTI00');
  assert.ok(document !== undefined, 'expected a document');
  const bytes = Buffer.concat(document.pieces).toString();
  for (const node of NODES) assert.equal(readFileSync(site.documentFile(node), 'utf8'), bytes, `the file of ${node}`);

  const before = filesOf(site);
  const running = site.start();
  await running.ready;
  // Two rounds of what looks for clusters that are behind. Once a period a controller of ours is also asked, in a few bytes,
  // whether it still has what it said; that carries no document and is left out here.
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  const { body } = await site.send('GET', '/v1/clusters/PARTI00/convergence');
  assert.deepEqual([body['delivered'], body['wanted'], body['converged']], [document.version, document.version, true]);
  const metrics = (await site.send('GET', '/metrics')).text;
  assert.deepEqual(metrics.match(/^edgelog_push_seconds_count.*$/gm), null, 'nothing is pushed');
  assert.deepEqual(await running.kill('SIGTERM'), { exit: 0, signal: null });
  assert.deepEqual(filesOf(site), before);
  assert.equal((await readLog(site)).length, log.length, 'a silent start writes no event');
});
