/**
 * Instances that are alike for the groups' rules, taken together: comparing two networks then costs the number of kinds of
 * instances and not the number of pairs. Here a network is reduced to what its groups allow from whom, and an address to the
 * blocks it lies in.
 */
import { formatCidr, parseRuleCidr, prefixMask } from '../../domain/cidr.ts';
import { type Ipv4, parseIpv4 } from '../../domain/ipv4.ts';
import type { Rule } from '../../domain/rule.ts';
import type { GroupView, InstanceView, Network } from '../network/views.ts';
import { forEach } from '../trie.ts';
import { groupsOf, toldRule } from './admission.ts';
import type { EdgeOptions } from './explanation.ts';
import { noPermits, type Permits, permitAll, permitRule } from './permits.ts';
import { type Surroundings, shownElastic, surroundingsOf, unprogrammed } from './surroundings.ts';

/** A source as rules name it: a group's id, or a canonical block. */
export type Selector = string;

/** An instance that nodes program. `groups` are those that exist, sorted. */
export type Station = {
  readonly id: string;
  readonly groups: readonly string[];
  readonly address: Ipv4;
  readonly elastic: string | undefined;
};

/** What the groups allow, by group and then by source; and the blocks that are named at all, by prefix length. */
export type Rulebook = {
  readonly around: Surroundings;
  readonly stations: ReadonlyMap<string, Station>;
  readonly allowed: ReadonlyMap<string, ReadonlyMap<Selector, Permits>>;
  readonly blocks: ReadonlyMap<number, ReadonlySet<Ipv4>>;
};

export const rulebookOf = (network: Network, options: EdgeOptions): Rulebook => {
  const around = surroundingsOf(network, options);
  const allowed = new Map<string, ReadonlyMap<Selector, Permits>>();
  const blocks = new Map<number, Set<Ipv4>>();
  forEach(network.groups, (id, group) => {
    allowed.set(id, selectorsOf(group, options));
    for (const selector of allowed.get(id)?.keys() ?? []) addBlock(blocks, selector);
  });
  return { around, stations: stationsOf(around), allowed, blocks };
};

const selectorsOf = (group: Readonly<GroupView>, { sameGroupTraffic }: EdgeOptions): ReadonlyMap<Selector, Permits> => {
  const selectors = new Map<Selector, Permits>();
  if (sameGroupTraffic) selectors.set(group.id, { ...noPermits(), everything: true });
  for (const { rule } of group.rules) {
    const told = toldRule(rule);
    if (told === undefined) continue;
    const selector = selectorOfRule(rule);
    const permits = selectors.get(selector) ?? noPermits();
    permitRule(permits, told);
    selectors.set(selector, permits);
  }
  return selectors;
};

const selectorOfRule = ({ source }: Rule): Selector => {
  if (source.kind === 'group') return source.groupId;
  const block = parseRuleCidr(source.cidr);
  return block === undefined ? source.cidr : formatCidr(block);
};

const addBlock = (blocks: Map<number, Set<Ipv4>>, selector: Selector): void => {
  const block = parseRuleCidr(selector);
  if (block === undefined) return;
  const known = blocks.get(block.prefix);
  if (known === undefined) blocks.set(block.prefix, new Set([block.address]));
  else known.add(block.address);
};

const stationsOf = (around: Surroundings): ReadonlyMap<string, Station> => {
  const stations = new Map<string, Station>();
  const { network } = around;
  forEach(network.instances, (id, view) => {
    if (unprogrammed(around, view) === undefined) stations.set(id, stationOf(network, view));
  });
  return stations;
};

const stationOf = (network: Network, view: Readonly<InstanceView>): Station => ({
  id: view.id,
  groups: groupsOf(network, view).map(({ id }) => id),
  address: parseIpv4(view.privateAddress) ?? 0,
  elastic: shownElastic(view),
});

/** The blocks named by any rule that hold the address, written as rules write them. */
export const blocksOf = ({ blocks }: Rulebook, address: Ipv4): readonly Selector[] => {
  const found: Selector[] = [];
  for (const [prefix, addresses] of blocks) {
    const block = (address & prefixMask(prefix)) >>> 0;
    if (addresses.has(block)) found.push(formatCidr({ address: block, prefix }));
  }
  return found;
};

/** All that these groups allow from a source that these selectors name. */
export const permitsOf = (
  { allowed }: Rulebook,
  groups: readonly string[],
  selectors: readonly Selector[],
): Permits => {
  const permits = noPermits();
  for (const group of groups) {
    const bySelector = allowed.get(group);
    if (bySelector === undefined) continue;
    for (const selector of selectors) {
      const found = bySelector.get(selector);
      if (found !== undefined) permitAll(permits, found);
    }
  }
  return permits;
};
