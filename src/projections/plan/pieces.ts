/**
 * The pieces a plan is made of: the fixed part, one per local instance, one per group that matters here. Each follows from
 * its arguments alone; the planner decides when an old piece may stay.
 */
import { cidrContains, parseRuleCidr } from '../../domain/cidr.ts';
import { parseIpv4 } from '../../domain/ipv4.ts';
import { edgeChains, edgeCounters, edgeElements, edgeSets } from './edgeRules.ts';
import { baseHost, instanceHost } from './host.ts';
import type {
  BasePiece,
  ChainPiece,
  Element,
  GroupPiece,
  InstancePiece,
  LocalInstance,
  NodeNetwork,
  NodeOptions,
  PlannedRule,
  SetPiece,
} from './model.ts';
import { groupChain, groupSet, instanceChain } from './names.ts';
import { portChains, portCounters, portSets } from './portRules.ts';
import { protocolMatch } from './rules.ts';

const edge = 'ip edge';

export const basePiece = (options: NodeOptions, network: NodeNetwork): BasePiece => ({
  counters: [...portCounters, ...edgeCounters],
  sets: [...portSets, ...edgeSets],
  chains: [...portChains(options), ...edgeChains(options, network)],
  elements: edgeElements(network),
  host: baseHost(options, network),
});

export const instancePiece = (instance: LocalInstance, options: NodeOptions, network: NodeNetwork): InstancePiece => ({
  instance,
  elements: [...portElements(instance), ...edgeElementsOf(instance)],
  chain: instanceRules(instance, options),
  host: instanceHost(instance, options, network),
  lease: { mac: instance.mac, address: instance.privateIp, instanceId: instance.id },
});

const portElements = ({ port, mac, privateIp }: LocalInstance): Element[] => {
  const table = 'bridge edge';
  const name = `"${port}"`;
  return [
    { table, set: 'ports', key: name },
    { table, set: 'port_mac', key: `${name} . ${mac}` },
    { table, set: 'port_mac_ip', key: `${name} . ${mac} . ${privateIp}` },
    { table, set: 'port_ip', key: `${name} . ${privateIp}` },
    { table, set: 'port_chaddr', key: `${name} . 0x${mac.replaceAll(':', '')}` },
  ];
};

const edgeElementsOf = ({ id, privateIp, publicIp }: LocalInstance): Element[] => [
  ...['acct_in_private', 'acct_in_public', 'acct_out_private', 'acct_out_public'].map(
    (set): Element => ({ table: edge, set, key: privateIp }),
  ),
  { table: edge, set: 'ingress', key: privateIp, value: `goto ${instanceChain(id)}` },
  ...(publicIp === undefined
    ? []
    : ([
        { table: edge, set: 'elastic', key: publicIp },
        { table: edge, set: 'dnat4', key: publicIp, value: privateIp },
        { table: edge, set: 'snat4', key: privateIp, value: publicIp },
        { table: edge, set: 'translations', key: `${publicIp} . ${privateIp}` },
      ] satisfies Element[])),
];

/** Its groups one after the other, a union, and then no. */
const instanceRules = (instance: LocalInstance, options: NodeOptions): ChainPiece => ({
  table: edge,
  name: instanceChain(instance.id),
  rules: [
    ...instance.groups.map((group) => `jump ${groupChain(group)}`),
    ...(options.without === 'defaultDeny' ? [] : ['counter name denied drop']),
  ],
});

/** A local instance reached through its elastic address, as its neighbours on this node need to know it. */
export type ElasticPair = { readonly publicIp: string; readonly privateIp: string };

export type GroupFacts = {
  readonly id: string;
  readonly rules: readonly PlannedRule[];
  readonly isLocal: boolean;
  /** Present when some rule here looks at the group's members. */
  readonly addresses?: ReadonlySet<string>;
  readonly elastics: readonly ElasticPair[];
};

export const groupPiece = (facts: GroupFacts, options: NodeOptions): GroupPiece => {
  const { id, rules, isLocal, addresses } = facts;
  return {
    id,
    rules,
    ...(addresses === undefined ? {} : { members: { set: memberSet(id), addresses } }),
    ...(isLocal ? { chain: groupRules(facts, options) } : {}),
  };
};

const memberSet = (id: string): SetPiece => ({
  table: edge,
  name: groupSet(id),
  kind: 'set',
  definition: 'type ipv4_addr;',
});

const groupRules = (facts: GroupFacts, options: NodeOptions): ChainPiece => {
  const lines = new Set<string>();
  if (options.sameGroupTraffic) lines.add(`ip saddr @${groupSet(facts.id)} accept`);
  for (const rule of facts.rules) {
    if (rule.match === undefined) continue;
    lines.add(`${rule.match} accept`.trim());
    for (const line of turnedAround(rule, facts.elastics)) lines.add(line);
  }
  return { table: edge, name: groupChain(facts.id), rules: [...lines] };
};

/**
 * A block that holds the elastic address of an instance of this node also means that instance when it comes through an
 * elastic address: the filter sees it before its source is translated. Another node would see the elastic address.
 */
export const turnedAround = (rule: PlannedRule, elastics: readonly ElasticPair[]): string[] => {
  if (rule.entry.source.kind !== 'cidr') return [];
  const block = parseRuleCidr(rule.entry.source.cidr);
  if (block === undefined || block.prefix === 0) return [];
  const holds = (address: string): boolean => cidrContains(block, parseIpv4(address) ?? 0);
  const hidden = elastics
    .filter((pair) => holds(pair.publicIp) && !holds(pair.privateIp))
    .map((pair) => pair.privateIp);
  const protocol = protocolMatch(rule.entry);
  if (hidden.length === 0 || !('match' in protocol)) return [];
  const sources = [...hidden].sort().join(', ');
  return [`ct original ip daddr != @private ip saddr { ${sources} } ${protocol.match} accept`];
};
