/** What the golden samples about private and public addresses and network tags mean today. */
import type { DomainEvent } from '../../../src/domain/events.ts';

const cluster = 'PARTI00';
const instanceId = 'i-0a1b2c3d';
const holding = {
  address: '10.111.103.30',
  cluster,
  instanceId,
  reservation: '5f0c2b1e-7d4b-5c7a-9a35-3f1f0a8d2c11/0',
} as const;
const address = '10.111.103.6';
const owner = '000000000002';

export const addresses = {
  'PrivateAddressReserved.v1': { type: 'PrivateAddressReserved', ...holding },
  'PrivateAddressAssociated.v1': { type: 'PrivateAddressAssociated', ...holding },
  'PrivateAddressReleased.v1': { type: 'PrivateAddressReleased', ...holding, cause: 'released' },
  'PrivateAddressFreed.v1': {
    type: 'PrivateAddressFreed',
    address: holding.address,
    reservation: holding.reservation,
    cause: 'converged',
    reason: 'no node routes it any more',
  },
  'PublicPoolDefined.v1': {
    type: 'PublicPoolDefined',
    ranges: ['10.111.103.0-10.111.103.2', '10.111.103.6'],
  },
  'PublicAddressAllocated.v1': { type: 'PublicAddressAllocated', address, owner },
  'PublicAddressImpending.v1': { type: 'PublicAddressImpending', address: '10.111.103.0', instanceId },
  'PublicAddressAssigned.v1': {
    type: 'PublicAddressAssigned',
    address,
    owner,
    instanceId,
    cluster,
    pending: false,
    instanceAddress: '10.111.103.30',
  },
  'PublicAddressUnassigned.v1': {
    type: 'PublicAddressUnassigned',
    address,
    owner,
    instanceId,
    cluster,
    pending: true,
  },
  'PublicAddressTransitionCompleted.v1': { type: 'PublicAddressTransitionCompleted', address },
  'PublicAddressReleased.v1': { type: 'PublicAddressReleased', address, owner },
  'PublicAddressCleared.v1': {
    type: 'PublicAddressCleared',
    address,
    cluster,
    cause: 'operator',
    reason: 'node is gone',
  },
  'NetworkTagReserved.v1': { type: 'NetworkTagReserved', groupId: 'sg-0a0b0c0d', tag: 10 },
  'NetworkTagReleased.v1': { type: 'NetworkTagReleased', groupId: 'sg-0a0b0c0d', tag: 10 },
  'NetworkIndexReserved.v1': {
    type: 'NetworkIndexReserved',
    groupId: 'sg-0a0b0c0d',
    tag: 10,
    index: 2,
    instanceId,
  },
  'NetworkIndexReleased.v1': {
    type: 'NetworkIndexReleased',
    groupId: 'sg-0a0b0c0d',
    tag: 10,
    index: 2,
    instanceId,
  },
} as const satisfies Readonly<Record<string, DomainEvent>>;
