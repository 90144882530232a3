/** Given a pool and instances, when a user or an instance's life moves addresses, then these events (cloud spec 5.3, 5.5). */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  type AddressWish,
  acceptAddress,
  associateAddress,
  completeTransition,
  disassociateAddress,
  type FlowSetting,
  giveSystemAddress,
  type InstanceFacts,
  leaveAddress,
  qualifiesForSystemAddress,
  releaseAddress,
} from '../../src/domain/publicFlows.ts';
import { type PublicPoolEvent, type PublicPoolState, publicPoolAggregate } from '../../src/domain/publicPool.ts';
import { decided, foldInto, refusedAs } from './poolFixtures.ts';

const [x, y, z] = ['192.0.2.1', '192.0.2.2', '192.0.2.3'];
const instance = (n: number, change: Partial<InstanceFacts> = {}): InstanceFacts => ({
  instanceId: `i-${n}`,
  account: 'A',
  state: 'RUNNING',
  cluster: n === 1 ? 'one' : 'two',
  privateAddress: `10.0.0.${n}`,
  addressing: 'public',
  ...change,
});

const setting = (...instances: readonly InstanceFacts[]): FlowSetting => ({
  instanceOf: (instanceId) => instances.find((facts) => facts.instanceId === instanceId),
  system: { dynamic: true, reserved: 0, strategy: 'fifo' },
  pending: false,
});
const both = setting(instance(1), instance(2));
const privateOnly = setting(instance(1, { addressing: 'private' }), instance(2, { addressing: 'private' }));
const generic: FlowSetting = { ...both, pending: true };

const allocated = (address: string, owner = 'A'): PublicPoolEvent => ({
  type: 'PublicAddressAllocated',
  address,
  owner,
});
const impending = (address: string, n: number): PublicPoolEvent => ({
  type: 'PublicAddressImpending',
  address,
  instanceId: `i-${n}`,
});
const assigned = (address: string, n: number, owner = 'A'): PublicPoolEvent => {
  const { instanceId, privateAddress: instanceAddress, cluster } = instance(n);
  return { type: 'PublicAddressAssigned', address, instanceId, instanceAddress, cluster, owner, pending: false };
};
const unassigned = (address: string, n: number, owner = 'A'): PublicPoolEvent => {
  const { instanceId, cluster } = instance(n);
  return { type: 'PublicAddressUnassigned', address, instanceId, cluster, owner, pending: false };
};
const released = (address: string, owner = 'A'): PublicPoolEvent => ({ type: 'PublicAddressReleased', address, owner });
const system = (address: string, n: number) => [impending(address, n), assigned(address, n, 'system')];
const back = (address: string, n: number) => [unassigned(address, n, 'system'), released(address, 'system')];

const given = (...events: readonly PublicPoolEvent[]): PublicPoolState =>
  foldInto(publicPoolAggregate, publicPoolAggregate.initial(), [
    { type: 'PublicPoolDefined', ranges: ['192.0.2.1-192.0.2.3'] },
    ...events,
  ]);
const wish = (address: string, change: Partial<AddressWish> = {}): AddressWish => ({
  address,
  account: 'A',
  admin: false,
  ...change,
});
const on = (address: string, n: number, change: Partial<AddressWish> = {}) => ({
  ...wish(address, change),
  instanceId: `i-${n}`,
});

describe('AssociateAddress', () => {
  test('to an instance without address', () => {
    assert.deepEqual(associateAddress(given(allocated(x)), on(x, 1), privateOnly), [assigned(x, 1)]);
  });

  test("the instance's system address goes back to the pool", () => {
    const state = given(...system(x, 1), allocated(y));
    assert.deepEqual(associateAddress(state, on(y, 1), both), [...back(x, 1), assigned(y, 1)]);
  });

  test("the instance's own other address becomes allocated", () => {
    const state = given(allocated(x), assigned(x, 1), allocated(y));
    assert.deepEqual(associateAddress(state, on(y, 1), both), [unassigned(x, 1), assigned(y, 1)]);
  });

  test('an address that is still impending for it is given back unseen', () => {
    const events = decided(associateAddress(given(impending(x, 1), allocated(y)), on(y, 1), both));
    assert.deepEqual(events, [{ ...unassigned(x, 1, 'system'), cluster: '' }, released(x, 'system'), assigned(y, 1)]);
  });

  test('moved from another instance, which gets a system address', () => {
    const state = given(allocated(x), assigned(x, 1), ...system(y, 2));
    assert.deepEqual(associateAddress(state, on(x, 2), both), [
      unassigned(x, 1),
      ...back(y, 2),
      assigned(x, 2),
      ...system(z, 1),
    ]);
  });

  test('the last resort for the old instance is the address just given back', () => {
    const state = given(allocated(x), assigned(x, 1), ...system(y, 2), allocated(z, 'B'));
    assert.deepEqual(decided(associateAddress(state, on(x, 2), both)).slice(-2), system(y, 1));
  });

  test('moved from another instance that does not qualify, or for which there is none', () => {
    const moved = [unassigned(x, 1), assigned(x, 2)];
    assert.deepEqual(associateAddress(given(allocated(x), assigned(x, 1)), on(x, 2), privateOnly), moved);
    const stopping = setting(instance(1, { state: 'STOPPING' }), instance(2));
    assert.deepEqual(associateAddress(given(allocated(x), assigned(x, 1)), on(x, 2), stopping), moved);
    const short = given(allocated(x), assigned(x, 1), allocated(y, 'B'), allocated(z, 'B'));
    assert.deepEqual(associateAddress(short, on(x, 2), both), moved);
  });

  test('where it is already: no event, whatever state the instance is in', () => {
    const state = given(allocated(x), assigned(x, 1));
    for (const one of [both, setting(instance(1, { state: 'STOPPING' }))]) {
      assert.deepEqual(associateAddress(state, on(x, 1), one), []);
    }
  });

  test('refused: whose address, whose instance, in what state', () => {
    const state = given(allocated(x), allocated(y, 'B'), ...system(z, 2));
    assert.equal(refusedAs(associateAddress(state, on('192.0.2.9', 1), both)), 'address-not-found');
    assert.equal(refusedAs(associateAddress(state, on(y, 1), both)), 'not-authorized');
    assert.equal(refusedAs(associateAddress(given(), on(x, 1), both)), 'not-authorized');
    assert.equal(refusedAs(associateAddress(state, on(z, 1, { admin: true }), both)), 'not-authorized');
    assert.equal(refusedAs(associateAddress(state, on(x, 3), both)), 'instance-not-found');
    const foreign = setting(instance(1, { account: 'B' }));
    assert.equal(refusedAs(associateAddress(state, on(x, 1), foreign)), 'instance-not-found');
    const forgotten = setting(instance(1, { state: undefined }));
    assert.equal(refusedAs(associateAddress(state, on(x, 1), forgotten)), 'instance-not-found');
    for (const last of ['STOPPING', 'SHUTTING_DOWN', 'STOPPED', 'TERMINATED', 'BURIED'] as const) {
      const down = setting(instance(1, { state: last }));
      assert.equal(refusedAs(associateAddress(state, on(x, 1), down)), 'incorrect-instance-state');
    }
  });

  test("administrators move other accounts' addresses", () => {
    const state = given(allocated(x, 'B'));
    assert.deepEqual(associateAddress(state, on(x, 1, { admin: true }), both), [assigned(x, 1, 'B')]);
  });
});

describe('DisassociateAddress', () => {
  const state = () => given(allocated(x), assigned(x, 1));

  test('the instance gets a system address if it qualifies', () => {
    assert.deepEqual(disassociateAddress(state(), wish(x), both), [unassigned(x, 1), ...system(y, 1)]);
    assert.deepEqual(disassociateAddress(state(), wish(x), privateOnly), [unassigned(x, 1)]);
    assert.deepEqual(disassociateAddress(state(), wish(x), setting()), [unassigned(x, 1)]);
  });

  test('nobody has it: success without effect', () => {
    assert.deepEqual(disassociateAddress(given(allocated(x)), wish(x), both), []);
  });

  test('a system address only by an administrator, and the instance gets another', () => {
    const owned = given(...system(x, 1));
    assert.equal(refusedAs(disassociateAddress(owned, wish(x), both)), 'not-authorized');
    const events = decided(disassociateAddress(owned, wish(x, { admin: true }), both));
    assert.deepEqual(events, [...back(x, 1), ...system(y, 1)]);
  });

  test("not another account's, not a free one", () => {
    assert.equal(refusedAs(disassociateAddress(state(), wish(x, { account: 'B' }), both)), 'not-authorized');
    assert.equal(refusedAs(disassociateAddress(given(), wish(x), both)), 'not-authorized');
    assert.equal(refusedAs(disassociateAddress(given(), wish('x'), both)), 'address-not-found');
  });
});

describe('ReleaseAddress', () => {
  test('an allocated one', () => {
    assert.deepEqual(releaseAddress(given(allocated(x)), wish(x), both), [released(x)]);
  });

  test('an assigned one: taken from the instance first, which gets a system address if it is up', () => {
    const state = given(allocated(x), assigned(x, 1));
    assert.deepEqual(releaseAddress(state, wish(x), both), [unassigned(x, 1), ...system(y, 1), released(x)]);
    const stopping = setting(instance(1, { state: 'STOPPING' }));
    assert.deepEqual(releaseAddress(state, wish(x), stopping), [unassigned(x, 1), released(x)]);
    assert.deepEqual(releaseAddress(state, wish(x), setting()), [unassigned(x, 1), released(x)]);
  });

  test('a free one of the pool: no event', () => {
    assert.deepEqual(releaseAddress(given(), wish(x), both), []);
  });

  test('a system address by an administrator', () => {
    const owned = given(...system(x, 1));
    assert.equal(refusedAs(releaseAddress(owned, wish(x), both)), 'not-authorized');
    const events = decided(releaseAddress(owned, wish(x, { admin: true }), both));
    assert.deepEqual(events, [...back(x, 1), ...system(y, 1)]);
  });

  test('one that left the ranges is gone then', () => {
    const left: PublicPoolEvent = { type: 'PublicPoolDefined', ranges: [y] };
    const events = decided(releaseAddress(given(allocated(x), assigned(x, 1), left), wish(x), both));
    assert.deepEqual(events, [unassigned(x, 1), ...system(y, 1), released(x)]);
    const owned = given(...system(x, 1), left);
    assert.deepEqual(decided(releaseAddress(owned, wish(x, { admin: true }), privateOnly)), back(x, 1));
  });

  test("not another account's, not what is no address of ours", () => {
    assert.equal(refusedAs(releaseAddress(given(allocated(x, 'B')), wish(x), both)), 'not-authorized');
    assert.equal(refusedAs(releaseAddress(given(), wish('192.0.2.9'), both)), 'address-not-found');
  });
});

describe('the life of an instance', () => {
  test('accepted: its impending address is assigned, once', () => {
    assert.deepEqual(acceptAddress(given(impending(x, 1)), 'i-1', both), [assigned(x, 1, 'system')]);
    assert.deepEqual(acceptAddress(given(...system(x, 1)), 'i-1', both), []);
    assert.deepEqual(acceptAddress(given(), 'i-1', both), []);
  });

  test('accepted too late: the address goes back', () => {
    const gone = setting(instance(1, { state: 'TERMINATED' }));
    const events = decided(acceptAddress(given(impending(x, 1)), 'i-1', gone));
    assert.deepEqual(events, [{ ...unassigned(x, 1, 'system'), cluster: '' }, released(x, 'system')]);
  });

  test('stopping or terminating: unassigned at once; a second time: no event', () => {
    assert.deepEqual(leaveAddress(given(allocated(x), assigned(x, 1)), 'i-1', both), [unassigned(x, 1)]);
    assert.deepEqual(leaveAddress(given(...system(x, 1)), 'i-1', both), back(x, 1));
    assert.deepEqual(leaveAddress(given(...system(x, 1), ...back(x, 1)), 'i-1', both), []);
  });

  test('who qualifies for a system address', () => {
    assert.equal(qualifiesForSystemAddress(undefined), false);
    for (const state of ['PENDING', 'RUNNING'] as const) {
      assert.equal(qualifiesForSystemAddress(instance(1, { state })), true);
      assert.equal(qualifiesForSystemAddress(instance(1, { state, addressing: 'private' })), false);
    }
    for (const state of ['STOPPING', 'SHUTTING_DOWN', 'STOPPED', 'TERMINATED', 'BURIED', undefined] as const) {
      assert.equal(qualifiesForSystemAddress(instance(1, { state })), false);
    }
  });

  test('a system address is given to those without', () => {
    assert.deepEqual(giveSystemAddress(given(), 'i-1', both), system(x, 1));
    assert.deepEqual(giveSystemAddress(given(allocated(x), assigned(x, 1)), 'i-1', both), []);
    assert.deepEqual(giveSystemAddress(given(), 'i-1', privateOnly), []);
    assert.deepEqual(giveSystemAddress(given(), 'i-3', both), []);
  });
});

test('with the static manager it comes from the reserve, and deciding leaves the pool as it was', () => {
  const state = given(allocated(x), assigned(x, 1), allocated(y, 'system'));
  const reserve: FlowSetting = { ...both, system: { dynamic: false, reserved: 1, strategy: 'fifo' } };
  for (const _ of ['once', 'again']) {
    assert.deepEqual(disassociateAddress(state, wish(x), reserve), [
      unassigned(x, 1),
      released(y, 'system'),
      ...system(y, 1),
    ]);
  }
});

describe('with messages to the clusters', () => {
  const sent = (event: PublicPoolEvent): PublicPoolEvent =>
    event.type === 'PublicAddressUnassigned'
      ? { ...event, cluster: '', pending: true }
      : ({ ...event, pending: true } as PublicPoolEvent);
  const completed = (address: string): PublicPoolEvent => ({ type: 'PublicAddressTransitionCompleted', address });

  test('a move does not wait for the first message, and leaves the last in flight', () => {
    const state = given(allocated(x), assigned(x, 1));
    const events = decided(associateAddress(state, on(x, 2), { ...privateOnly, pending: true }));
    assert.deepEqual(events, [sent(unassigned(x, 1)), completed(x), sent(assigned(x, 2))]);
  });

  test('an answer completes what was sent', () => {
    const state = given(allocated(x), sent(assigned(x, 1)));
    const answered = { instanceId: 'i-1', message: 'assign' } as const;
    assert.deepEqual(completeTransition(state, x, generic, answered), [completed(x)]);
    assert.deepEqual(completeTransition(given(allocated(x), assigned(x, 1)), x, generic), []);
    assert.deepEqual(completeTransition(state, x, generic, { ...answered, instanceId: 'i-2' }), []);
    assert.deepEqual(completeTransition(state, x, generic, { ...answered, message: 'unassign' }), []);
  });

  test('a system address goes back to the pool when its unassignment is answered', () => {
    const state = given(...system(x, 1), sent(unassigned(x, 1, 'system')));
    const answered = { instanceId: 'i-1', message: 'unassign' } as const;
    assert.deepEqual(completeTransition(state, x, generic, answered), [completed(x), released(x, 'system')]);
  });

  test('an assignment to an instance that went away meanwhile is undone', () => {
    const gone: FlowSetting = { ...setting(instance(1, { state: 'TERMINATED' })), pending: true };
    const state = given(allocated(x), sent(assigned(x, 1)));
    assert.deepEqual(completeTransition(state, x, gone), [completed(x), sent(unassigned(x, 1))]);
  });

  test('a release clears the mark first', () => {
    const state = given(allocated(x), sent(assigned(x, 1)));
    const events = decided(releaseAddress(state, wish(x), { ...setting(), pending: true }));
    assert.deepEqual(events, [completed(x), sent(unassigned(x, 1)), completed(x), released(x)]);
  });
});
