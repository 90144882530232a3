import assert from 'node:assert/strict';
import { test } from 'node:test';
import { environmentConfiguration } from '../../../src/domain/configuration/environment.ts';
import { macPrefix44 } from '../../../src/domain/configuration/macPrefix44.ts';
import type { ConfigurationMembers } from '../../../src/domain/configuration/members.ts';
import {
  privatePoolRanges,
  type ResolvedConfiguration,
  resolutionDefaults,
  resolveConfiguration,
  resolvedClusterNamed,
  systemNameservers,
} from '../../../src/domain/configuration/resolve.ts';
import { acceptConfiguration, validateConfiguration } from '../../../src/domain/configuration/validate.ts';
import { formatRange } from '../../../src/domain/ipRange.ts';
import { effective, type SetProperties } from '../../../src/domain/properties.ts';
import { isRefusal } from '../../../src/domain/refusals.ts';
import { apart, flat, subnetA, subnetB } from './documents.ts';

const resolve = (
  configuration: ConfigurationMembers | undefined,
  registered: readonly string[],
  set: SetProperties = {},
): ResolvedConfiguration => resolveConfiguration(configuration, registered, resolutionDefaults(effective(set)));

test('nothing posted leaves defaults and no clusters', () => {
  assert.deepEqual(resolve(undefined, ['one']), {
    configured: false,
    instanceDnsDomain: 'eucalyptus.internal',
    instanceDnsServers: ['127.0.0.1'],
    publicIps: [],
    subnets: [],
    clusters: [],
    unresolved: ['one'],
  });
});

test('properties fill in what the configuration leaves open, and give way to it', () => {
  const set = {
    'cloud.vmstate.instance_subdomain': '..cloud',
    'system.dns.nameserveraddress': '10.1.1.1,10.1.1.2',
    'cloud.vmstate.mac_prefix': '02:00',
  };
  const open = resolve({ ...flat, InstanceDnsServers: [], InstanceDnsDomain: '', MacPrefix: '' }, ['one'], set);
  assert.equal(open.instanceDnsDomain, '.cloud.internal');
  assert.deepEqual(open.instanceDnsServers, ['10.1.1.1', '10.1.1.2']);
  assert.equal(open.clusters[0]?.macPrefix, '02:00');
  const closed = resolve(
    { ...flat, InstanceDnsServers: ['9.9.9.9', ''], InstanceDnsDomain: 'x.y', MacPrefix: '00:11' },
    ['one'],
    set,
  );
  assert.equal(closed.instanceDnsDomain, 'x.y');
  assert.deepEqual(closed.instanceDnsServers, ['9.9.9.9', '']);
  assert.equal(closed.clusters[0]?.macPrefix, '00:11');
});

test('only exactly 127.0.0.1, or nothing in the list, means no system name servers', () => {
  assert.deepEqual(systemNameservers('127.0.0.1'), []);
  assert.deepEqual(systemNameservers(' , ,'), []);
  assert.deepEqual(systemNameservers('127.0.0.1,'), ['127.0.0.1']);
  assert.deepEqual(systemNameservers(' 10.0.0.1 ,10.0.0.2,'), ['10.0.0.1', '10.0.0.2']);
});

test('a cluster without subnet is unresolved and gives no addresses', () => {
  const resolved = resolve({ ...apart, Subnets: [subnetA, subnetB] }, ['one', 'three']);
  assert.deepEqual(resolved.unresolved, ['three']);
  assert.deepEqual(
    resolved.clusters.map((cluster) => cluster.name),
    ['one', 'two'],
  );
  const refused = privatePoolRanges(resolved, 'three');
  assert.ok(isRefusal(refused));
  assert.deepEqual([refused.refused, refused.value], ['state.no-cluster-network', 'three']);
});

test('a pool is in listed order, and the first of two entries of a name counts', () => {
  const twice = {
    ...flat,
    Clusters: [
      { Name: 'one', PrivateIps: ['10.0.0.9', '10.0.0.3-10.0.0.5'] },
      { Name: 'one', PrivateIps: ['10.0.0.7'] },
    ],
  };
  const ranges = privatePoolRanges(resolve(twice, []), 'one');
  assert.deepEqual(isRefusal(ranges) ? ranges : ranges.map(formatRange), ['10.0.0.9', '10.0.0.3-10.0.0.5']);
});

test('a listed cluster that is not registered claims its subnet all the same', () => {
  const resolved = resolve(apart, []);
  assert.deepEqual(resolved.subnets, []);
  assert.equal(resolvedClusterNamed(resolved, 'two')?.subnet.gateway, '10.0.1.1');
  assert.equal(resolvedClusterNamed(resolved, 'zwei'), undefined);
});

const refusedWith = (document: object, posted?: ConfigurationMembers): unknown => {
  const refusal = validateConfiguration(document, posted);
  return refusal && [refusal.refused, refusal.member, refusal.value];
};

test('private ranges must lie among the usable hosts of their cluster', () => {
  const outside = (ranges: readonly string[]): unknown =>
    refusedWith({ Clusters: [{ Name: 'one', Subnet: subnetA, PrivateIps: ranges }] });
  assert.equal(outside(['10.0.0.1-10.0.0.254']), undefined);
  assert.deepEqual(outside(['10.0.0.5', ' 10.0.0.0 - 10.0.0.9']), [
    'semantic.private-ips',
    'Clusters[0].PrivateIps[1]',
    '10.0.0.0-10.0.0.9',
  ]);
  assert.deepEqual(outside(['10.0.0.255']), ['semantic.private-ips', 'Clusters[0].PrivateIps[0]', '10.0.0.255']);
  assert.equal(refusedWith({ Clusters: [{ Name: 'one', PrivateIps: ['9.9.9.9'] }] }), undefined);
});

test('a refusal names the list that was written, also when a cluster inherits it', () => {
  const refusal = acceptConfiguration(
    JSON.stringify({ ...flat, PrivateIps: ['10.0.0.7', '10.9.0.7'], Clusters: [{ Name: 'one' }] }),
  );
  assert.ok(isRefusal(refusal));
  assert.equal(refusal.member, 'PrivateIps[1]');
});

test('without clusters there must be exactly one subnet', () => {
  assert.deepEqual(refusedWith({ PublicIps: [] }), ['semantic.single-subnet', 'Subnets', undefined]);
  assert.deepEqual(refusedWith({ Subnets: [subnetA, subnetB], Clusters: [] }), [
    'semantic.single-subnet',
    'Subnets',
    undefined,
  ]);
  assert.equal(refusedWith({ Subnets: [subnetA] }), undefined);
  assert.deepEqual(refusedWith({ Subnets: [subnetA], PrivateIps: ['10.0.1.1'] }), [
    'semantic.private-ips',
    'PrivateIps[0]',
    '10.0.1.1',
  ]);
});

test('the odd ones of the specification', () => {
  const accepted = (document: object): boolean =>
    !isRefusal(acceptConfiguration(JSON.stringify({ PublicIps: [], ...document })));
  assert.ok(accepted({ Clusters: [{ Name: 'one' }] }));
  assert.ok(accepted({ Subnets: [subnetA], PrivateIps: ['10.0.0.1-10.0.0.9'] }));
  assert.ok(accepted({ PublicIps: ['10.0.0.1-'], Subnets: [subnetA] }));
  assert.ok(accepted({ Subnets: [{ Subnet: '0.0.0.0', Netmask: '0.0.0.0', Gateway: '10.0.0.1' }] }));
  assert.ok(!accepted({ Subnets: [subnetA, subnetB] }));
});

test('only EDGE can be applied', () => {
  const document = { Mode: 'VPCMIDO', PublicIps: [], Subnets: [subnetA] };
  const refusal = acceptConfiguration(JSON.stringify(document), '4.4');
  assert.ok(isRefusal(refusal) && refusal.refused === 'semantic.mode');
  assert.ok(!isRefusal(acceptConfiguration(JSON.stringify({ ...document, Mode: 'EDGE' }), '4.4')));
});

test('the environment gives a configuration in mode EDGE only, unquoted and unchecked', () => {
  const values = {
    VNET_MODE: ' "EDGE" ',
    VNET_PUBLICIPS: '"10.0.0.1  junk 10.0.0.5-10.0.0.9"',
    VNET_DNS: '""',
    VNET_SUBNET: 'x',
  };
  assert.deepEqual(environmentConfiguration(values, ['9.9.9.9']), {
    InstanceDnsServers: ['9.9.9.9'],
    PublicIps: ['10.0.0.1', '10.0.0.5-10.0.0.9'],
    PrivateIps: [],
    Subnets: [{ Subnet: 'x' }],
  });
  for (const mode of ['edge', 'MANAGED', '"', ''])
    assert.equal(environmentConfiguration({ VNET_MODE: mode }, []), undefined);
});

test('the cloud-wide MAC prefix of later releases', () => {
  assert.equal(macPrefix44({}), 'd0:0d');
  assert.equal(
    macPrefix44({ MacPrefix: '00:00', Clusters: [{ Name: 'a', MacPrefix: '11:11' }, { Name: 'b' }] }),
    '11:11',
  );
  assert.equal(
    macPrefix44({
      Clusters: [
        { Name: 'a', MacPrefix: '11:11' },
        { Name: 'b', MacPrefix: '11:00' },
      ],
    }),
    'd0:0d',
  );
});
