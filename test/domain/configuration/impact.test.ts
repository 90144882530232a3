import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type ConfigurationImpact,
  configurationImpact,
  type HeldAddress,
} from '../../../src/domain/configuration/impact.ts';
import type { ConfigurationMembers } from '../../../src/domain/configuration/members.ts';
import { resolutionDefaults, resolveConfiguration } from '../../../src/domain/configuration/resolve.ts';
import { effective } from '../../../src/domain/properties.ts';
import { apart, flat, subnetA } from './documents.ts';

const registered = ['one', 'two'];

const impact = (
  before: ConfigurationMembers | undefined,
  after: ConfigurationMembers | undefined,
  privateHeld: readonly HeldAddress[] = [],
  publicHeld: readonly HeldAddress[] = [],
): ConfigurationImpact => {
  const resolve = (configuration: ConfigurationMembers | undefined) =>
    resolveConfiguration(configuration, registered, resolutionDefaults(effective({})));
  return configurationImpact({
    before: resolve(before),
    after: resolve(after),
    privateHeld,
    publicHeld,
    registered,
    warnings: [],
  });
};

const held = (address: string, cluster: string, instanceId: string): HeldAddress => ({ address, cluster, instanceId });

test('the same configuration touches nothing', () => {
  assert.deepEqual(impact(apart, apart, [held('10.0.0.5', 'one', 'i-00000001')]), {
    addressesOrphaned: [],
    instancesAffected: [],
    clustersTouched: [],
    publicAddressesAdded: { count: 0, ranges: [] },
    publicAddressesRemoved: { count: 0, ranges: [] },
    warnings: [],
  });
});

test('a smaller pool orphans the addresses in use outside it, and names who holds them', () => {
  const after = {
    ...apart,
    Clusters: [
      { Name: 'one', Subnet: { Name: 'a' }, PrivateIps: ['10.0.0.5'] },
      { Name: 'two', Subnet: { Name: 'b' }, PrivateIps: ['10.0.1.50-10.0.1.60'] },
    ],
  };
  const inside = held('10.0.0.5', 'one', 'i-00000001');
  const outside = held('10.0.0.6', 'one', 'i-00000002');
  const other = held('10.0.1.50', 'two', 'i-00000003');
  const found = impact(apart, after, [inside, outside, other]);
  assert.deepEqual(found.addressesOrphaned, [{ ...outside, kind: 'private' }]);
  assert.deepEqual(found.instancesAffected, ['i-00000002']);
  assert.deepEqual(found.clustersTouched, [{ cluster: 'one', changes: ['private-addresses'] }]);
});

test('an address that was outside its pool before is not news', () => {
  const found = impact(apart, { ...apart, MacPrefix: '00:11' }, [held('10.9.9.9', 'one', 'i-00000001')]);
  assert.deepEqual(found.addressesOrphaned, []);
  assert.deepEqual(
    found.clustersTouched.map(({ changes }) => changes),
    [['mac-prefix'], ['mac-prefix']],
  );
});

test('public addresses added and removed are ranges, those in use are orphaned', () => {
  const after = { ...apart, PublicIps: ['10.111.200.2-10.111.200.4'] };
  const taken = { address: '10.111.200.1' };
  const found = impact(apart, after, [], [taken, { address: '10.111.200.2' }]);
  assert.deepEqual(found.publicAddressesAdded, { count: 2, ranges: ['10.111.200.3-10.111.200.4'] });
  assert.deepEqual(found.publicAddressesRemoved, { count: 1, ranges: ['10.111.200.1'] });
  assert.deepEqual(found.addressesOrphaned, [{ ...taken, kind: 'public' }]);
  assert.deepEqual(
    found.clustersTouched.map(({ cluster }) => cluster),
    registered,
  );
});

test('clearing removes every cluster and affects every instance', () => {
  const found = impact(apart, undefined, [
    held('10.0.1.50', 'two', 'i-00000002'),
    held('10.0.0.5', 'one', 'i-00000001'),
  ]);
  assert.deepEqual(found.instancesAffected, ['i-00000001', 'i-00000002']);
  assert.ok(found.clustersTouched.every(({ changes }) => changes.includes('removed')));
  assert.equal(
    impact(undefined, apart).clustersTouched.every(({ changes }) => changes.includes('added')),
    true,
  );
});

test('another gateway affects the instances behind it although they keep their addresses', () => {
  const after = { ...flat, Subnets: [{ ...subnetA, Gateway: '10.0.0.254' }] };
  const found = impact(flat, after, [held('10.0.0.5', 'one', 'i-00000001')]);
  assert.deepEqual(found.addressesOrphaned, []);
  assert.deepEqual(found.instancesAffected, ['i-00000001']);
});

test('whole of IPv4 as public pool is compared as ranges', () => {
  const found = impact(flat, { ...flat, PublicIps: ['0.0.0.0-255.255.255.255'] });
  assert.equal(found.publicAddressesAdded.count, 2 ** 32 - 2);
});
