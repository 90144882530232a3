/**
 * The network as the document builder wants it: resolved configuration, enabled clusters, instances, groups, dirty addresses.
 * From scratch and complete; the incremental documents follow the same rules entity by entity.
 */
import { type ResolvedConfiguration, resolveConfiguration } from '../domain/configuration/resolve.ts';
import { type EffectiveProperties, effective } from '../domain/properties.ts';
import type { Rule } from '../domain/rule.ts';
import type { ClusterInput, DocumentInputs, GroupInput, InstanceInput } from './document/build.ts';
import type { RuleEntry } from './document/model.ts';
import type { ClusterView, GroupView, InstanceView, Network } from './network/views.ts';
import { forEach } from './trie.ts';

const settingsMemo = new WeakMap<Network['properties'], EffectiveProperties>();

/** Typed values of all properties in force; remembered while no property changes. */
export const settingsIn = (network: Network): EffectiveProperties => {
  const known = settingsMemo.get(network.properties);
  if (known !== undefined) return known;
  const texts = Object.entries(network.properties).map(([name, { value }]) => [name, value] as const);
  const settings = effective(Object.fromEntries(texts));
  settingsMemo.set(network.properties, settings);
  return settings;
};

/** What a cluster's document shows: the whole cloud, or only what its own instances need. */
export type Relevance = EffectiveProperties['edgelog.document.relevance'];

const exceptionsMemo = new WeakMap<EffectiveProperties, ReadonlyMap<string, Relevance>>();

const exceptionsIn = (settings: EffectiveProperties): ReadonlyMap<string, Relevance> => {
  const known = exceptionsMemo.get(settings);
  if (known !== undefined) return known;
  const entries = settings['edgelog.document.relevance_of'].split(',').filter((entry) => entry !== '');
  const made = new Map(
    entries.map((entry): [string, Relevance] => {
      const [name = '', relevance] = entry.split('=', 2);
      return [name, relevance === 'local' ? 'local' : 'full'];
    }),
  );
  exceptionsMemo.set(settings, made);
  return made;
};

export const relevanceFor = (network: Network, cluster: string): Relevance => {
  const settings = settingsIn(network);
  return exceptionsIn(settings).get(cluster) ?? settings['edgelog.document.relevance'];
};

/** The configuration with every default filled in, for the clusters registered now. */
export const resolvedIn = (network: Network): ResolvedConfiguration => {
  const settings = settingsIn(network);
  const defaults = {
    instanceSubdomain: settings['cloud.vmstate.instance_subdomain'],
    nameservers: settings['system.dns.nameserveraddress'],
    macPrefix: settings['cloud.vmstate.mac_prefix'],
  };
  const registered = Object.keys(network.clusters).sort();
  return resolveConfiguration(network.configuration?.members, registered, defaults);
};

/** A cluster whose host never resolved is left out, and only that one (cloud spec 2.3, fix 5). */
export const isDocumented = (cluster: ClusterView): boolean =>
  cluster.state === 'enabled' && cluster.address !== '0.0.0.0';

export const clusterInput = ({ name, address, nodes }: ClusterView): ClusterInput => ({
  name,
  address,
  nodes: nodes.map((node) => node.name),
});

export const instanceInput = (view: Readonly<InstanceView>): InstanceInput => ({
  id: view.id,
  ownerId: view.account,
  state: view.state,
  macAddress: view.macAddress,
  privateAddress: view.privateAddress,
  ...(view.publicAddress === undefined || view.publicHidden ? {} : { publicAddress: view.publicAddress }),
  cluster: view.cluster,
  ...(view.node === undefined ? {} : { node: view.node }),
  groups: view.groups,
});

const ruleEntry = ({ protocol, low, high, source }: Rule): RuleEntry => ({
  protocol,
  low,
  high,
  source: source.kind === 'cidr' ? source : { kind: 'group', groupId: source.groupId, ownerId: source.account },
});

export const groupInput = (view: Readonly<GroupView>): GroupInput => ({
  id: view.id,
  ownerId: view.account,
  rules: view.rules.map(({ rule }) => ruleEntry(rule)),
});

/** Addresses that are dirty are hidden in the views already, so none is listed again. */
export const documentInputs = (network: Network): DocumentInputs => {
  const instances: InstanceInput[] = [];
  forEach(network.instances, (_, view) => instances.push(instanceInput(view)));
  const groups: GroupInput[] = [];
  forEach(network.groups, (_, view) => groups.push(groupInput(view)));
  const clusters = Object.values(network.clusters)
    .filter(isDocumented)
    .map(clusterInput)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    resolved: resolvedIn(network),
    cloudAddress: settingsIn(network)['edgelog.clc_address'],
    clusters,
    instances,
    groups,
    dirtyAddresses: new Set(),
  };
};
