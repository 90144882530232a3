/**
 * The agent's smaller decisions: which document may follow which, who is to blame for a refusal, what an announcement looks
 * like, how a listing is compared.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { refusedAfter } from '../../../src/adapters/node/agent/acceptance.ts';
import { gratuitousArp } from '../../../src/adapters/node/agent/announce.ts';
import { findCulprits } from '../../../src/adapters/node/agent/culprit.ts';
import { addItem } from '../../../src/adapters/node/agent/hostBatch.ts';
import { differences, readLive, repairLines } from '../../../src/adapters/node/agent/liveRuleset.ts';
import { hostChange } from '../../../src/projections/plan/host.ts';
import type { Ruleset } from '../../../src/projections/plan/ruleset.ts';

const bytes = (text: string): Buffer => Buffer.from(text);

test('documents in order are taken, older ones and twins are not', () => {
  const at = (epoch: number, position: number, text = `${epoch} ${position}`) => ({
    stamp: { version: text.slice(0, 8), epoch, position },
    bytes: bytes(text),
  });
  assert.equal(refusedAfter(undefined, at(1, 1)), undefined);
  assert.equal(refusedAfter(at(1, 5), at(1, 6)), undefined);
  assert.equal(refusedAfter(at(1, 5), at(2, 1)), undefined);
  assert.equal(refusedAfter(at(1, 5), at(1, 5)), undefined);
  assert.equal(refusedAfter(at(1, 5), at(1, 4))?.refused, 'older-document');
  assert.equal(refusedAfter(at(2, 1), at(1, 900))?.refused, 'older-document');
  assert.equal(refusedAfter(at(1, 5), at(1, 5, 'other'))?.refused, 'same-version-other-content');
  assert.equal(
    refusedAfter({ stamp: at(1, 5).stamp }, at(1, 5, 'other')),
    undefined,
    'after a restart the bytes are unknown',
  );
});

test('documents without an order are told apart by version alone', () => {
  const of = (version: string, text: string) => ({ stamp: { version }, bytes: bytes(text) });
  assert.equal(refusedAfter(of('aa', '1'), of('bb', '2')), undefined);
  assert.equal(refusedAfter(of('aa', '1'), of('aa', '1')), undefined);
  assert.equal(refusedAfter(of('aa', '1'), of('aa', '2'))?.refused, 'same-version-other-content');
  assert.equal(refusedAfter(of('', '1'), of('', '2')), undefined);
});

test('exactly the guilty are found', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(fc.nat(40)), fc.func(fc.boolean()), async (numbers, isGuilty) => {
      const all = numbers.map(String);
      const guilty = all.filter((id) => isGuilty(id));
      const found = await findCulprits(all, async (held) => guilty.every((id) => held.has(id)));
      assert.deepEqual([...(found ?? [])].toSorted(), guilty.toSorted());
    }),
  );
  assert.equal(await findCulprits(['a', 'b'], async () => false), undefined);
});

test('an announcement is an ARP request of 42 octets for its own address', () => {
  const frame = gratuitousArp('203.0.113.50', '52:54:00:00:01:01');
  assert.equal(
    frame.toString('hex'),
    'ffffffffffff52540000010108060001080006040001525400000101cb007132000000000000cb007132',
  );
});

const listing = (rules: unknown[], elements: unknown[]): string =>
  JSON.stringify({
    nftables: [
      { metainfo: { version: '1.0.6' } },
      { table: { family: 'ip', name: 'edge', handle: 1 } },
      { set: { family: 'ip', table: 'edge', name: 's', type: 'ipv4_addr', handle: 9, elem: elements } },
      {
        set: {
          family: 'ip',
          table: 'edge',
          name: 'gen',
          type: 'mark',
          elem: [{ elem: { val: 7, comment: '1 5 aabb' } }],
        },
      },
      { chain: { family: 'ip', table: 'edge', name: 'c', handle: 3 } },
      ...rules.map((expr, handle) => ({ rule: { family: 'ip', table: 'edge', chain: 'c', handle, expr } })),
    ],
  });

test('counts and handles are no difference, everything else is named', () => {
  const counted = (packets: number) => [{ counter: { packets, bytes: packets } }, { drop: null }];
  const one = readLive([
    listing([counted(1)], ['10.0.0.1', { elem: { val: '10.0.0.2', counter: { packets: 5, bytes: 1 } } }]),
  ]);
  const two = readLive([listing([counted(900)], ['10.0.0.2', '10.0.0.1'])]);
  assert.deepEqual(differences(one, two), []);
  assert.deepEqual(one.stamps, [{ serial: 7, epoch: 1, position: 5, version: 'aabb' }]);
  const three = readLive([listing([counted(1), [{ accept: null }]], ['10.0.0.1'])]);
  const found = differences(three, two);
  assert.deepEqual(
    found.map(({ kind, where }) => `${kind} ${where}`),
    ['elements ip edge s', 'rules ip edge c'],
  );
  assert.match(found[0]?.detail ?? '', /missing: "10.0.0.2"/);
  assert.match(found[1]?.detail ?? '', /not ours: .*accept/);
});

test('a repair rewrites what differs and takes away what nobody asked for', () => {
  const wanted: Ruleset = {
    counters: [],
    sets: new Map([
      [
        'ip edge s',
        {
          piece: { table: 'ip edge', name: 's', kind: 'set', definition: 'type ipv4_addr;' },
          elements: new Map([['10.0.0.1', undefined]]),
        },
      ],
    ]),
    chains: new Map([['ip edge c', { table: 'ip edge', name: 'c', rules: ['drop'] }]]),
  };
  const live = readLive([listing([[{ accept: null }]], [])]);
  const lines = repairLines(
    [
      { kind: 'elements', where: 'ip edge s', detail: '' },
      { kind: 'rules', where: 'ip edge c', detail: '' },
      { kind: 'extra-chain', where: 'ip edge guest', detail: '' },
    ],
    wanted,
    live,
  );
  assert.deepEqual(lines, [
    'flush chain ip edge c',
    'flush chain ip edge guest',
    'flush set ip edge s',
    'add element ip edge s { 10.0.0.1 }',
    'add rule ip edge c drop',
    'delete chain ip edge guest',
  ]);
  assert.equal(repairLines([{ kind: 'table', where: 'ip edge', detail: '' }], wanted, live), undefined);
});

test('host items that only change their value replace themselves', () => {
  const neighbour = (mac: string) => ({ kind: 'neighbour', address: '10.0.0.1', mac, device: 'br' }) as const;
  const change = hostChange([neighbour('a'), { kind: 'proxy', address: '1.1.1.1', device: 'up' }], [neighbour('b')]);
  assert.deepEqual(change, { removed: [{ kind: 'proxy', address: '1.1.1.1', device: 'up' }], added: [neighbour('b')] });
});

test('a port that is not there yet gives no commands', () => {
  const port = {
    kind: 'port',
    port: 'vn_a',
    mac: 'd0:0d:00:00:00:01',
    bridge: 'br',
    isolated: true,
    locked: true,
  } as const;
  assert.deepEqual(
    addItem(port, () => false),
    { ip: [], bridge: [], sysctl: [] },
  );
  const commands = addItem(port, () => true);
  assert.match(commands.bridge[0] ?? '', /isolated on locked on learning off flood off/);
});
