/** How full the pools of addresses are, for those who have to widen them in time. */
import { type AddressPools, addressPools } from '../../../projections/addressPools.ts';
import { atQuery, freshnessHeaders, read } from '../reads.ts';
import { everyone, jsonAnswer, type Route } from '../route.ts';
import { list, name, record, whole } from '../schema.ts';

const count = (description: string) => whole(description, 0);
const size = count('Addresses of its ranges');
const outside = count('In use, although no range holds them any more');

const schema = record('AddressPools', {
  public: record('PublicPoolUse', {
    size,
    free: count('Nobody has them'),
    allocated: count('Somebody has them, at no instance'),
    assigned: count('At an instance, or on the way to one'),
    dirty: count('Of any state: a cluster may still answer for the former holder'),
    outside,
  }),
  private: list(
    record('PrivatePoolUse', {
      cluster: name('Cluster'),
      size,
      free: count('Nobody has them'),
      held: count('At an instance, or on the way to one'),
      quarantined: count('Released, but not every cluster has passed the release'),
      outside,
      sharedWith: list(name('Cluster'), 100_000, 'Clusters whose ranges overlap with these; each counts all of them'),
    }),
    100_000,
    'Clusters that have a subnet, by name',
  ),
});

export const addressPoolRoutes: readonly Route[] = [
  {
    id: 'getAddressPools',
    method: 'GET',
    path: '/v1/address-pools',
    tag: 'addresses',
    summary: 'How full the pools are: the public one, and the private one of every cluster',
    access: everyone,
    query: atQuery,
    responses: jsonAnswer(schema),
    responseHeaders: freshnessHeaders,
    answer: read((network): AddressPools => addressPools(network)),
  },
];
