/**
 * The judge: nodes played packet by packet, the dumbest way that is right. It builds what each node would be told (address
 * sets of groups, translation maps, chains) and walks one packet through it, hook by hook. It shares no code with the
 * evaluator except reading addresses, and knows membership only through address sets.
 */
import { parseIpv4 } from '../../../src/domain/ipv4.ts';
import type { Rule } from '../../../src/domain/rule.ts';
import type { Endpoint, Question, Traffic } from '../../../src/projections/reachability/question.ts';
import type { RandomNetwork } from './randomNetwork.ts';

type Known = RandomNetwork['instances'][number];
type Local = {
  readonly id: string;
  readonly address: string;
  readonly elastic: string | undefined;
  readonly groups: readonly string[];
};
type Node = { readonly name: string; readonly gateway: string; readonly locals: readonly Local[] };

const unshown = ['STOPPED', 'TERMINATED', 'BURIED'];
const isShown = (view: Known): boolean => !unshown.includes(view.state);
const elasticOf = (view: Known): string | undefined => (view.publicHidden ? undefined : view.publicAddress);

const within = (address: string, block: string): boolean => {
  const [base = '', length = ''] = block.split('/');
  const size = 2 ** (32 - Number(length));
  return Math.floor((parseIpv4(address) ?? 0) / size) === Math.floor((parseIpv4(base) ?? 0) / size);
};

const clusters = [
  { name: 'a', block: '10.1.0.0/24', gateway: '10.1.0.1' },
  { name: 'b', block: '10.2.0.0/24', gateway: '10.2.0.1' },
];

export type World = {
  readonly nodes: readonly Node[];
  readonly privateBlocks: readonly string[];
  readonly members: ReadonlyMap<string, ReadonlySet<string>>;
  readonly random: RandomNetwork;
};

export const worldOf = (random: RandomNetwork): World => {
  const { network, instances, groups } = random;
  const shown = instances.filter((view) => isShown(view) && view.groups.length > 0);
  const told = clusters.filter(({ name }) => network.clusters[name]?.state === 'enabled');
  const nodes = told.flatMap(({ name, block, gateway }) =>
    (network.clusters[name]?.nodes ?? []).map(
      (node): Node => ({
        name: node.name,
        gateway,
        locals: shown
          .filter((view) => view.cluster === name && view.node === node.name && view.macAddress !== '')
          .filter((view) => within(view.privateAddress, block) && view.privateAddress !== gateway)
          .map((view) => ({
            id: view.id,
            address: view.privateAddress,
            elastic: elasticOf(view),
            groups: view.groups,
          })),
      }),
    ),
  );
  const members = new Map(
    groups.map(({ id }) => {
      const ofGroup = shown.filter((view) => view.groups.includes(id));
      const addresses = ofGroup.flatMap((view) => [view.privateAddress, elasticOf(view) ?? []].flat());
      return [id, new Set(addresses.filter((address) => address !== '0.0.0.0'))] as const;
    }),
  );
  return { nodes, privateBlocks: [...told.map(({ block }) => block), '192.168.7.0/24'], members, random };
};

type Packet = { readonly from: string; readonly to: string; readonly sentTo: string; readonly traffic: Traffic };

const isPrivate = ({ privateBlocks }: World, address: string): boolean =>
  privateBlocks.some((block) => within(address, block));

const find = ({ random }: World, end: Endpoint): Known | undefined =>
  random.instances.find((view) =>
    end.kind === 'instance'
      ? view.id === end.id
      : view.publicAddress === end.address ||
        (isShown(view) && view.privateAddress === end.address && end.address !== '0.0.0.0'),
  );

const nodeOf = ({ nodes }: World, id: string): { node: Node; local: Local } | undefined => {
  for (const node of nodes) for (const local of node.locals) if (local.id === id) return { node, local };
  return undefined;
};

/** True when the first packet reaches whom it is for. */
export const arrives = (world: World, { source, destination, traffic }: Question): boolean => {
  const sender = find(world, source);
  if (source.kind === 'instance' && sender === undefined) return false;
  if (sender !== undefined) {
    const place = nodeOf(world, sender.id);
    return place !== undefined && leaves(world, place, addressFor(world, destination, 'inside'), traffic);
  }
  const from = source.kind === 'address' ? source.address : '';
  const wire = world.random.options.sourceWire ?? (isPrivate(world, from) ? 'private' : 'public');
  const to = addressFor(world, destination, wire === 'public' ? 'public' : 'inside');
  return to !== undefined && comesIn(world, { from, to, sentTo: to, traffic }, wire) === true;
};

/** To which address somebody writes who means this end. */
const addressFor = (world: World, end: Endpoint, side: 'inside' | 'public'): string | undefined => {
  if (end.kind === 'address') return end.address;
  const view = find(world, end);
  if (view === undefined || !isShown(view) || view.privateAddress === '0.0.0.0') return undefined;
  return side === 'public' ? (elasticOf(view) ?? view.privateAddress) : view.privateAddress;
};

const leaves = (
  world: World,
  { node, local }: { readonly node: Node; readonly local: Local },
  sentTo: string | undefined,
  traffic: Traffic,
): boolean => {
  if (sentTo === undefined) return false;
  if (sentTo === local.address) return true;
  if (sentTo === '169.254.169.254') return traffic.protocol === 6 && traffic.port === 80;
  const to = node.locals.find(({ elastic }) => elastic === sentTo)?.address ?? sentTo;
  const packet = { from: local.address, to, sentTo, traffic };
  const neighbour = node.locals.find(({ address }) => address === to);
  if (neighbour !== undefined) return filtered(world, node, neighbour, packet);
  if (to === node.gateway) {
    return (traffic.protocol === 1 && traffic.type === 8) || (traffic.protocol === 17 && traffic.port === 67);
  }
  const { masquerade } = world.random.options;
  const turns = !isPrivate(world, sentTo);
  const from = turns ? (local.elastic ?? (masquerade ? `node ${node.name}` : local.address)) : local.address;
  const outcome = comesIn(world, { ...packet, from }, turns ? 'public' : 'private');
  return outcome ?? !belongsToCloud(world, sentTo);
};

/** Nobody else may answer for these. */
const belongsToCloud = (world: World, address: string): boolean =>
  world.random.elastics.includes(address) ||
  find(world, { kind: 'address', address }) !== undefined ||
  ((within(address, '10.1.0.0/24') || within(address, '10.2.0.0/24')) &&
    Number(address.split('.')[3]) >= 2 &&
    Number(address.split('.')[3]) <= 60);

/** Undefined when no node answers for the address. */
const comesIn = (world: World, packet: Packet, wire: 'public' | 'private'): boolean | undefined => {
  const twoWires = world.random.options.wires === 'two';
  for (const node of world.nodes) {
    for (const local of node.locals) {
      const translated = local.elastic === packet.to;
      if (!translated && local.address !== packet.to) continue;
      if (twoWires && wire === 'public' && isPrivate(world, packet.from)) return false;
      if (twoWires && wire === 'public' && !translated) return false;
      return filtered(world, node, local, { ...packet, to: local.address });
    }
  }
  return undefined;
};

const filtered = (world: World, node: Node, target: Local, packet: Packet): boolean => {
  for (const group of world.random.groups) {
    if (!target.groups.includes(group.id)) continue;
    const set = world.members.get(group.id);
    if (world.random.options.sameGroupTraffic && set?.has(packet.from)) return true;
    for (const { rule } of group.rules)
      if (fits(world, node, rule, packet) && covers(rule, packet.traffic)) return true;
  }
  return false;
};

const fits = (world: World, node: Node, { source }: Rule, { from, sentTo }: Packet): boolean => {
  if (source.kind === 'group') return world.members.get(source.groupId)?.has(from) === true;
  if (source.cidr === '0.0.0.0/0') return true;
  if (from.startsWith('node ')) return false;
  if (within(from, source.cidr)) return true;
  const elastic = node.locals.find(({ address }) => address === from)?.elastic;
  return elastic !== undefined && !isPrivate(world, sentTo) && within(elastic, source.cidr);
};

/** Every single thing that was asked for has to be let through by this one rule. */
const covers = (rule: Rule, { protocol, port, type, code }: Traffic): boolean => {
  if (rule.protocol !== protocol) return false;
  if (protocol === 6 || protocol === 17) {
    const asked = port === undefined ? [1, 2, 22, 79, 80, 81, 443, 65_534, 65_535] : [port];
    return asked.every((each) => each >= rule.low && each <= rule.high);
  }
  // Nodes have no name for 61, so no document tells them of it.
  if (protocol !== 1) return protocol === 47;
  if (rule.low > 255) return false;
  const types = type === undefined ? [0, 3, 8, 13] : [type];
  const codes = code === undefined ? [0, 1, 2, 255] : [code];
  return types.every(
    (t) => rule.low === -1 || (rule.low === t && codes.every((c) => rule.high === -1 || rule.high === c)),
  );
};
