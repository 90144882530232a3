/**
 * Suites of this file: networking-service, networking-prepare. Requests go through the EDGE implementation itself, over pools
 * folded from the events that would have led to the state the case describes.
 */
import type { ConfigurationMembers } from '../../src/domain/configuration/members.ts';
import { privatePoolRanges, resolveConfiguration } from '../../src/domain/configuration/resolve.ts';
import { addressesOf, type IpRange, rangesOf } from '../../src/domain/ipRange.ts';
import { formatIpv4 } from '../../src/domain/ipv4.ts';
import { type EdgePools, prepareEdge } from '../../src/domain/networking/edge.ts';
import { featuresOf, type NetworkService, networkMode } from '../../src/domain/networking/mode.ts';
import type { ResourceRequest } from '../../src/domain/networking/resources.ts';
import { type PrivatePoolEvent, type PrivatePoolState, privatePoolAggregate } from '../../src/domain/privatePool.ts';
import { type PublicPoolEvent, type PublicPoolState, publicPoolAggregate } from '../../src/domain/publicPool.ts';
import { isRefusal, type Refusal } from '../../src/domain/refusals.ts';
import { recordedOf } from './recordedOf.ts';
import { type Case, objectMember, type Suite, type Suites, same } from './verdict.ts';

type Members = { readonly [member: string]: unknown };

const modeOf = (facts: Members) =>
  networkMode({
    configured: facts['propertyConfigured'] === true,
    clusterReportsEdge: facts['clusterReportsEdge'] === true,
  });

const networkingService: Suite = (c) => {
  const expected = objectMember(c, 'expected');
  if (Array.isArray(c['sequence'])) {
    return same(expected, { services: (c['sequence'] as readonly Members[]).map((facts) => modeOf(facts).service) });
  }
  const { service } = c;
  if (service === 'EDGE' || service === 'Generic') {
    return same(expected, { features: featuresOf(service as NetworkService, c['hasNetworking'] === true) });
  }
  if (service !== undefined) throw new Error(`there is no networking service ${JSON.stringify(service)}`);
  const got = modeOf(c);
  return same(expected, Object.fromEntries(Object.keys(expected).map((name) => [name, (got as Members)[name]])));
};

const inUse = (state: Members, name: string): readonly (readonly [string, string])[] =>
  Object.entries((state[name] ?? {}) as { readonly [address: string]: string });

const privatePool = (state: Members, cluster: string): PrivatePoolState => {
  const pool = privatePoolAggregate.initial();
  for (const [address, instanceId] of inUse(state, 'privateInUse')) {
    const holding = { address, cluster, instanceId, reservation: `before/${address}` };
    const events: readonly PrivatePoolEvent[] = [
      { type: 'PrivateAddressReserved', ...holding },
      { type: 'PrivateAddressAssociated', ...holding },
    ];
    for (const event of events) privatePoolAggregate.apply(pool, event, recordedOf(event));
  }
  return pool;
};

/** What is listed neither as free nor as anybody's is taken by an account that plays no part. */
const publicPool = (state: Members, listed: readonly string[], cluster: string): PublicPoolState => {
  const pool = publicPoolAggregate.initial();
  const free = new Set((state['publicFree'] ?? []) as readonly string[]);
  const ranges = [...new Set([...listed, ...free])];
  const take = (event: PublicPoolEvent): void => publicPoolAggregate.apply(pool, event, recordedOf(event));
  take({ type: 'PublicPoolDefined', ranges });
  const assigned = new Map([...inUse(state, 'publicInUse'), ...inUse(state, 'publicAssigned')]);
  for (const address of [...addressesOf(rangesOf(ranges))].map(formatIpv4)) {
    const instanceId = assigned.get(address);
    if (instanceId !== undefined) {
      take({ type: 'PublicAddressImpending', address, instanceId });
      const use = { address, owner: 'system', instanceId, instanceAddress: '0.0.0.0', cluster, pending: false };
      take({ type: 'PublicAddressAssigned', ...use });
    } else if (!free.has(address)) take({ type: 'PublicAddressAllocated', address, owner: '999999999999' });
  }
  return pool;
};

const errorNames: { readonly [refused: string]: string } = {
  'not-enough-resources': 'NotEnoughResources',
  'state.no-cluster-network': 'NoNetworkConfiguration',
};

const holders = (pool: PrivatePoolState, events: readonly PrivatePoolEvent[]): Members => {
  const after = new Map([...pool.held].map(([address, holding]) => [formatIpv4(address), holding.instanceId]));
  for (const event of events) if (event.type === 'PrivateAddressReserved') after.set(event.address, event.instanceId);
  return Object.fromEntries(after);
};

const networkingPrepare: Suite = (c: Case) => {
  const request = objectMember(c, 'request');
  const state = objectMember(c, 'state');
  const expected = objectMember(c, 'expected');
  const zone = String(request['zone']);
  const configuration = objectMember(state, 'config') as ConfigurationMembers;
  const resolved = resolveConfiguration(configuration, [zone], {
    instanceSubdomain: '.eucalyptus',
    nameservers: '127.0.0.1',
    macPrefix: 'd0:0d',
  });
  const ranges: readonly IpRange[] | Refusal = privatePoolRanges(resolved, zone);
  const pools: EdgePools = {
    private: privatePool(state, zone),
    public: publicPool(state, configuration.PublicIps ?? [], zone),
    ranges,
  };
  const requests = (request['resources'] ?? []) as readonly ResourceRequest[];
  const prepared = prepareEdge(pools, requests, {
    zone,
    reservation: (n) => `now/${n}`,
    private: { strategy: 'first-free' },
    public: { dynamic: true, reserved: 0, strategy: 'fifo' },
  });
  const got: Members = isRefusal(prepared)
    ? {
        ok: false,
        error: errorNames[prepared.refused] ?? prepared.refused,
        privateInUseAfter: holders(pools.private, []),
      }
    : {
        ok: true,
        resources: prepared.grants,
        privateInUseAfter: holders(pools.private, prepared.privateEvents),
      };
  return same(expected, Object.fromEntries(Object.keys(expected).map((name) => [name, got[name]])));
};

export const suites: Suites = {
  'networking-service': networkingService,
  'networking-prepare': networkingPrepare,
};
