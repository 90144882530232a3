/**
 * The tree of a network document -> the house's own shapes (cloud spec 2.2, node spec 3.2). A part that is missing or odd
 * becomes a value that the planner will leave out with a note; only what makes the whole document unusable is a refusal.
 */
import { type Refusal, refuse } from '../../../domain/refusals.ts';
import type {
  ClusterEntry,
  ConfigurationEntry,
  GroupEntry,
  InstanceEntry,
  NodeEntry,
  RuleEntry,
  RuleSource,
  SubnetEntry,
} from '../../../projections/document/model.ts';
import { childNamed, childrenNamed, childText, property, values, type XmlElement } from './xmlTree.ts';

const nameOf = (element: XmlElement): string => element.attributes['name'] ?? '';

const single = (element: XmlElement, name: string): string => values(property(element, name)).at(-1) ?? '';

export const configurationShape = (element: XmlElement): ConfigurationEntry | Refusal => {
  const mode = property(element, 'mode');
  const word = mode === undefined ? 'EDGE' : (values(mode)[0] ?? '');
  if (word !== 'EDGE') {
    return refuse('document-mode', `the document is for mode ${JSON.stringify(word)}, this node is for EDGE`, {
      member: 'mode',
      value: word,
    });
  }
  const gateway = single(element, 'publicGateway');
  const subnets = property(element, 'subnets');
  const clusters = property(element, 'clusters');
  return {
    mode: 'EDGE',
    publicIps: values(property(element, 'publicIps')),
    enabledCLCIp: single(element, 'enabledCLCIp'),
    instanceDNSDomain: single(element, 'instanceDNSDomain'),
    instanceDNSServers: values(property(element, 'instanceDNSServers')),
    ...(gateway === '' ? {} : { publicGateway: gateway }),
    subnets: subnets === undefined ? [] : childrenNamed(subnets, 'subnet').map(subnetShape),
    clusters: clusters === undefined ? [] : childrenNamed(clusters, 'cluster').map(clusterShape),
  };
};

const subnetShape = (element: XmlElement): SubnetEntry => ({
  subnet: single(element, 'subnet') || nameOf(element),
  netmask: single(element, 'netmask'),
  gateway: single(element, 'gateway'),
});

const noSubnet: SubnetEntry = { subnet: '', netmask: '', gateway: '' };

const clusterShape = (element: XmlElement): ClusterEntry => {
  const subnet = childNamed(element, 'subnet');
  const nodes = property(element, 'nodes');
  return {
    name: nameOf(element),
    subnet: subnet === undefined ? noSubnet : subnetShape(subnet),
    enabledCCIp: single(element, 'enabledCCIp'),
    macPrefix: single(element, 'macPrefix'),
    privateIps: values(property(element, 'privateIps')),
    nodes: nodes === undefined ? [] : childrenNamed(nodes, 'node').map(nodeShape),
  };
};

export const nodeShape = (element: XmlElement): NodeEntry => ({
  name: nameOf(element),
  instanceIds: values(childNamed(element, 'instanceIds')),
});

export const instanceShape = (element: XmlElement): InstanceEntry => {
  const macAddress = childText(element, 'macAddress');
  const publicIp = childText(element, 'publicIp');
  return {
    id: nameOf(element),
    ownerId: childText(element, 'ownerId') ?? '',
    ...(macAddress === undefined ? {} : { macAddress }),
    ...(publicIp === undefined ? {} : { publicIp }),
    privateIp: childText(element, 'privateIp') ?? '0.0.0.0',
    securityGroups: values(childNamed(element, 'securityGroups')),
  };
};

/** The structured rules count when they are there; the texts of 4.0 otherwise. */
export const groupShape = (element: XmlElement): GroupEntry => {
  const structured = childNamed(element, 'ingressRules');
  return {
    id: nameOf(element),
    ownerId: childText(element, 'ownerId') ?? '',
    rules:
      structured === undefined
        ? values(childNamed(element, 'rules')).map(ruleFromText)
        : childrenNamed(structured, 'rule').map(ruleFromElement),
  };
};

/** -1 stands for any; NaN for what is no whole number, which no planner lets through. */
const whole = (text: string | undefined): number =>
  text !== undefined && /^-?\d{1,9}$/.test(text) ? Number(text) : Number.NaN;

const protocols: Readonly<Record<string, number>> = { icmp: 1, tcp: 6, udp: 17 };
const protocolNumber = (text: string | undefined): number => protocols[text?.toLowerCase() ?? ''] ?? whole(text);

/** No source, or two, is not "everybody": it is a rule that cannot be emitted. */
const source = (cidr: string | undefined, groupId: string | undefined, ownerId: string | undefined): RuleSource => {
  if (groupId !== undefined && cidr === undefined) return { kind: 'group', groupId, ownerId: ownerId ?? '' };
  return { kind: 'cidr', cidr: groupId === undefined ? (cidr ?? '') : `${cidr} and ${groupId}` };
};

type Pair = readonly [string | undefined, string | undefined];

const range = (protocol: number, ports: Pair, icmp: Pair): [number, number] => {
  // Any type means any code, whatever is written for it.
  if (protocol === 1) return whole(icmp[0]) === -1 ? [-1, -1] : [whole(icmp[0]), whole(icmp[1])];
  if (protocol === 6 || protocol === 17) return [whole(ports[0]), whole(ports[1])];
  return [-1, -1];
};

const ruleFromElement = (element: XmlElement): RuleEntry => {
  const text = (name: string): string | undefined => childText(element, name);
  const protocol = protocolNumber(text('protocol'));
  const [low, high] = range(protocol, [text('fromPort'), text('toPort')], [text('icmpType'), text('icmpCode')]);
  return { protocol, low, high, source: source(text('cidr'), text('groupId'), text('groupOwnerId')) };
};

/** `-P tcp -p 22-22  -s 0.0.0.0/0`, `-P icmp -t -1:-1  -o sg-… -u 000…` (cloud spec 2.5); any run of blanks. */
export const ruleFromText = (text: string): RuleEntry => {
  const words = text.split(/\s+/);
  const after = (flag: string): string | undefined => {
    const at = words.indexOf(flag);
    return at < 0 ? undefined : words[at + 1];
  };
  const protocol = protocolNumber(after('-P'));
  const ports = /^(\d+)-(\d+)$/.exec(after('-p') ?? '');
  const icmp = /^(-?\d+):(-?\d+)$/.exec(after('-t') ?? '');
  const [low, high] = range(protocol, [ports?.[1], ports?.[2]], [icmp?.[1], icmp?.[2]]);
  return { protocol, low, high, source: source(after('-s'), after('-o'), after('-u')) };
};
