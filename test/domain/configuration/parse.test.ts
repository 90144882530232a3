import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ConfigurationProfile } from '../../../src/domain/configuration/members.ts';
import { parseConfiguration } from '../../../src/domain/configuration/parse.ts';
import { isRefusal } from '../../../src/domain/refusals.ts';
import { apart, flat, subnetA, subnetB } from './documents.ts';

type Written = { readonly [member: string]: unknown };

/** `[code, path, value]` of the first error, or `accepted`. */
const outcome = (document: unknown, profile: ConfigurationProfile = '4.0'): unknown => {
  const parsed = parseConfiguration(typeof document === 'string' ? document : JSON.stringify(document), profile);
  return isRefusal(parsed) ? [parsed.refused, parsed.member, parsed.value] : 'accepted';
};

const withMembers = (members: Written): Written => ({ PublicIps: [], ...members });
const withSubnet = (members: Written): Written => withMembers({ Subnets: [{ ...subnetA, ...members }] });
const withCluster = (members: Written, subnets: readonly unknown[] = [subnetA]): Written =>
  withMembers({ Subnets: subnets, Clusters: [{ Name: 'one', ...members }] });

test('what is written comes out as written', () => {
  for (const document of [flat, apart]) assert.deepEqual(parseConfiguration(JSON.stringify(document)), document);
});

test('null for a member equals its absence, at every depth', () => {
  const text = '{"PublicIps":[],"MacPrefix":null,"Clusters":[{"Name":"one","Subnet":null,"PrivateIps":null}]}';
  assert.deepEqual(parseConfiguration(text), { PublicIps: [], Clusters: [{ Name: 'one' }] });
  assert.deepEqual(outcome('{"PublicIps":null}'), ['property.required', 'PublicIps', undefined]);
});

test('text that is no JSON is one syntax error', () => {
  for (const text of ['', '{', '{"PublicIps":[]} {}', '{"PublicIps":[],}', '// no\n{}', "{'PublicIps':[]}"]) {
    assert.deepEqual(outcome(text), ['json.syntax', '', undefined], JSON.stringify(text));
  }
});

test('repeated members, prototype names and inexact numbers are named', () => {
  assert.deepEqual(outcome('{"PublicIps":[],"PublicIps":[]}'), ['json.duplicate-member', 'PublicIps', undefined]);
  assert.deepEqual(outcome('{"PublicIps":[],"__proto__":{}}'), ['json.forbidden-member', '__proto__', undefined]);
  assert.deepEqual(outcome('{"PublicIps":[9007199254740993]}'), [
    'json.unsafe-number',
    'PublicIps[0]',
    '9007199254740993',
  ]);
});

test('unknown members and wrong types are found in the order of the text', () => {
  assert.deepEqual(outcome({ PublicIpss: [], PublicIps: 'x' }), ['json.unknown-field', 'PublicIpss', undefined]);
  assert.deepEqual(outcome({ PublicIps: '10.0.0.1', X: 1 }), ['json.type', 'PublicIps', '10.0.0.1']);
  assert.deepEqual(outcome(withCluster({ Subnets: [] })), ['json.unknown-field', 'Clusters[0].Subnets', undefined]);
  assert.deepEqual(outcome(withCluster({ Subnet: { Name: 7 } })), ['json.type', 'Clusters[0].Subnet.Name', '7']);
  assert.deepEqual(outcome({ PublicIps: ['10.0.0.1', null] }), ['json.type', 'PublicIps[1]', 'null']);
  assert.deepEqual(outcome(withMembers({ Subnets: {} })), ['json.type', 'Subnets', '{}']);
  assert.deepEqual(outcome(withMembers({ toString: 'x' })), ['json.unknown-field', 'toString', undefined]);
  for (const root of ['[]', 'null', '"x"', '7'])
    assert.deepEqual(outcome(root), ['json.type', '', root.replaceAll('"', '')]);
});

test('top-level members are checked in their fixed order', () => {
  const broken: Written = {
    PrivateIps: ['x'],
    PublicIps: ['y'],
    MacPrefix: 'q',
    InstanceDnsServers: ['', 'ns1.example.com'],
    InstanceDnsDomain: '.x',
    Subnets: [{}],
    Clusters: [{}],
  };
  const order = [
    ['InstanceDnsDomain', ['property.invalid.domain', 'InstanceDnsDomain', '.x']],
    ['InstanceDnsServers', ['property.invalid.ip', 'InstanceDnsServers[1]', 'ns1.example.com']],
    ['MacPrefix', ['property.invalid.regex', 'MacPrefix', 'q']],
    ['PublicIps', ['property.invalid.range', 'PublicIps[0]', 'y']],
    ['PrivateIps', ['property.invalid.range', 'PrivateIps[0]', 'x']],
    ['Subnets', ['property.required', 'Subnets[0].Subnet', undefined]],
    ['Clusters', ['property.required', 'Clusters[0].Name', undefined]],
  ] as const;
  let document = broken;
  assert.deepEqual(outcome({ ...broken, PublicIps: undefined }), ['property.required', 'PublicIps', undefined]);
  for (const [member, error] of order) {
    assert.deepEqual(outcome(document), error);
    document = { ...document, [member]: [], ...(Array.isArray(broken[member]) ? {} : { [member]: '' }) };
  }
  assert.equal(outcome(document), 'accepted');
});

test('a subnet needs all of its members, blank ones are missing', () => {
  for (const member of ['Subnet', 'Netmask', 'Gateway']) {
    const path = `Subnets[0].${member}`;
    for (const value of [undefined, null, '', ' ']) {
      assert.deepEqual(outcome(withSubnet({ [member]: value })), ['property.required', path, undefined]);
    }
    for (const value of ['x', '::1', '10.0.0.01', '10.0', '10.0.0.0 ']) {
      assert.deepEqual(outcome(withSubnet({ [member]: value })), ['property.invalid.ip', path, value]);
    }
  }
});

test('mask, network and gateway of a subnet must fit', () => {
  const bad = (members: Written): unknown => outcome(withSubnet(members));
  assert.deepEqual(bad({ Netmask: '255.0.255.0' }), ['property.invalid.netmask', 'Subnets[0].Netmask', '255.0.255.0']);
  assert.deepEqual(bad({ Subnet: '10.0.0.1' }), ['property.invalid.subnet', 'Subnets[0]', '10.0.0.1']);
  assert.deepEqual(bad({ Gateway: '10.0.0.0' }), ['property.invalid.subnet', 'Subnets[0]', '10.0.0.0']);
  assert.deepEqual(bad({ Gateway: '10.0.1.1' }), ['property.invalid.subnet', 'Subnets[0]', '10.0.1.1']);
  assert.equal(bad({ Gateway: '10.0.0.255' }), 'accepted');
  assert.equal(bad({ Subnet: '0.0.0.0', Netmask: '0.0.0.0' }), 'accepted');
  assert.equal(bad({ Subnet: '10.0.0.0', Netmask: '255.255.255.254' }), 'accepted');
});

test('a cluster refers to a subnet by name alone, or defines one', () => {
  const both = [subnetA, { Subnet: '10.0.1.0', Netmask: '255.255.255.0', Gateway: '10.0.1.1' }];
  assert.equal(outcome(withCluster({ Subnet: { Name: 'a' } }, both)), 'accepted');
  assert.equal(outcome(withCluster({ Subnet: { Name: '10.0.1.0' } }, both)), 'accepted');
  assert.equal(outcome(withCluster({ Subnet: { Name: 'a', Gateway: '' } }, both)), 'accepted');
  assert.equal(outcome(withCluster({ Subnet: subnetB }, both)), 'accepted');
  const missing = ['property.required', 'Clusters[0].Subnet.Subnet', undefined];
  for (const subnet of [{}, { Name: 'zzz' }, { Name: '10.0.0.0' }, { Name: 'a', Gateway: '10.0.0.2' }]) {
    assert.deepEqual(outcome(withCluster({ Subnet: subnet }, both)), missing, JSON.stringify(subnet));
  }
  assert.deepEqual(outcome(withCluster({}, both)), ['property.required', 'Clusters[0].Subnet', undefined]);
  assert.equal(outcome(withCluster({})), 'accepted');
  assert.equal(outcome(withCluster({}, [])), 'accepted');
});

test('one cluster is checked to its end before the next', () => {
  const document = withMembers({
    Clusters: [
      { Name: 'one', PrivateIps: ['x'] },
      { Name: ' ', MacPrefix: 'q' },
    ],
  });
  assert.deepEqual(outcome(document), ['property.invalid.range', 'Clusters[0].PrivateIps[0]', 'x']);
  assert.deepEqual(outcome(withMembers({ Clusters: [{ Name: ' ' }] })), [
    'property.required',
    'Clusters[0].Name',
    undefined,
  ]);
  assert.deepEqual(outcome(withCluster({ MacPrefix: 'd0:0d:', Subnet: {} })), [
    'property.invalid.regex',
    'Clusters[0].MacPrefix',
    'd0:0d:',
  ]);
});

test('members that came after 4.0 are known in the later profile only', () => {
  const later = withMembers({
    Mode: 'EDGE',
    PublicGateway: '10.0.0.1',
    Mido: { Gateways: [{ Ip: 'x' }] },
    ManagedSubnet: { MinVlan: 2 },
  });
  assert.deepEqual(outcome(later), ['json.unknown-field', 'Mode', undefined]);
  assert.equal(outcome(later, '4.4'), 'accepted');
  assert.deepEqual(outcome(withMembers({ Mode: 'EDGY' }), '4.4'), ['property.invalid.regex', 'Mode', 'EDGY']);
  assert.deepEqual(outcome(withMembers({ PublicGateway: '::1' }), '4.4'), [
    'property.invalid.ip',
    'PublicGateway',
    '::1',
  ]);
  assert.deepEqual(outcome(withMembers({ ManagedSubnet: { MinVlan: 2.5 } }), '4.4'), [
    'json.type',
    'ManagedSubnet.MinVlan',
    '2.5',
  ]);
});

test('no text makes it throw, and a refusal always has a path', () => {
  const piece = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"PublicIps"',
    '"Clusters"',
    '"Subnet"',
    '"10.0.0.1"',
    'null',
    '7',
    '""',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 25 }), (pieces) => {
      const parsed = parseConfiguration(pieces.join(''));
      return !isRefusal(parsed) || typeof parsed.member === 'string';
    }),
    { numRuns: 2000 },
  );
});
