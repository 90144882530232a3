/**
 * One network document, one order: whatever road led to the same content, the same bytes come out. Lists that are sets are
 * sorted by code units; lists whose order was chosen by the operator (ranges, name servers, subnets) stay as written.
 */
import type { ClusterEntry, GroupEntry, InstanceEntry, NetworkDocument, NodeEntry, RuleEntry } from './model.ts';
import { compareRules, compareTexts } from './ruleForms.ts';

export const canonicalDocument = (document: NetworkDocument): NetworkDocument => ({
  configuration: {
    ...document.configuration,
    clusters: sorted(document.configuration.clusters.map(canonicalCluster), (cluster) => cluster.name),
  },
  instances: sorted(document.instances.map(canonicalInstance), (instance) => instance.id),
  securityGroups: sorted(document.securityGroups.map(canonicalGroup), (group) => group.id),
});

const canonicalCluster = (cluster: ClusterEntry): ClusterEntry => ({
  ...cluster,
  nodes: sorted(cluster.nodes.map(canonicalNode), (node) => node.name),
});

const canonicalNode = (node: NodeEntry): NodeEntry => ({ name: node.name, instanceIds: sortedTexts(node.instanceIds) });

/** Also for entries that are rendered one by one. The same entry when it is canonical already. */
export const canonicalInstance = (instance: InstanceEntry): InstanceEntry => {
  const securityGroups = sortedTexts(instance.securityGroups);
  return securityGroups === instance.securityGroups ? instance : { ...instance, securityGroups };
};

/** Canonical entries that say the same, so that the older one and all that was rendered of it may stay in its place. */
export const isSameEntry = (a: InstanceEntry, b: InstanceEntry): boolean =>
  a.ownerId === b.ownerId &&
  a.macAddress === b.macAddress &&
  a.publicIp === b.publicIp &&
  a.privateIp === b.privateIp &&
  a.securityGroups.length === b.securityGroups.length &&
  a.securityGroups.every((group, index) => group === b.securityGroups[index]);

/** Rules are a set: sorted, each once. */
export const canonicalGroup = (group: GroupEntry): GroupEntry => {
  const rules = isAscending(group.rules, compareRules) ? group.rules : distinct(group.rules.toSorted(compareRules));
  return rules === group.rules ? group : { ...group, rules };
};

const distinct = (rules: readonly RuleEntry[]): readonly RuleEntry[] =>
  rules.filter((rule, index) => {
    const before = rules[index - 1];
    return before === undefined || compareRules(before, rule) !== 0;
  });

const sortedTexts = (texts: readonly string[]): readonly string[] =>
  isAscending(texts, compareTexts) ? texts : [...new Set(texts)].sort(compareTexts);

const sorted = <T>(items: readonly T[], key: (item: T) => string): readonly T[] =>
  isAscending(items, (a, b) => compareTexts(key(a), key(b)))
    ? items
    : items.toSorted((a, b) => compareTexts(key(a), key(b)));

/** Strictly: equal neighbours are not in order either. */
const isAscending = <T>(items: readonly T[], compare: (a: T, b: T) => number): boolean => {
  for (let index = 1; index < items.length; index += 1) {
    if (compare(items[index - 1] as T, items[index] as T) >= 0) return false;
  }
  return true;
};
