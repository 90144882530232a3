/**
 * What each dialect writes and leaves out (node spec 0 and 3.2), down to the characters. What Eucalyptus itself writes is
 * covered by the conformance suites; here stands what is ours: the superset and what must never reach a daemon.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ResolvedConfiguration } from '../../../src/domain/configuration/resolve.ts';
import { buildDocument, type DocumentInputs, type InstanceInput } from '../../../src/projections/document/build.ts';
import { canonicalDocument } from '../../../src/projections/document/canonical.ts';
import type { Dialect, RuleEntry } from '../../../src/projections/document/model.ts';
import { pretty } from '../../../src/projections/document/pretty.ts';
import { renderDocument } from '../../../src/projections/document/render.ts';
import { implementable, narrowed, textForm } from '../../../src/projections/document/ruleForms.ts';
import { stampOf } from '../../../src/projections/document/stamp.ts';
import { dialects } from './worlds.ts';

const resolved: ResolvedConfiguration = {
  configured: true,
  instanceDnsDomain: 'eucalyptus.internal',
  instanceDnsServers: ['10.1.1.254'],
  publicIps: ['10.111.200.1-10.111.200.10'],
  publicGateway: '10.111.200.254',
  subnets: [{ name: 'spare', subnet: '192.168.0.0', netmask: '255.255.0.0', gateway: '192.168.0.1' }],
  clusters: [
    {
      name: 'PARTI00',
      macPrefix: 'd0:0d',
      subnet: { name: 'net', subnet: '1.0.0.0', netmask: '255.255.0.0', gateway: '1.0.0.1' },
      privateIps: ['1.0.0.33-1.0.0.40'],
    },
  ],
  unresolved: [],
};

const instance = (n: number, more: Partial<InstanceInput> = {}): InstanceInput => ({
  id: `i-0000000${n}`,
  ownerId: '000000000002',
  state: 'RUNNING',
  macAddress: `d0:0d:00:00:00:0${n}`,
  privateAddress: `1.0.0.3${n}`,
  cluster: 'PARTI00',
  node: '10.111.5.70',
  groups: ['sg-00000001'],
  ...more,
});

const ssh: RuleEntry = { protocol: 6, low: 22, high: 22, source: { kind: 'cidr', cidr: '0.0.0.0/0' } };
const fromGroup = (groupId: string): RuleEntry => ({
  protocol: 17,
  low: 5000,
  high: 5010,
  source: { kind: 'group', groupId, ownerId: '000000000003' },
});

const inputs = (instances: readonly InstanceInput[], rules: readonly RuleEntry[] = [ssh]): DocumentInputs => ({
  resolved,
  cloudAddress: '10.111.5.11',
  clusters: [{ name: 'PARTI00', address: '10.111.5.16', nodes: ['10.111.5.70', '10.111.5.71'] }],
  instances,
  groups: [
    { id: 'sg-00000001', ownerId: '000000000002', rules },
    { id: 'sg-00000002', ownerId: '000000000003', rules: [] },
    { id: 'sg-00000003', ownerId: '000000000003', rules: [] },
  ],
  dirtyAddresses: new Set(['10.111.200.9']),
});

const rendered = (given: DocumentInputs, dialect: Dialect): string =>
  renderDocument(buildDocument(given, dialect), dialect, stampOf(1, 42));

describe('superset document', () => {
  it('carries what both daemons read: mode, both rule forms, subnet named by its address, version first', () => {
    assert.equal(
      rendered(inputs([instance(1, { publicAddress: '10.111.200.1' })]), 'superset'),
      [
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>',
        '<network-data version="9e3779db" epoch="1" position="42"><configuration>',
        '<property name="mode"><value>EDGE</value></property>',
        '<property name="publicIps"><value>10.111.200.1-10.111.200.10</value></property>',
        '<property name="enabledCLCIp"><value>10.111.5.11</value></property>',
        '<property name="instanceDNSDomain"><value>eucalyptus.internal</value></property>',
        '<property name="instanceDNSServers"><value>10.1.1.254</value></property>',
        '<property name="publicGateway"><value>10.111.200.254</value></property>',
        '<property name="subnets"><subnet name="192.168.0.0">',
        '<property name="subnet"><value>192.168.0.0</value></property>',
        '<property name="netmask"><value>255.255.0.0</value></property>',
        '<property name="gateway"><value>192.168.0.1</value></property></subnet></property>',
        '<property name="clusters"><cluster name="PARTI00"><subnet name="1.0.0.0">',
        '<property name="subnet"><value>1.0.0.0</value></property>',
        '<property name="netmask"><value>255.255.0.0</value></property>',
        '<property name="gateway"><value>1.0.0.1</value></property></subnet>',
        '<property name="enabledCCIp"><value>10.111.5.16</value></property>',
        '<property name="macPrefix"><value>d0:0d</value></property>',
        '<property name="privateIps"><value>1.0.0.33-1.0.0.40</value></property>',
        '<property name="nodes"><node name="10.111.5.70"><instanceIds><value>i-00000001</value></instanceIds></node>',
        '<node name="10.111.5.71"><instanceIds/></node></property></cluster></property></configuration>',
        '<instances><instance name="i-00000001"><ownerId>000000000002</ownerId>',
        '<macAddress>d0:0d:00:00:00:01</macAddress><publicIp>10.111.200.1</publicIp><privateIp>1.0.0.31</privateIp>',
        '<securityGroups><value>sg-00000001</value></securityGroups></instance></instances>',
        '<securityGroups><securityGroup name="sg-00000001"><ownerId>000000000002</ownerId>',
        '<rules><value>-P tcp -p 22-22  -s 0.0.0.0/0</value></rules>',
        '<ingressRules><rule><protocol>6</protocol><fromPort>22</fromPort><toPort>22</toPort><cidr>0.0.0.0/0</cidr></rule>',
        '</ingressRules></securityGroup></securityGroups></network-data>',
      ].join(''),
    );
  });

  it('leaves out what would make a daemon refuse everything', () => {
    const given = inputs([
      instance(1),
      instance(2, { privateAddress: '0.0.0.0' }),
      instance(3, { groups: [] }),
      instance(4, { id: 'i-0123456789abcdef0' }),
      instance(5, { state: 'STOPPED' }),
    ]);
    const document = buildDocument(given, 'superset');
    assert.deepEqual(
      document.instances.map(({ id }) => id),
      ['i-00000001'],
    );
    assert.deepEqual(document.configuration.clusters[0]?.nodes[0]?.instanceIds, ['i-00000001']);
    assert.deepEqual(
      buildDocument(given, '4.4').instances.map(({ id }) => id),
      ['i-00000001', 'i-0123456789abcdef0'],
    );
    assert.equal(buildDocument(given, '4.0').instances.length, 4);
  });

  it('never holds a group without members, and keeps the text of a rule that names one', () => {
    const xml = rendered(inputs([instance(1)], [ssh, fromGroup('sg-00000002')]), 'superset');
    assert.ok(!xml.includes('name="sg-00000002"'));
    assert.ok(xml.includes('<value>-P udp -p 5000-5010  -o sg-00000002 -u 000000000003</value>'));
    assert.ok(!xml.includes('<groupId>'));
  });

  it('writes both forms of a rule once its source group has a member', () => {
    const given = inputs([instance(1), instance(2, { groups: ['sg-00000002'] })], [fromGroup('sg-00000002')]);
    const xml = rendered(given, 'superset');
    assert.ok(xml.includes('<value>-P udp -p 5000-5010  -o sg-00000002 -u 000000000003</value>'));
    assert.ok(xml.includes('<groupId>sg-00000002</groupId><groupOwnerId>000000000003</groupOwnerId></rule>'));
  });

  it('names no server that a daemon would choke on, and always one', () => {
    const servers = (instanceDnsServers: readonly string[]): string | undefined =>
      /name="instanceDNSServers">(.*?)<\/property>/.exec(
        rendered({ ...inputs([]), resolved: { ...resolved, instanceDnsServers } }, 'superset'),
      )?.[1];
    assert.equal(servers(['', '10.1.1.1', '0.0.0.0']), '<value>10.1.1.1</value>');
    assert.equal(servers(['']), '<value>127.0.0.1</value>');
  });

  it('hides a dirty address', () => {
    const document = buildDocument(inputs([instance(1, { publicAddress: '10.111.200.9' })]), 'superset');
    assert.equal(document.instances[0]?.publicIp, undefined);
  });
});

describe('the other dialects', () => {
  it('keep a 4.0 document free of attributes, modes and structured rules', () => {
    const xml = rendered(inputs([instance(1)]), '4.0');
    assert.ok(xml.includes('<network-data><configuration><property name="publicIps">'));
    for (const word of ['mode', 'publicGateway', 'ingressRules', 'vpcs']) assert.ok(!xml.includes(word), word);
  });

  it('give a 4.4 document the groups that rules name, members or not', () => {
    const document = buildDocument(inputs([instance(1)], [fromGroup('sg-00000002')]), '4.4');
    assert.deepEqual(
      document.securityGroups.map(({ id }) => id),
      ['sg-00000001', 'sg-00000002'],
    );
    assert.ok(rendered(inputs([instance(1)], [fromGroup('sg-00000002')]), '4.4').includes('<groupId>sg-00000002'));
  });
});

describe('rules that must not be sent', () => {
  const at = (protocol: number, low: number, high: number, cidr = '10.0.0.0/8'): RuleEntry => ({
    protocol,
    low,
    high,
    source: { kind: 'cidr', cidr },
  });

  it('are those a daemon cannot take', () => {
    const bad = [
      at(-1, -1, -1),
      at(61, -1, -1),
      at(0, 0, 0),
      at(6, 22, 21),
      at(6, -1, 22),
      at(17, 1, 65536),
      at(1, 0, 65535),
      at(1, -2, 0),
      at(6, 22, 22, '::/0'),
      at(6, 22, 22, '10.0.0.0'),
      at(6, 22, 22, '10.0.0.0/33'),
      at(6, 22, 22, '010.0.0.0/8'),
    ];
    for (const rule of bad) assert.equal(implementable(rule), false, JSON.stringify(rule));
    for (const dialect of dialects) {
      const xml = rendered(inputs([instance(1)], bad), dialect);
      assert.ok(!xml.includes('<rule>') && !xml.includes('-P '), dialect);
    }
    for (const rule of [at(6, 0, 65535), at(1, -1, -1), at(1, 8, 0), at(17, 53, 53, '0.0.0.0/0')]) {
      assert.equal(implementable(rule), true, JSON.stringify(rule));
    }
  });

  it('are narrowed where the 4.4 daemon would open more than was allowed', () => {
    assert.deepEqual(narrowed(at(6, 0, 80)), at(6, 1, 80));
    assert.equal(narrowed(at(17, 0, 0)), undefined);
    assert.deepEqual(narrowed(at(6, 0, 65535)), at(6, 0, 65535));
    assert.deepEqual(narrowed(at(1, 0, 0)), at(1, 0, 0));
    const xml = rendered(inputs([instance(1)], [at(6, 0, 80)]), 'superset');
    assert.ok(xml.includes('<fromPort>1</fromPort><toPort>80</toPort>') && xml.includes('-p 0-80 '));
  });

  it('are those of 4.0 when 4.0 has no word for the protocol', () => {
    assert.equal(textForm(at(47, -1, -1)), undefined);
    const written = dialects.map((dialect) => rendered(inputs([instance(1)], [at(47, -1, -1)]), dialect));
    const rule = '<rule><protocol>47</protocol><cidr>10.0.0.0/8</cidr></rule>';
    assert.deepEqual(
      written.map((xml) => xml.includes(rule)),
      [true, false, true],
    );
    for (const xml of written) assert.ok(!xml.includes('-P '));
  });
});

describe('canonical document', () => {
  it('is the same for every order of what are sets', () => {
    const some = inputs(
      [instance(1, { groups: ['sg-00000001', 'sg-00000002'] }), instance(2)],
      [ssh, fromGroup('sg-00000002'), ssh],
    );
    const other: DocumentInputs = {
      ...some,
      instances: [instance(2), instance(1, { groups: ['sg-00000002', 'sg-00000001'] })],
      groups: some.groups.toReversed().map((group) => ({ ...group, rules: group.rules.toReversed() })),
      clusters: some.clusters.map((cluster) => ({ ...cluster, nodes: cluster.nodes.toReversed() })),
    };
    assert.equal(rendered(other, 'superset'), rendered(some, 'superset'));
    const document = canonicalDocument(buildDocument(some, 'superset'));
    assert.equal(document.securityGroups[0]?.rules.length, 2);
    assert.deepEqual(canonicalDocument(document), document);
  });
});

describe('spelling', () => {
  const withDomain = (instanceDnsDomain: string): string =>
    rendered({ ...inputs([]), resolved: { ...resolved, instanceDnsDomain } }, '4.0');

  it('escapes what XML needs escaped, in text and in names', () => {
    assert.ok(withDomain('a&b<c>"d"').includes('<value>a&amp;b&lt;c&gt;"d"</value>'));
    const named = { ...resolved, clusters: resolved.clusters.map((cluster) => ({ ...cluster, name: 'a"&\n<' })) };
    const given = { ...inputs([]), resolved: named, clusters: [{ name: 'a"&\n<', address: '1.1.1.1', nodes: [] }] };
    assert.ok(rendered(given, '4.0').includes('<cluster name="a&quot;&amp;&#10;&lt;">'));
  });

  it('replaces what no XML document may hold', () => {
    assert.ok(withDomain('a\u0001b\ud800c\uffffd').includes('<value>a\ufffdb\ufffdc\ufffdd</value>'));
    assert.ok(withDomain('\u{1f600}').includes('<value>\u{1f600}</value>'));
  });

  it('is indented for people without changing a value', () => {
    const text = pretty(rendered(inputs([instance(1)]), '4.0'));
    const lines = text.split('\n');
    assert.equal(lines[0], '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>');
    assert.equal(lines[1], '<network-data>');
    assert.equal(lines[2], '    <configuration>');
    assert.equal(lines[4], '            <value>10.111.200.1-10.111.200.10</value>');
    assert.ok(text.includes('                <value>-P tcp -p 22-22  -s 0.0.0.0/0</value>\n'));
    assert.ok(text.endsWith('</network-data>\n'));
    assert.equal(text.replace(/\n */g, ''), rendered(inputs([instance(1)]), '4.0'));
  });
});

describe('stamp', () => {
  it('has eight digits that differ between neighbouring positions and between epochs', () => {
    const versions = [-1, 0, 1, 2, 2 ** 32, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER].map((p) => stampOf(1, p).version);
    for (const version of versions) assert.match(version, /^[0-9a-f]{8}$/);
    assert.equal(new Set(versions.slice(0, 4)).size, 4);
    assert.notEqual(stampOf(1, 2 ** 32).version, stampOf(1, 2 ** 32 + 1).version);
    assert.notEqual(stampOf(1, 7).version, stampOf(2, 7).version);
  });
});
