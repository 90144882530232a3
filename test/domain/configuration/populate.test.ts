import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ConfigurationMembers, SubnetMembers } from '../../../src/domain/configuration/members.ts';
import { populate } from '../../../src/domain/configuration/populate.ts';
import { flat, subnetA, subnetB } from './documents.ts';

const definitions: readonly SubnetMembers[] = [
  subnetA,
  subnetB,
  { Subnet: '10.0.2.0', Netmask: '255.255.255.0', Gateway: '10.0.2.9' },
];
const names = fc.constantFrom('one', 'two', 'three');
const lists = fc.option(fc.subarray(['10.0.0.5', '10.0.0.7-10.0.0.9']), { nil: undefined });
const maybe = <T>(member: string, value: T | undefined): object => (value === undefined ? {} : { [member]: value });
const cluster = fc
  .tuple(
    names,
    lists,
    fc.option(fc.constantFrom<SubnetMembers>({ Name: 'a' }, { Name: '10.0.2.0' }, subnetB), { nil: undefined }),
    fc.option(fc.constantFrom('', '00:11'), { nil: undefined }),
  )
  .map(([Name, ranges, subnet, prefix]) => ({
    Name,
    ...maybe('PrivateIps', ranges),
    ...maybe('Subnet', subnet),
    ...maybe('MacPrefix', prefix),
  }));
const configuration: fc.Arbitrary<ConfigurationMembers> = fc
  .tuple(fc.subarray([...definitions]), fc.array(cluster, { maxLength: 4 }), lists)
  .map(([Subnets, Clusters, ranges]) => ({ PublicIps: [], Subnets, Clusters, ...maybe('PrivateIps', ranges) }));
const registered = fc.subarray(['one', 'two', 'three']);

test('the input is not changed', () => {
  fc.assert(
    fc.property(configuration, registered, (input, clusters) => {
      const before = structuredClone(input);
      populate(input, clusters);
      assert.deepEqual(input, before);
    }),
  );
});

test('populating what is populated changes nothing more, but for subnets that were used up', () => {
  fc.assert(
    fc.property(configuration, registered, (input, clusters) => {
      const once = populate(input, clusters);
      const { Subnets: _left, ...rest } = once;
      const resolvedOnly = rest.Clusters.every((entry) => entry.Subnet !== undefined && entry.PrivateIps !== undefined);
      if (resolvedOnly) assert.deepEqual(populate(once, clusters), once);
    }),
  );
});

test('every listed entry stays in its place, and every registered cluster has one', () => {
  fc.assert(
    fc.property(configuration, registered, (input, clusters) => {
      const populated = populate(input, clusters).Clusters.map((entry) => entry.Name);
      const listed = (input.Clusters ?? []).map((entry) => entry.Name);
      assert.deepEqual(populated.slice(0, listed.length), listed);
      assert.deepEqual(
        populated.slice(listed.length),
        clusters.filter((name) => !listed.includes(name)),
      );
    }),
  );
});

test('no cluster is left without subnet while there is exactly one to take', () => {
  fc.assert(
    fc.property(fc.constantFrom(...definitions), registered, (only, clusters) => {
      const populated = populate({ Subnets: [only] }, clusters);
      assert.ok(populated.Clusters.every((entry) => entry.Subnet?.Subnet === only.Subnet));
      assert.deepEqual(populated.Subnets, clusters.length > 0 ? undefined : [only]);
    }),
  );
});

test('an absent list inherits, an empty one means the whole subnet, a given one stays', () => {
  const pool = (ranges: readonly string[] | undefined): unknown =>
    populate({ ...flat, PrivateIps: ['10.0.0.10'], Clusters: [{ Name: 'one', ...maybe('PrivateIps', ranges) }] }, [])
      .Clusters[0]?.PrivateIps;
  assert.deepEqual(pool(undefined), ['10.0.0.10']);
  assert.deepEqual(pool([]), ['10.0.0.2-10.0.0.254']);
  assert.deepEqual(pool(['10.0.0.9']), ['10.0.0.9']);
});

test('a derived pool leaves out network, broadcast and gateway', () => {
  const derived = (members: SubnetMembers): unknown =>
    populate({ Subnets: [{ ...subnetA, ...members }] }, ['one']).Clusters[0]?.PrivateIps;
  assert.deepEqual(derived({ Gateway: '10.0.0.128' }), ['10.0.0.1-10.0.0.127', '10.0.0.129-10.0.0.254']);
  assert.deepEqual(derived({ Gateway: '10.0.0.255' }), ['10.0.0.1-10.0.0.254']);
  assert.deepEqual(derived({ Netmask: '255.255.255.254' }), ['10.0.0.0']);
});

test('the name of a resolved subnet is the reference, the definition, or the value', () => {
  const unnamed = { Subnet: '10.0.2.0', Netmask: '255.255.255.0', Gateway: '10.0.2.9' };
  const named = (subnets: readonly SubnetMembers[], subnet?: SubnetMembers): unknown =>
    populate({ Subnets: subnets, Clusters: [{ Name: 'one', ...maybe('Subnet', subnet) }] }, []).Clusters[0]?.Subnet
      ?.Name;
  assert.equal(named([subnetA, subnetB], { Name: 'b' }), 'b');
  assert.equal(named([subnetA]), 'a');
  assert.equal(named([unnamed]), '10.0.2.0');
  assert.equal(named([subnetA], unnamed), undefined);
});

test('the MAC prefix is the own one, else the common one, else absent in 4.0 and the default in 4.4', () => {
  const prefix = (own: string | undefined, common: string | undefined, profile: '4.0' | '4.4' = '4.0'): unknown =>
    populate({ ...maybe('MacPrefix', common), Clusters: [{ Name: 'one', ...maybe('MacPrefix', own) }] }, [], profile)
      .Clusters[0]?.MacPrefix;
  assert.equal(prefix('00:11', '00:22'), '00:11');
  assert.equal(prefix('', '00:22'), '00:22');
  assert.equal(prefix(undefined, undefined), undefined);
  assert.equal(prefix(undefined, undefined, '4.4'), 'd0:0d');
});

test('a used network leaves the global list whatever its gateway and name', () => {
  const inline = { Subnet: subnetA.Subnet, Netmask: subnetA.Netmask, Gateway: '10.0.0.9' };
  const populated = populate({ Subnets: [subnetA, subnetB], Clusters: [{ Name: 'one', Subnet: inline }] }, []);
  assert.deepEqual(populated.Subnets, [subnetB]);
});
