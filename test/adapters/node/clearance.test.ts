/**
 * Forgetting flows beside other work: one walk after the other, none lost, and an address is free only when its own are done.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClearance } from '../../../src/adapters/node/agent/conntrack.ts';
import { cutsBetween } from '../../../src/adapters/node/agent/liveCuts.ts';
import { readLive } from '../../../src/adapters/node/agent/liveRuleset.ts';
import type { RunTool } from '../../../src/adapters/node/agent/shells.ts';
import { defaultTools } from '../../../src/adapters/node/agent/tool.ts';
import { afterwards, type Cut } from '../../../src/projections/plan/afterwards.ts';
import { defaultNodeOptions, type Plan } from '../../../src/projections/plan/model.ts';
import { planNode } from '../../../src/projections/plan/planner.ts';
import { actors, labDocument, nodeAddresses, type Scene } from '../../lab/story.ts';

/** A tool that ends when it is told to. */
const heldTool = () => {
  const calls: { readonly words: string; readonly end: (code: number, stderr?: string) => void }[] = [];
  const run: RunTool = (_command, args) =>
    new Promise((resolve) => {
      calls.push({ words: args.join(' '), end: (code, stderr = '') => resolve({ code, stdout: '', stderr }) });
    });
  return { calls, run };
};
const beat = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const cut = (field: Cut['field'], address: string, soon = false): Cut => ({ field, address, soon });

test('what is soon is awaited side by side, what is not goes one after the other', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { calls, run } = heldTool();
  const said: string[] = [];
  const clearance = createClearance(defaultTools, run, (problems) => said.push(...problems));
  const told = clearance.cut([cut('orig-dst', 'a', true), cut('reply-dst', 'a', true), cut('orig-src', 'b')]);
  await beat();
  const first = calls.splice(0);
  assert.deepEqual(
    first.map(({ words }) => words),
    ['-D --orig-dst a', '-D --reply-dst a'],
  );
  for (const { end } of first) end(0);
  assert.deepEqual(await told, []);
  assert.deepEqual(await clearance.cut([cut('reply-src', 'b')]), []);
  assert.equal(calls.length, 0, 'the report goes first');
  t.mock.timers.tick(5);
  const free = clearance.free(['b']);
  await beat();
  assert.deepEqual(
    calls.map(({ words }) => words),
    ['-D --orig-src b'],
  );
  calls.shift()?.end(0);
  await beat();
  assert.deepEqual(
    calls.map(({ words }) => words),
    ['-D --reply-src b'],
  );
  calls.shift()?.end(1, 'no such tool');
  await free;
  assert.deepEqual(said, ['no such tool']);
});

test('a cut wished again while it is under way is made again, and strangers do not wait for it', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { calls, run } = heldTool();
  const clearance = createClearance(defaultTools, run, () => undefined);
  await clearance.cut([cut('orig-dst', 'a')]);
  await clearance.free(['b']);
  assert.equal(calls.length, 0, 'nobody waits for a');
  let isFree = false;
  const free = clearance.free(['a']).then(() => {
    isFree = true;
  });
  await beat();
  await clearance.cut([cut('orig-dst', 'a')]);
  calls.shift()?.end(0);
  await beat();
  assert.equal(isFree, false);
  calls.shift()?.end(0);
  await free;
  const end = clearance.end();
  await clearance.cut([]);
  await end;
  await clearance.cut([cut('reply-dst', 'c')]);
  const last = clearance.end();
  await beat();
  calls.shift()?.end(1, '0 flow entries');
  await last;
  assert.equal(calls.length, 0);
});

const planOf = (scene: Scene, pool: readonly string[]): Plan => {
  const document = labDocument(scene);
  const configuration = { ...document.configuration, publicIps: pool };
  const plan = planNode({ ...document, configuration }, [nodeAddresses.n1.private], defaultNodeOptions);
  if ('refused' in plan) throw new Error(JSON.stringify(plan));
  return plan;
};
const cutsOf = (scene: Scene, pool: readonly string[]): string[] =>
  afterwards(planOf({}, pool), planOf(scene, pool)).cuts.map(
    ({ field, address, soon }) => `${field} ${address}${soon ? ' soon' : ''}`,
  );

test('what the rules know to be dead need not be awaited, everything else must', () => {
  const { ip, publicIp = '' } = actors.a1;
  const moved: Scene = { elastic: { a1: null, a2: publicIp } };
  assert.deepEqual(cutsOf({}, []), []);
  assert.deepEqual(cutsOf(moved, [publicIp]), [`orig-dst ${publicIp}`, `reply-dst ${publicIp}`]);
  assert.deepEqual(cutsOf(moved, ['192.0.2.1-192.0.2.9']), [`orig-dst ${publicIp}`, `reply-dst ${publicIp} soon`]);
  assert.deepEqual(cutsOf({ absent: ['a1'] }, []), [`orig-src ${ip}`, `reply-src ${ip}`]);
  assert.deepEqual(cutsOf({ absent: ['a1'], ip: { a2: ip } }, []), [
    `orig-src ${ip} soon`,
    `reply-src ${ip} soon`,
    `orig-src ${actors.a2.ip}`,
    `reply-src ${actors.a2.ip}`,
  ]);
});

const listing = (ingress: unknown[], translations: unknown[]): string =>
  JSON.stringify({
    nftables: [
      { map: { family: 'ip', table: 'edge', name: 'ingress', type: 'ipv4_addr', map: 'verdict', elem: ingress } },
      {
        set: {
          family: 'ip',
          table: 'edge',
          name: 'translations',
          type: ['ipv4_addr', 'ipv4_addr'],
          elem: translations,
        },
      },
    ],
  });

test('after a time without an agent the kernel itself says what went and what moved', () => {
  const to = (address: string, target: string): unknown => [address, { goto: { target } }];
  const pair = (outside: string, inside: string): unknown => ({ concat: [outside, inside] });
  const live = readLive([
    listing(
      [to('10.0.0.1', 'i_a'), to('10.0.0.2', 'i_b'), to('10.0.0.3', 'i_c')],
      [pair('203.0.113.1', '10.0.0.1'), pair('203.0.113.2', '10.0.0.2')],
    ),
  ]);
  const wanted = readLive([
    listing(
      [to('10.0.0.1', 'i_a'), to('10.0.0.3', 'i_d'), to('10.0.0.4', 'i_e')],
      [pair('203.0.113.1', '10.0.0.3'), pair('203.0.113.9', '10.0.0.1')],
    ),
  ]);
  const cuts = cutsBetween(live, wanted).map(({ field, address, soon }) => `${field} ${address} ${soon}`);
  assert.deepEqual(cuts.toSorted(), [
    'orig-dst 203.0.113.1 true',
    'orig-dst 203.0.113.2 true',
    'orig-src 10.0.0.2 true',
    'orig-src 10.0.0.3 true',
    'reply-dst 203.0.113.1 true',
    'reply-dst 203.0.113.2 true',
    'reply-src 10.0.0.2 true',
    'reply-src 10.0.0.3 true',
  ]);
  assert.deepEqual(cutsBetween(live, live), []);
});
