import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ConfigurationMembers } from '../../../src/domain/configuration/members.ts';
import { configurationWarnings, type WarningCode } from '../../../src/domain/configuration/warnings.ts';
import { formatRange, type IpRange, rangesOverlap } from '../../../src/domain/ipRange.ts';
import { apart, flat, subnetA, subnetB } from './documents.ts';

const told = (configuration: ConfigurationMembers, registered: readonly string[]): readonly string[] =>
  configurationWarnings(configuration, registered).map(({ code, path }) => `${code} ${path}`);

const tells = (code: WarningCode, configuration: ConfigurationMembers, registered: readonly string[]): boolean =>
  configurationWarnings(configuration, registered).some((warning) => warning.code === code);

test('a configuration in good order says nothing', () => {
  assert.deepEqual(told(apart, ['one', 'two']), []);
  assert.deepEqual(told(flat, ['one']), []);
});

test('the gateway in a pool is told once per list', () => {
  const inherited = { ...flat, PrivateIps: ['10.0.0.1-10.0.0.9'] };
  assert.deepEqual(told(inherited, ['one']), ['gateway-in-pool PrivateIps[0]']);
  const own = { ...flat, Clusters: [{ Name: 'one', PrivateIps: ['10.0.0.9', '10.0.0.1'] }] };
  assert.deepEqual(told(own, ['one']), ['gateway-in-pool Clusters[0].PrivateIps[1]']);
});

test('addresses written twice are told with the place of the second', () => {
  const twice = {
    ...flat,
    PublicIps: ['10.111.200.1-10.111.200.9', '10.111.200.5'],
    PrivateIps: ['10.0.0.5', '10.0.0.4-10.0.0.5'],
  };
  assert.deepEqual(told(twice, ['one']), ['ranges-overlap PublicIps[1]', 'ranges-overlap PrivateIps[0]']);
});

test('overlaps between pools are found exactly when there are any', () => {
  const range = fc
    .tuple(fc.integer({ min: 2, max: 60 }), fc.integer({ min: 2, max: 60 }))
    .map(([a, b]): IpRange => ({ lower: 0x0a000000 + Math.min(a, b), upper: 0x0a000000 + Math.max(a, b) }));
  const list = fc.array(range, { maxLength: 3, minLength: 1 });
  const anyOverlap = (a: readonly IpRange[], b: readonly IpRange[]): boolean =>
    a.some((x) => b.some((y) => rangesOverlap(x, y)));
  fc.assert(
    fc.property(list, list, list, (one, two, pub) => {
      const configuration = {
        PublicIps: pub.map(formatRange),
        Subnets: [subnetA],
        Clusters: [
          { Name: 'one', PrivateIps: one.map(formatRange) },
          { Name: 'two', PrivateIps: two.map(formatRange) },
        ],
      };
      const registered = ['one', 'two'];
      assert.equal(tells('clusters-share-addresses', configuration, registered), anyOverlap(one, two));
      assert.equal(
        tells('public-private-overlap', configuration, registered),
        anyOverlap(pub, one) || anyOverlap(pub, two),
      );
      const within = [pub, one, two].some((ranges) =>
        ranges.some((x, i) => ranges.some((y, j) => i < j && rangesOverlap(x, y))),
      );
      assert.equal(tells('ranges-overlap', configuration, registered), within);
    }),
    { numRuns: 500 },
  );
});

test('a flat network shares its pool and its subnet', () => {
  const shared = ['clusters-share-addresses Subnets', 'subnet-shared Clusters'];
  assert.deepEqual(told(flat, ['one', 'two']), shared);
  const listed = { ...flat, PrivateIps: ['10.0.0.5'], Clusters: [{ Name: 'one' }, { Name: 'two' }] };
  assert.deepEqual(told(listed, ['one', 'two']), [
    'clusters-share-addresses PrivateIps',
    'subnet-shared Clusters[1].Subnet',
  ]);
});

test('public addresses inside a subnet, and subnets inside each other', () => {
  assert.deepEqual(told({ ...flat, PublicIps: ['10.0.0.1'] }, ['one']), ['public-subnet-overlap PublicIps[0]']);
  const wide = { ...subnetA, Netmask: '255.255.0.0' };
  const nested = {
    PublicIps: [],
    Clusters: [
      { Name: 'one', Subnet: subnetA, PrivateIps: ['10.0.0.5'] },
      { Name: 'two', Subnet: wide, PrivateIps: ['10.0.9.9'] },
    ],
  };
  assert.deepEqual(told(nested, ['one', 'two']), ['subnets-overlap Clusters[1].Subnet']);
});

test('names given twice', () => {
  const subnets = {
    PublicIps: [],
    Subnets: [subnetA, { ...subnetB, Name: 'a' }],
    Clusters: [{ Name: 'one', Subnet: { Name: 'a' } }],
  };
  assert.deepEqual(told(subnets, ['one']), ['duplicate-subnet-name Subnets[1]']);
  const clusters = { ...flat, Clusters: [{ Name: 'one' }, { Name: 'one' }] };
  assert.deepEqual(told(clusters, ['one']), ['duplicate-cluster-name Clusters[1]']);
});

test('clusters that are unresolved or not registered', () => {
  const two = { ...apart, Clusters: (apart.Clusters ?? []).slice(0, 1) };
  assert.deepEqual(told(two, ['three']), ['unregistered-cluster Clusters[0]', 'unresolved-cluster Clusters']);
});

test('narrow masks, differing MAC prefixes and name servers that are not IPv4', () => {
  const narrow = { ...subnetA, Netmask: '255.255.255.254' };
  assert.deepEqual(told({ PublicIps: [], Subnets: [narrow] }, ['one']), ['narrow-netmask Subnets[0].Netmask']);
  const prefixes = {
    ...apart,
    Clusters: (apart.Clusters ?? []).map((cluster, i) => ({ ...cluster, MacPrefix: `00:1${i}` })),
  };
  assert.deepEqual(told(prefixes, ['one', 'two']), ['mac-prefixes-differ Clusters[1].MacPrefix']);
  assert.deepEqual(told({ ...flat, InstanceDnsServers: ['10.0.0.9', '::1', ''] }, ['one']), [
    'dns-server-not-ipv4 InstanceDnsServers[1]',
    'dns-server-not-ipv4 InstanceDnsServers[2]',
  ]);
});

test('a document with very many clusters on one list is told about in few words', () => {
  const ranges = Array.from({ length: 2000 }, (_, i) => `10.${i >> 8}.${i & 255}.2-10.${i >> 8}.${i & 255}.9`);
  const Clusters = Array.from({ length: 1000 }, (_, i) => ({ Name: `c${i}` }));
  const everyone = Clusters.map((cluster) => cluster.Name);
  const document = {
    PublicIps: [],
    PrivateIps: ranges,
    Subnets: [{ Subnet: '10.0.0.0', Netmask: '255.0.0.0', Gateway: '10.0.0.1' }],
    Clusters,
  };
  assert.deepEqual(told(document, everyone), [
    'clusters-share-addresses PrivateIps',
    'subnet-shared Clusters[1].Subnet',
  ]);
});
