/**
 * The document counted once and recounted by its changes: who holds which address, who is in which group, who is placed
 * where. It finds what may not be twice in a cloud. The maps are private to one planner and changed in place; a refused
 * change leaves them half done, so whoever gets a refusal throws the census away.
 */
import { isIpv4 } from '../../domain/ipv4.ts';
import { type Refusal, refuse } from '../../domain/refusals.ts';
import type { ClusterEntry, GroupEntry, InstanceEntry, NetworkDocument, NodeEntry } from '../document/model.ts';

export type Census = {
  readonly instances: Map<string, InstanceEntry>;
  readonly groups: Map<string, GroupEntry>;
  /** MAC in lower case -> instance id. */
  readonly macs: Map<string, string>;
  /** Address -> instance id, private and public together: none of them may be held twice. */
  readonly addresses: Map<string, string>;
  /** Instance id -> node name. */
  readonly placements: Map<string, string>;
  /** Group id -> instance id -> that member's addresses. */
  readonly members: Map<string, Map<string, readonly string[]>>;
  /** Group id -> a number that moves whenever its members or their addresses do. */
  readonly memberRevisions: Map<string, number>;
};

export const emptyCensus = (): Census => ({
  instances: new Map(),
  groups: new Map(),
  macs: new Map(),
  addresses: new Map(),
  placements: new Map(),
  members: new Map(),
  memberRevisions: new Map(),
});

export const unset = '0.0.0.0';

/** The public address that means something: absent when unset or the private one again (node spec 3.2). */
export const publicAddress = (entry: InstanceEntry): string | undefined =>
  entry.publicIp === undefined ||
  entry.publicIp === '' ||
  entry.publicIp === unset ||
  entry.publicIp === entry.privateIp
    ? undefined
    : entry.publicIp;

/** Only strict dotted quads: what stands here reaches the kernel's sets. */
const addressesOf = (entry: InstanceEntry): string[] => {
  const all = entry.privateIp !== unset && isIpv4(entry.privateIp) ? [entry.privateIp] : [];
  const outside = publicAddress(entry);
  if (outside !== undefined && isIpv4(outside)) all.push(outside);
  return all;
};

type Changes<T> = { readonly removed: readonly T[]; readonly added: readonly T[] };

/** Entries that are in one list and, by identity, not in the other. Equal runs at both ends cost a comparison each. */
export const changedEntries = <T>(before: readonly T[], after: readonly T[]): Changes<T> => {
  let from = 0;
  while (from < before.length && from < after.length && before[from] === after[from]) from += 1;
  let endBefore = before.length;
  let endAfter = after.length;
  while (endBefore > from && endAfter > from && before[endBefore - 1] === after[endAfter - 1]) {
    endBefore -= 1;
    endAfter -= 1;
  }
  const stayed = new Set(before.slice(from, endBefore));
  const added = after.slice(from, endAfter).filter((entry) => !stayed.delete(entry));
  return { removed: [...stayed], added };
};

const nodesOf = (document: NetworkDocument | undefined): NodeEntry[] =>
  document?.configuration.clusters.flatMap((cluster: ClusterEntry) => cluster.nodes) ?? [];

/** Moves the census from one document to the next. A refusal names the first thing found twice. */
export const recount = (
  census: Census,
  before: NetworkDocument | undefined,
  after: NetworkDocument,
): Refusal | undefined => {
  const instances = changedEntries(before?.instances ?? [], after.instances);
  const groups = changedEntries(before?.securityGroups ?? [], after.securityGroups);
  const nodes = changedEntries(nodesOf(before), nodesOf(after));
  for (const entry of instances.removed) forgetInstance(census, entry);
  for (const group of groups.removed) census.groups.delete(group.id);
  for (const node of nodes.removed) for (const id of node.instanceIds) census.placements.delete(id);
  return (
    firstRefusal(instances.added, (entry) => countInstance(census, entry)) ??
    firstRefusal(groups.added, (group) => countGroup(census, group)) ??
    firstRefusal(nodes.added, (node) => countNode(census, node))
  );
};

const firstRefusal = <T>(entries: readonly T[], count: (entry: T) => Refusal | undefined): Refusal | undefined => {
  for (const entry of entries) {
    const refusal = count(entry);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
};

const forgetInstance = (census: Census, entry: InstanceEntry): void => {
  census.instances.delete(entry.id);
  if (entry.macAddress !== undefined) census.macs.delete(entry.macAddress.toLowerCase());
  for (const address of addressesOf(entry)) census.addresses.delete(address);
  for (const group of entry.securityGroups) {
    census.members.get(group)?.delete(entry.id);
    touchMembers(census, group);
  }
};

const touchMembers = (census: Census, group: string): void => {
  census.memberRevisions.set(group, (census.memberRevisions.get(group) ?? 0) + 1);
};

const twice = (what: string, value: string, first: string, second: string): Refusal =>
  refuse('document-duplicate', `${what} ${value} is held by ${first} and by ${second}`, { member: what, value });

const countInstance = (census: Census, entry: InstanceEntry): Refusal | undefined => {
  if (census.instances.has(entry.id)) return twice('instance', entry.id, 'one entry', 'another');
  census.instances.set(entry.id, entry);
  const mac = entry.macAddress?.toLowerCase();
  if (mac !== undefined && mac !== '') {
    const holder = census.macs.get(mac);
    if (holder !== undefined) return twice('macAddress', mac, holder, entry.id);
    census.macs.set(mac, entry.id);
  }
  const addresses = addressesOf(entry);
  for (const address of addresses) {
    const holder = census.addresses.get(address);
    if (holder !== undefined) {
      return twice(address === entry.privateIp ? 'privateIp' : 'publicIp', address, holder, entry.id);
    }
    census.addresses.set(address, entry.id);
  }
  for (const group of entry.securityGroups) {
    const members = census.members.get(group);
    if (members === undefined) census.members.set(group, new Map([[entry.id, addresses]]));
    else members.set(entry.id, addresses);
    touchMembers(census, group);
  }
  return undefined;
};

const countGroup = (census: Census, group: GroupEntry): Refusal | undefined => {
  if (census.groups.has(group.id)) return twice('securityGroup', group.id, 'one entry', 'another');
  census.groups.set(group.id, group);
  return undefined;
};

const countNode = (census: Census, node: NodeEntry): Refusal | undefined => {
  for (const id of node.instanceIds) {
    const holder = census.placements.get(id);
    if (holder !== undefined) return twice('instanceIds', id, holder, node.name);
    census.placements.set(id, node.name);
  }
  return undefined;
};
