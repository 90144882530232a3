import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Json } from '../../src/domain/eventStore.ts';
import { effective, parsePropertyValue, properties, propertyNamed } from '../../src/domain/properties.ts';
import { isRefusal } from '../../src/domain/refusals.ts';

const value = (name: string, wished: Json): string | undefined => {
  const parsed = parsePropertyValue(name, wished);
  return isRefusal(parsed) ? undefined : parsed.value;
};

test('every default passes its own check and is canonical, and every property says what it does', () => {
  for (const property of properties) {
    assert.equal(value(property.name, property.default), property.default, property.name);
    assert.match(property.meaning, /^[A-Z].*\.$/);
  }
});

test('a value accepted once is accepted unchanged again', () => {
  const names = fc.constantFrom(...properties.map((property) => property.name));
  const wishes = fc.oneof(
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.constantFrom('true', ' TRUE ', '007', '.x', '10.0.0.1, 10.0.0.2,', 'd0:0d', 'fifo', '4.4', '6, 17'),
  );
  fc.assert(
    fc.property(names, wishes, (name, wish) => {
      const once = value(name, wish);
      assert.equal(once === undefined ? undefined : value(name, once), once);
    }),
    { numRuns: 2000 },
  );
});

test('what is in force is what was set, else the default, each with its type', () => {
  const inForce = effective({ 'edgelog.dirty_limit': '60', 'edgelog.groups.strict_aws': 'false', nonsense: '1' });
  assert.equal(inForce['edgelog.dirty_limit'], 60);
  assert.equal(inForce['edgelog.groups.strict_aws'], false);
  assert.equal(inForce['cloud.network.min_broadcast_interval'], 5);
  assert.equal(inForce['edgelog.addresses.allocator'], 'fifo');
  assert.equal(inForce['cloud.vmstate.mac_prefix'], 'd0:0d');
  assert.deepEqual(
    Object.keys(inForce),
    properties.map((property) => property.name),
  );
});

test('values that do not fit are refused by name', () => {
  const bad: readonly (readonly [string, Json])[] = [
    ['edgelog.groups.strict_aws', 'yes'],
    ['edgelog.groups.strict_aws', null],
    ['edgelog.dirty_limit', '-1'],
    ['edgelog.dirty_limit', '1.5'],
    ['edgelog.dirty_limit', '1e3'],
    ['edgelog.dirty_limit', 35_001],
    ['edgelog.dirty_limit', ['60']],
    ['bootstrap.timer.rate', '99'],
    ['edgelog.addresses.allocator', 'FIFO'],
    ['edgelog.clc_address', '010.0.0.1'],
    ['edgelog.clc_address', ''],
    ['system.dns.nameserveraddress', '10.0.0.1,ns1'],
    ['cloud.vmstate.mac_prefix', 'd0:0d:1'],
    ['cloud.vmstate.instance_subdomain', 'eucalyptus'],
    ['cloud.vmstate.instance_subdomain', '.eucalyptus.'],
    ['cloud.vmstate.instance_subdomain', '.'],
    ['cloud.network.ec2_classic_additional_protocols_allowed', '6,256'],
  ];
  for (const [name, wished] of bad) {
    const parsed = parsePropertyValue(name, wished);
    assert.ok(isRefusal(parsed), `${name} ${JSON.stringify(wished)}`);
    assert.deepEqual([parsed.refused, parsed.member], ['property.invalid', name]);
  }
});

test('lists are written without blanks and empty parts', () => {
  assert.equal(value('system.dns.nameserveraddress', '10.1.1.1, 10.1.1.2,'), '10.1.1.1,10.1.1.2');
  assert.equal(value('cloud.network.ec2_classic_additional_protocols_allowed', ' 47 , 50'), '47,50');
});

test('a name nobody knows has no property', () => {
  for (const name of ['', 'toString', '__proto__', 'edgelog']) {
    assert.equal(propertyNamed(name), undefined);
    const parsed = parsePropertyValue(name, '1');
    assert.ok(isRefusal(parsed) && parsed.refused === 'property.unknown');
  }
});
