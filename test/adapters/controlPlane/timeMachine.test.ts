/** The time machine over a real log: the past as it was, what differs, who did it, and what would be if. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { BlamePage } from '../../../src/adapters/controlPlane/time/blaming.ts';
import type { DeliveryEvent } from '../../../src/domain/deliveryLog.ts';
import { isRefusal, type Refusal } from '../../../src/domain/refusals.ts';
import { fullDocument } from '../../../src/projections/documents.ts';
import { foldAll } from '../../../src/projections/network/runner.ts';
import { plainNetwork } from '../../../src/projections/timeMachine/plain.ts';
import { ACCOUNT, accepted, context } from '../../support/house.ts';
import { openMachine } from './machine.ts';

const good = <T>(answer: T | Refusal): T => {
  if (isRefusal(answer)) throw new Error(`expected an answer, got ${answer.refused}: ${answer.detail}`);
  return answer;
};
const refused = (answer: unknown): string => (isRefusal(answer) ? answer.refused : JSON.stringify(answer));

test('at any position the network is what the log up to there folds into, in whatever order one asks', async () => {
  const { history, events, close } = await openMachine(11, 200);
  const all = await events();
  const positions = all.map(({ position }) => position).filter((_, i) => i % 37 === 0);
  for (const position of [...positions].reverse().concat(positions)) {
    const network = await history.networkAt(position);
    assert.equal(network.position, position);
    assert.deepEqual(plainNetwork(network), plainNetwork(foldAll(all.filter((one) => one.position <= position))));
  }
  assert.ok(history.kept().length > 0 && history.kept().length <= 8);
  await close();
});

test('at every delivered version the document has the recorded digest', async () => {
  const { history, events, machine, close } = await openMachine(12, 150);
  const deliveries = (await events()).flatMap(({ event }) => (event.type === 'DocumentDelivered' ? [event] : []));
  assert.ok(deliveries.length > 10);
  for (const { cluster, version, digest } of deliveries satisfies readonly DeliveryEvent[]) {
    assert.equal(fullDocument(await history.networkAt(version), cluster)?.digest, digest);
  }
  const verified = await machine.verify(() => undefined);
  assert.deepEqual(verified.differing, []);
  assert.equal(verified.proven, deliveries.length);
  await close();
});

test('a recorded digest that does not follow from the log is found', async () => {
  const { house, machine, deliver, close } = await openMachine(13, 30);
  await deliver('one');
  const { deliveryAggregate } = await import('../../../src/domain/deliveryLog.ts');
  const version = house.projector.network().position;
  const forged = {
    type: 'DocumentDelivered',
    cluster: 'one',
    epoch: 1,
    version,
    digest: 'f'.repeat(64),
    dialect: 'superset',
    bytes: 1,
  } as const;
  const done = await house.transactor.transact(context(), (unit) => {
    unit.read(deliveryAggregate, 'one');
    unit.write(deliveryAggregate, 'one', [forged]);
    return {};
  });
  if (!isRefusal(done)) await house.projector.reached(done.position);
  const verified = await machine.verify(() => undefined);
  assert.equal(verified.differing.length, 1);
  assert.equal(verified.differing[0]?.version, version);
  await close();
});

test('moments outside the log are refused with a sentence, ambiguous ones say what was taken', async () => {
  const { house, machine, close } = await openMachine(14, 20);
  assert.equal(refused(await machine.moment({ time: -5 })), 'moment-before-log');
  assert.equal(refused(await machine.moment({ position: 0 })), 'moment-before-log');
  assert.equal(refused(await machine.moment({ position: 1_000_000 })), 'moment-not-found');
  assert.equal(refused(await machine.moment({ time: 2_000_000_000_000_000 })), 'moment-not-found');
  assert.equal(refused(await machine.moment({ eventId: 'no-such-event' })), 'moment-not-found');
  const at = 5_000_000;
  accepted(
    await house.wish(
      { type: 'CreateSecurityGroup', account: ACCOUNT, groupId: 'sg-00aa0001', name: 'x1', description: '' },
      { at },
    ),
  );
  const both = accepted(
    await house.wish(
      { type: 'CreateSecurityGroup', account: ACCOUNT, groupId: 'sg-00aa0002', name: 'x2', description: '' },
      { at },
    ),
  );
  const taken = good(await machine.moment({ time: at }));
  assert.equal(taken.position, both.position);
  assert.ok(taken.sameTime >= 2, String(taken.sameTime));
  assert.match(taken.text, /events share that millisecond/);
  await close();
});

test('a difference says in words what changed and by whom', async () => {
  const { house, machine, close } = await openMachine(15, 10);
  const group = { account: ACCOUNT, groupId: 'sg-00bb0001' };
  accepted(await house.wish({ type: 'CreateSecurityGroup', ...group, name: 'web', description: '' }));
  const run = accepted(
    await house.wish({
      type: 'RunInstances',
      account: ACCOUNT,
      cluster: 'one',
      instanceIds: ['i-00bb0001'],
      groups: ['web'],
      addressing: 'private',
      node: 'one-a',
    }),
  );
  const permissions = [{ protocol: 'tcp', fromPort: 443, toPort: 443, cidrs: ['0.0.0.0/0'] }];
  const rule = accepted(await house.wish({ type: 'AuthorizeIngress', ...group, permissions }, { actor: 'alice' }));
  const diff = good(
    await machine.diff({ from: { position: run.position }, to: { position: rule.position }, cluster: 'one' }),
  );
  assert.equal(diff.same, false);
  assert.deepEqual(
    diff.changes.map(({ text, by }) => `${text} by ${by?.actor}`),
    ['security group sg-00bb0001 (web): tcp 443-443 from 0.0.0.0/0 added by alice'],
  );
  assert.ok(diff.documents[0]?.lines.some(({ sign, text }) => sign === '+' && text.includes('443')));
  const none = good(await machine.diff({ from: { position: rule.position } }));
  assert.equal(none.same, true);
  assert.deepEqual(none.changes, []);
  assert.equal(
    refused(await machine.diff({ from: { position: rule.position }, cluster: 'nowhere' })),
    'cluster-not-found',
  );
  await close();
});

test('blame names the author of a line, and of a line that is gone the one who took it away', async () => {
  const { house, machine, close } = await openMachine(16, 10);
  const group = { account: ACCOUNT, groupId: 'sg-00cc0001' };
  accepted(await house.wish({ type: 'CreateSecurityGroup', ...group, name: 'db', description: '' }));
  accepted(
    await house.wish({
      type: 'RunInstances',
      account: ACCOUNT,
      cluster: 'one',
      instanceIds: ['i-00cc0001'],
      groups: ['db'],
      addressing: 'private',
      node: 'one-a',
    }),
  );
  const permissions = [{ protocol: 'tcp', fromPort: 3306, toPort: 3306, cidrs: ['10.0.0.0/8'] }];
  const since = accepted(
    await house.wish(
      { type: 'AuthorizeIngress', ...group, permissions },
      { actor: 'alice', correlationId: 'ticket-7' },
    ),
  );
  const page = { cluster: 'one', match: '3306', after: 0, limit: 100 };
  const lines = good(await machine.blame(page)).lines;
  assert.ok(lines.length > 0);
  for (const { by } of lines)
    assert.deepEqual([by?.actor, by?.correlationId, by?.type], ['alice', 'ticket-7', 'SecurityGroupRulesAuthorized']);
  accepted(await house.wish({ type: 'RevokeIngress', ...group, permissions }, { actor: 'bob' }));
  assert.deepEqual(good(await machine.blame(page)).lines, []);
  const gone = good(await machine.gone({ ...page, since: { position: since.position } })).lines;
  assert.deepEqual(
    gone.map(({ text }) => text),
    lines.map(({ text }) => text),
  );
  for (const { by } of gone) assert.equal(by?.actor, 'bob');
  assert.equal(refused(await machine.blame({ ...page, cluster: 'nowhere' })), 'no-document');
  await close();
});

test('blame in pages is blame as a whole', async () => {
  const { machine, close } = await openMachine(17, 80);
  const whole = good(await machine.blame({ cluster: 'one', after: 0, limit: 100_000 }));
  const found: unknown[] = [];
  for (let after: number | null = 0; after !== null; ) {
    const page: BlamePage = good(await machine.blame({ cluster: 'one', after, limit: 33 }));
    found.push(...page.lines);
    after = page.next;
  }
  assert.deepEqual(found, whole.lines);
  assert.ok(whole.lines.every(({ by }) => by !== null));
  await close();
});

test('why names the rule, its author, and whether the node had it by then', async () => {
  const { house, machine, deliver, convergence, close } = await openMachine(18, 5);
  const group = { account: ACCOUNT, groupId: 'sg-00dd0001' };
  accepted(await house.wish({ type: 'CreateSecurityGroup', ...group, name: 'app', description: '' }));
  accepted(
    await house.wish({
      type: 'RunInstances',
      account: ACCOUNT,
      cluster: 'one',
      instanceIds: ['i-00dd0001', 'i-00dd0002'],
      groups: ['app'],
      addressing: 'private',
      node: 'one-a',
    }),
  );
  const ask = { source: 'i-00dd0001', destination: 'i-00dd0002', traffic: 'tcp/80' };
  const denied = good(await machine.why(ask));
  assert.equal(denied.verdict, 'denied');
  assert.deepEqual(denied.edge, { sameGroupTraffic: false, masquerade: false, wires: 'two' });
  const alike = good(await machine.why({ ...ask, edge: { sameGroupTraffic: true } }));
  assert.deepEqual([alike.verdict, alike.hops.at(-1)?.code], ['allowed', 'same-group']);
  const permissions = [{ protocol: 'tcp', fromPort: 80, toPort: 80, groups: [{ groupId: group.groupId }] }];
  const set = accepted(
    await house.wish({ type: 'AuthorizeIngress', ...group, permissions }, { actor: 'alice', at: 90_000 }),
  );
  const allowed = good(await machine.why(ask));
  assert.deepEqual(
    [allowed.verdict, allowed.rule?.by?.actor, allowed.rule?.by?.position],
    ['allowed', 'alice', set.position],
  );
  assert.deepEqual([allowed.reached?.delivered, allowed.reached?.applied], [null, null]);
  await deliver('one');
  const after = good(await machine.why(ask));
  assert.equal(after.reached?.delivered?.version, set.position);
  assert.equal(after.reached?.applied, null);
  const then = good(await machine.why({ ...ask, at: { position: set.position } }));
  assert.equal(then.reached?.delivered, null);
  assert.notEqual(then.reached?.deliveredLater, null);
  const node = {
    node: 'one-a',
    epoch: 1,
    accepted: set.position,
    applied: set.position,
    agent: 'kernel',
    at: 1,
    refusal: null,
    traceparent: null,
  } as const;
  const { report, want } = await import('../../../src/projections/convergence.ts');
  convergence.now = report(want(new Map(), 'one', 1, set.position, 1), 'one', [node]);
  assert.equal(good(await machine.why(ask)).reached?.applied, true);
  assert.equal(refused(await machine.why({ ...ask, source: 'nobody' })), 'invalid-endpoint');
  await close();
});

test('a trace leads from any id to the same wish, its documents and their deliveries', async () => {
  const { house, machine, deliver, events, close } = await openMachine(19, 5);
  const done = accepted(
    await house.wish(
      {
        type: 'RunInstances',
        account: ACCOUNT,
        cluster: 'two',
        instanceIds: ['i-00ee0001'],
        groups: [],
        addressing: 'private',
        node: 'two-a',
      },
      { correlationId: 'request-9', commandId: 'wish-9', at: 77_000 },
    ),
  );
  await deliver('two');
  const made = (await events()).filter(({ commandId }) => commandId === 'wish-9');
  const traces = [];
  for (const id of ['wish-9', 'request-9', made[1]?.id ?? '', String(made[0]?.position), 'i-00ee0001'])
    traces.push(good(await machine.trace(id)));
  for (const trace of traces) {
    assert.equal(trace.command.commandId, 'wish-9');
    assert.deepEqual(
      trace.events.map(({ position }) => position),
      made.map(({ position }) => position),
    );
    const two = trace.clusters.find(({ cluster }) => cluster === 'two');
    assert.ok(two !== undefined && two.version <= done.position && two.delivered !== null);
  }
  assert.equal(refused(await machine.trace('never-heard-of')), 'trace-not-found');
  await close();
});

test('the history of an address says who held it when', async () => {
  const { house, machine, close } = await openMachine(20, 5);
  const run = accepted(
    await house.wish({
      type: 'RunInstances',
      account: ACCOUNT,
      cluster: 'one',
      instanceIds: ['i-00ff0001'],
      groups: [],
      addressing: 'private',
      node: 'one-b',
    }),
  );
  const address = String(
    house.projector.network().position > 0 &&
      (run.result['instances'] as readonly { privateAddress: string }[])[0]?.privateAddress,
  );
  accepted(await house.wish({ type: 'TerminateInstance', instanceId: 'i-00ff0001' }));
  accepted(await house.wish({ type: 'MarkTerminated', instanceId: 'i-00ff0001' }));
  const { spans, events } = good(await machine.history({ subject: address, after: -1, limit: 100 }));
  assert.deepEqual(
    spans.slice(-2).map(({ holder, to }) => [holder, to === null]),
    [
      ['i-00ff0001', false],
      ['quarantine', true],
    ],
  );
  assert.ok(events.length >= 3);
  const node = good(await machine.history({ subject: 'one-b', after: -1, limit: 100 }));
  assert.ok(node.spans.some(({ holder, to }) => holder === 'i-00ff0001' && to !== null));
  assert.equal(refused(await machine.history({ subject: '203.0.113.99', after: -1, limit: 1 })), 'subject-unknown');
  await close();
});
