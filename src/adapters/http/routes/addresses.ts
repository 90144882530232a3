/** Routes of public (elastic) addresses and of the private ones. */
import { addressFilter, addressFilterNames } from '../../../domain/filters.ts';
import { addressesOf, mergeRanges, rangesOf } from '../../../domain/ipRange.ts';
import { formatIpv4, parseIpv4 } from '../../../domain/ipv4.ts';
import { isRefusal } from '../../../domain/refusals.ts';
import type { Network, PrivateAddressView, PublicAddressView } from '../../../projections/network/views.ts';
import { peek } from '../../../projections/trie.ts';
import { accountIn } from '../accounts.ts';
import type { CommandForm } from '../commandForm.ts';
import { commandRoute } from '../commandRoute.ts';
import { filterQuery, filtersIn } from '../filterQuery.ts';
import * as forms from '../forms/addresses.ts';
import {
  atQuery,
  type Collection,
  freshnessHeaders,
  notFound,
  pageOf,
  pageQuery,
  pageSchema,
  read,
  trieCollection,
} from '../reads.ts';
import { type Exchange, everyone, everyoneInAccount, jsonAnswer, type Route } from '../route.ts';
import { account, choice, name } from '../schema.ts';
import {
  privateAddressBody,
  privateAddressSchema,
  publicAddressBody,
  publicAddressSchema,
  unallocatedBody,
} from '../shapes/addresses.ts';

const tag = 'addresses';

type Shown = { readonly address: string; readonly view: Readonly<PublicAddressView> | undefined };

/** Every address of the pool in numeric order, with or without a record; drawn one by one. */
const wholePool = (network: Network): Collection<Shown> => ({
  name: 'pool',
  from: function* (after) {
    const start = after === undefined ? -1 : (parseIpv4(after) ?? -1);
    const ranges = mergeRanges(rangesOf(network.publicRanges))
      .filter(({ upper }) => upper > start)
      .map(({ lower, upper }) => ({ lower: Math.max(lower, start + 1), upper }));
    for (const value of addressesOf(ranges)) {
      const address = formatIpv4(value);
      yield [address, { address, view: peek(network.publicAddresses, address) }];
    }
  },
});

/** Addresses that have a record: all that are or were in use. */
const used = (network: Network): Collection<Shown> => {
  const records = trieCollection('addresses', network.publicAddresses);
  return {
    name: records.name,
    from: function* (after) {
      for (const [address, view] of records.from(after)) yield [address, { address, view }];
    },
  };
};

const shownAddress = ({ address, view }: Shown): object =>
  view === undefined ? unallocatedBody(address) : publicAddressBody(view);

const listed = (network: Network, exchange: Exchange): unknown => {
  const { state, owner, instance } = exchange.query;
  const bound = accountIn(exchange);
  if (isRefusal(bound)) return bound;
  const passes = addressFilter(filtersIn(exchange));
  if (isRefusal(passes)) return passes;
  const wanted = ({ address, view }: Shown): boolean =>
    (state === undefined || (view?.state ?? 'unallocated') === state) &&
    (owner === undefined || (view?.owner ?? 'nobody') === owner) &&
    (bound === undefined || view?.owner === bound) &&
    (instance === undefined || view?.instanceId === instance) &&
    passes({ address, ...(view?.instanceId === undefined ? {} : { instanceId: view.instanceId }) });
  const collection = state === 'unallocated' && bound === undefined ? wholePool(network) : used(network);
  return pageOf(exchange, collection, (it) => (wanted(it) ? shownAddress(it) : undefined));
};

const shownOne = (network: Network, exchange: Exchange): unknown => {
  const address = exchange.path['ip'] ?? '';
  const bound = accountIn(exchange);
  if (isRefusal(bound)) return bound;
  const view = peek(network.publicAddresses, address);
  if (view !== undefined && (bound === undefined || view.owner === bound)) return publicAddressBody(view);
  const value = parseIpv4(address);
  const inPool =
    value !== undefined && rangesOf(network.publicRanges).some((it) => it.lower <= value && value <= it.upper);
  return inPool && bound === undefined
    ? unallocatedBody(address)
    : notFound('public address', address, 'address-not-found');
};

const listedPrivate = (network: Network, exchange: Exchange): unknown => {
  const { cluster, state, instance } = exchange.query;
  const wanted = (view: Readonly<PrivateAddressView>): boolean =>
    (cluster === undefined || view.cluster === cluster) &&
    (state === undefined || view.state === state) &&
    (instance === undefined || view.instanceId === instance);
  return pageOf(exchange, trieCollection('private-addresses', network.privateAddresses), (view) =>
    wanted(view) ? privateAddressBody(view) : undefined,
  );
};

const reads: readonly Route[] = [
  {
    id: 'listAddresses',
    method: 'GET',
    path: '/v1/addresses',
    tag,
    summary: 'Public addresses in use, or with state=unallocated those that are free',
    access: everyoneInAccount,
    query: {
      ...atQuery,
      ...pageQuery,
      state: choice('Only in this state', ['unallocated', 'allocated', 'impending', 'assigned']),
      owner: name('Only of this owner: an account, system or nobody'),
      instance: name('Only of this instance'),
      account: account('Only of this account'),
      ...filterQuery(addressFilterNames),
    },
    responses: jsonAnswer(pageSchema('PublicAddresses', publicAddressSchema)),
    responseHeaders: freshnessHeaders,
    answer: read(listed),
  },
  {
    id: 'getAddress',
    method: 'GET',
    path: '/v1/addresses/{ip}',
    tag,
    summary: 'One public address',
    access: everyoneInAccount,
    parameters: { ip: name('IPv4 address', 64) },
    query: atQuery,
    responses: jsonAnswer(publicAddressSchema),
    responseHeaders: freshnessHeaders,
    problems: ['address-not-found'],
    answer: read(shownOne),
  },
  {
    id: 'listPrivateAddresses',
    method: 'GET',
    path: '/v1/private-addresses',
    tag,
    summary: 'Private addresses that are held or in quarantine',
    access: everyone,
    query: {
      ...atQuery,
      ...pageQuery,
      cluster: name('Only of this cluster'),
      state: choice('Only in this state', ['pending', 'extant', 'quarantined']),
      instance: name('Only of this instance'),
    },
    responses: jsonAnswer(pageSchema('PrivateAddresses', privateAddressSchema)),
    responseHeaders: freshnessHeaders,
    answer: read(listedPrivate),
  },
];

const fromPath = { ip: 'address' };
const verb = (form: CommandForm, id: string, path: string): Route =>
  commandRoute(form, { id, method: 'POST', path: `/v1/addresses/{ip}/${path}`, tag, fromPath });

export const addressRoutes: readonly Route[] = [
  commandRoute(forms.allocateAddress, { id: 'postAddress', method: 'POST', path: '/v1/addresses', tag }),
  commandRoute(forms.releaseAddress, {
    id: 'deleteAddress',
    method: 'DELETE',
    path: '/v1/addresses/{ip}',
    tag,
    fromPath,
  }),
  verb(forms.associateAddress, 'associateAddress', 'associate'),
  verb(forms.disassociateAddress, 'disassociateAddress', 'disassociate'),
  verb(forms.freeAddress, 'freeAddress', 'free'),
  ...reads,
];
