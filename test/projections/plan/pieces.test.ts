/**
 * The small parts of a plan: rules into matches, ids into names, who is left out, what the DHCP file says, the boot skeleton.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import type { InstanceEntry, NetworkDocument, RuleEntry } from '../../../src/projections/document/model.ts';
import { changedEntries } from '../../../src/projections/plan/census.ts';
import { bootGateText } from '../../../src/projections/plan/leases.ts';
import { defaultNodeOptions, guardNames, type Plan } from '../../../src/projections/plan/model.ts';
import { commentWord, groupChain, portName } from '../../../src/projections/plan/names.ts';
import { planNode } from '../../../src/projections/plan/planner.ts';
import { planRules } from '../../../src/projections/plan/rules.ts';
import { skeletonText } from '../../../src/projections/plan/skeleton.ts';
import { type Cloud, documentOf, nodeName } from './clouds.ts';

const anywhere = { kind: 'cidr', cidr: '0.0.0.0/0' } as const;
const matchOf = (rule: RuleEntry): string => {
  const [planned] = planRules({ id: 'sg-1', ownerId: '1', rules: [rule] }, (id) => id === 'sg-2');
  return planned?.match ?? `! ${planned?.problem}`;
};

test('rules become matches, and what cannot be one says why', () => {
  const cases: [RuleEntry, string][] = [
    [{ protocol: 6, low: 22, high: 22, source: anywhere }, 'tcp dport 22'],
    [
      { protocol: 17, low: 1, high: 9, source: { kind: 'cidr', cidr: '10.0.0.9/8' } },
      'ip saddr 10.0.0.0/8 udp dport 1-9',
    ],
    [{ protocol: 6, low: 0, high: 65535, source: anywhere }, 'ip protocol tcp'],
    [{ protocol: 6, low: 0, high: 0, source: anywhere }, 'tcp dport 0'],
    [
      { protocol: 1, low: -1, high: -1, source: { kind: 'group', groupId: 'sg-2', ownerId: '1' } },
      'ip saddr @m_sg-2 ip protocol icmp',
    ],
    [{ protocol: 1, low: 3, high: 4, source: anywhere }, 'icmp type 3 icmp code 4'],
    [{ protocol: 47, low: -1, high: -1, source: anywhere }, 'ip protocol 47'],
    [{ protocol: -1, low: -1, high: -1, source: anywhere }, '! protocol -1 is not a number from 1 to 255'],
    [{ protocol: Number.NaN, low: 1, high: 1, source: anywhere }, '! protocol NaN is not a number from 1 to 255'],
    [{ protocol: 6, low: 9, high: 1, source: anywhere }, '! ports 9-1 are no range within 0-65535'],
    [{ protocol: 6, low: 1, high: 1, source: { kind: 'cidr', cidr: '::/0' } }, '! source ::/0 is no IPv4 block'],
    [{ protocol: 6, low: 1, high: 1, source: { kind: 'cidr', cidr: '' } }, '! source  is no IPv4 block'],
    [
      { protocol: 6, low: 1, high: 1, source: { kind: 'group', groupId: 'sg-9', ownerId: '1' } },
      '! source group sg-9 is not in the document',
    ],
    [{ protocol: 1, low: 256, high: 0, source: anywhere }, '! icmp type 256 and code 0 are not from -1 to 255'],
  ];
  for (const [rule, expected] of cases) assert.equal(matchOf(rule), expected);
});

test('names fit the kernel, differ where ids differ, and let nothing through', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.string({ unit: 'binary', maxLength: 40 }),
      (one, two) => {
        assert.match(portName('vn_', one), /^vn_[A-Za-z0-9_-]*$/);
        assert.ok(portName('vn_', one).length <= 15);
        assert.match(groupChain(one), /^g_[A-Za-z0-9_.-]{1,66}$/);
        assert.match(commentWord(one), /^[A-Za-z0-9._-]*$/);
        if (one !== two) assert.notEqual(groupChain(one), groupChain(two));
      },
    ),
  );
  assert.equal(portName('vn_', 'i-0000000a'), 'vn_i-0000000a');
});

test('changed entries are found by identity, moves are no change', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(20)), fc.array(fc.nat(20)), (one, two) => {
      const [a, b] = [[...new Set(one)], [...new Set(two)]];
      const { removed, added } = changedEntries(a, b);
      assert.deepEqual(removed.toSorted(), a.filter((x) => !b.includes(x)).toSorted());
      assert.deepEqual(added.toSorted(), b.filter((x) => !a.includes(x)).toSorted());
    }),
  );
});

const cloud: Cloud = {
  seats: Array.from({ length: 8 }, (_, index) => ({
    present: index < 2,
    here: true,
    groups: ['sg-a'],
    elastic: index === 0,
  })),
  groups: [{ id: 'sg-a', ownerId: '1', rules: [] }],
  shown: ['sg-a'],
  shift: 0,
  clc: '198.51.100.5',
};

const planOf = (document: NetworkDocument): Plan => {
  const plan = planNode(document, [nodeName], defaultNodeOptions);
  if ('refused' in plan) throw new Error(JSON.stringify(plan));
  return plan;
};

test('what an instance lacks leaves it out with a note, and nobody else', () => {
  const document = documentOf(cloud);
  const cases: [Partial<InstanceEntry>, RegExp][] = [
    [{ macAddress: '' }, /no MAC/],
    [{ macAddress: 'd0:0d' }, /is none/],
    [{ macAddress: '01:00:00:00:00:01' }, /multicast/],
    [{ macAddress: defaultNodeOptions.gatewayMac.toUpperCase() }, /gateway/],
    [{ privateIp: '10.111.255.254' }, /gateway/],
    [{ privateIp: '10.112.0.1' }, /outside/],
    [{ privateIp: '0.0.0.0' }, /outside/],
    [{ privateIp: '10.111.0.01' }, /is none/],
  ];
  for (const [over, reason] of cases) {
    const [first, ...others] = document.instances;
    const plan = planOf({ ...document, instances: [{ ...(first as InstanceEntry), ...over }, ...others] });
    assert.equal(plan.instances.size, 1);
    assert.match(plan.notes.find(({ kind }) => kind === 'bad-instance')?.detail ?? '', reason);
  }
});

test('documents no node can be built from are refused as a whole', () => {
  const document = documentOf(cloud);
  const { configuration } = document;
  const [cluster] = configuration.clusters;
  if (cluster === undefined) throw new Error('the document has a cluster');
  const refusedFor = (over: Partial<typeof configuration>): string => {
    const plan = planNode(
      { ...document, configuration: { ...configuration, ...over } },
      [nodeName],
      defaultNodeOptions,
    );
    return 'refused' in plan ? plan.refused : 'taken';
  };
  assert.equal(refusedFor({}), 'taken');
  assert.equal(refusedFor({ clusters: [] }), 'document-without-node');
  assert.equal(refusedFor({ enabledCLCIp: 'clc.example.org' }), 'document-network');
  const netmask = { ...cluster.subnet, netmask: '255.0.255.0' };
  assert.equal(refusedFor({ clusters: [{ ...cluster, subnet: netmask }] }), 'document-network');
  const twice = [...cluster.nodes, { name: '198.51.100.13', instanceIds: ['i-00000000'] }];
  assert.equal(refusedFor({ clusters: [{ ...cluster, nodes: twice }] }), 'document-duplicate');
});

test('the boot gate file is what eucanetd would have written', () => {
  const text = bootGateText(planOf(documentOf(cloud)));
  assert.equal(
    text,
    `# automatically generated config file for DHCP server
default-lease-time 86400;
max-lease-time 86400;
ddns-update-style none;

shared-network euca {
subnet 10.111.0.0 netmask 255.255.0.0 {
  option subnet-mask 255.255.0.0;
  option broadcast-address 10.111.255.255;
  option domain-name "cloud.internal";
  option domain-name-servers 198.51.100.5;
  option routers 10.111.255.254;
}

host node-10.111.0.1 {
  hardware ethernet D0:0D:00:00:00:00;
  fixed-address 10.111.0.1;
}

host node-10.111.0.2 {
  hardware ethernet D0:0D:00:00:00:01;
  fixed-address 10.111.0.2;
}
}
`,
  );
});

test('the boot skeleton on disk is the one the code renders', () => {
  const file = readFileSync(new URL('../../../contrib/systemd/edgelog-boot.nft', import.meta.url), 'utf8');
  assert.equal(file.replace(/^#.*\n/, ''), skeletonText(defaultNodeOptions));
});

test('every guard is on the page and in the picture', () => {
  const read = (name: string): string => readFileSync(new URL(`../../../docs/${name}`, import.meta.url), 'utf8');
  const [page, picture] = [read('node-agent.md'), read('packet-path.svg')];
  const missing = (text: string): string[] => guardNames.filter((name) => !new RegExp(`\\b${name}\\b`).test(text));
  assert.deepEqual(missing(page), []);
  assert.deepEqual(missing(picture), ['neighbourProxy'], 'the one that is no rule of a chain');
});
