/**
 * The fixed rules of the routed edge: translation, transit, the groups' front door and the node's own protection, in the
 * `ip` family with ordinary connection tracking. Groups and instances hang on it through sets, maps and verdict maps, so a
 * change of one of them touches none of these chains.
 *
 * "Private" is decided by the addresses of the connection's first packet as it was sent (`ct original`): a connection begun
 * towards a public address is translated at both ends even if it turns around on this very node.
 */
import { chain, guarded, type Line } from './guarded.ts';
import type { ChainPiece, Element, NodeNetwork, NodeOptions, SetPiece } from './model.ts';

const table = 'ip edge';
const metadata = '169.254.169.254';

const accounted = ['in_private', 'in_public', 'out_private', 'out_public'] as const;
export type AccountName = (typeof accounted)[number];
export const accountNames: readonly AccountName[] = accounted;

export const edgeSets: readonly SetPiece[] = [
  { table, name: 'gen', kind: 'set', definition: 'type mark;' },
  { table, name: 'private', kind: 'set', definition: 'type ipv4_addr; flags interval;' },
  { table, name: 'elastic', kind: 'set', definition: 'type ipv4_addr;' },
  { table, name: 'elastic_pool', kind: 'set', definition: 'type ipv4_addr; flags interval;' },
  { table, name: 'translations', kind: 'set', definition: 'type ipv4_addr . ipv4_addr;' },
  { table, name: 'dnat4', kind: 'map', definition: 'type ipv4_addr : ipv4_addr;' },
  { table, name: 'snat4', kind: 'map', definition: 'type ipv4_addr : ipv4_addr;' },
  { table, name: 'ingress', kind: 'map', definition: 'type ipv4_addr : verdict;' },
  ...accounted.map(
    (name): SetPiece => ({ table, name: `acct_${name}`, kind: 'set', definition: 'type ipv4_addr; counter;' }),
  ),
];

export const edgeCounters = [
  'public_spoof',
  'fabric_spoof',
  'public_direct',
  'transit',
  'denied',
  'invalid',
  'stale_translation',
  'to_node',
].map((name) => ({ table, name }) as const);

export const edgeElements = (network: NodeNetwork): Element[] => [
  ...network.privateCidrs.map((key): Element => ({ table, set: 'private', key })),
  ...network.elasticRanges.map((key): Element => ({ table, set: 'elastic_pool', key })),
  { table, set: 'translations', key: `${metadata} . ${network.metadataAddress}` },
];

const drop = (counter: string): string => `counter name ${counter} drop`;
const notFirst = 'tcp flags & (fin | syn | rst | ack) != syn';

export const edgeChains = (options: NodeOptions, network: NodeNetwork): ChainPiece[] => {
  const { without } = options;
  const plain = { without };
  const hooked = (hook: string) => ({ without, hook });
  return [
    chain(table, 'raw_pre', fromOutside(options), hooked('filter hook prerouting priority -300')),
    chain(table, 'prerouting', inwards(options, network), hooked('nat hook prerouting priority -100')),
    chain(
      table,
      'output',
      guarded('elasticIn', 'dnat to ip daddr map @dnat4'),
      hooked('nat hook output priority -100'),
    ),
    chain(table, 'postrouting', outwards(options), hooked('nat hook postrouting priority 100')),
    chain(table, 'do_snat', translate(options), plain),
    chain(table, 'forward', forward(options), hooked('filter hook forward priority 0')),
    chain(table, 'translated', translated, plain),
    chain(table, 'to_instance', toInstance(options), plain),
    chain(table, 'account', account, hooked('filter hook forward priority 10')),
    chain(table, 'account_private', accountPrivate, plain),
    chain(table, 'input', [`iifname "${options.bridge}" goto to_node`], hooked('filter hook input priority 0')),
    chain(table, 'to_node', toNode(network), plain),
  ];
};

/** One wire for both sides cannot be told apart: then only what routing itself knows to be local is protected. */
const twoWires = (options: NodeOptions): boolean => options.publicInterface !== options.privateInterface;

const fromOutside = (options: NodeOptions): Line[] => [
  ...(twoWires(options)
    ? guarded(
        'publicSpoof',
        `iifname "${options.publicInterface}" ip saddr @private ${drop('public_spoof')}`,
        `iifname "${options.publicInterface}" ip saddr @elastic ${drop('public_spoof')}`,
      )
    : []),
  ...guarded(
    'fabricSpoof',
    `iifname "${options.privateInterface}" ip saddr @private fib saddr . iif oif missing ${drop('fabric_spoof')}`,
    `iifname "${options.privateInterface}" ip saddr @elastic ${drop('fabric_spoof')}`,
  ),
];

const inwards = (options: NodeOptions, network: NodeNetwork): Line[] => [
  ...guarded(
    'metadata',
    `iifname "${options.bridge}" ip daddr ${metadata} tcp dport 80 dnat to ${network.metadataAddress}:${options.metadataPort}`,
  ),
  ...guarded('elasticIn', 'dnat to ip daddr map @dnat4'),
];

const outwards = ({ without }: NodeOptions): Line[] =>
  without === 'privateUntranslated'
    ? ['ct original ip saddr @private goto do_snat']
    : ['ct original ip saddr @private ct original ip daddr != @private goto do_snat'];

const translate = (options: NodeOptions): Line[] => [
  ...guarded('metadataSource', `ct original ip daddr ${metadata} return`),
  ...guarded('elasticOut', 'snat to ip saddr map @snat4'),
  ...(options.masquerade ? [`oifname "${options.publicInterface}" masquerade`] : []),
];

const forward = (options: NodeOptions): Line[] => {
  const { bridge, publicInterface, privateInterface } = options;
  const uplinks = twoWires(options) ? `{ "${publicInterface}", "${privateInterface}" }` : `"${publicInterface}"`;
  return [
    ...guarded('transit', `iifname ${uplinks} oifname != "${bridge}" ${drop('transit')}`),
    ...guarded(
      'midstream',
      `iifname "${bridge}" ct state invalid ${drop('invalid')}`,
      `iifname "${bridge}" ct state new ${notFirst} ${drop('invalid')}`,
    ),
    ...guarded('staleTranslation', `oifname "${bridge}" jump translated`, `iifname "${bridge}" jump translated`),
    `oifname "${bridge}" goto to_instance`,
    `iifname "${bridge}" accept`,
  ];
};

/**
 * A tracked flow keeps its translation when the map has lost it. Here it must still be one of those in force, so that an
 * elastic address that moves is cut in the very transaction that moves it. The second line knows elastic addresses by the
 * pool, because a flow that left as the node itself has no pair.
 */
const translated: readonly Line[] = [
  `ct status dnat ct original ip daddr . ct reply ip saddr != @translations ${drop('stale_translation')}`,
  `ct status snat ct reply ip daddr @elastic_pool ct reply ip daddr . ct original ip saddr != @translations ${drop('stale_translation')}`,
];

const toInstance = (options: NodeOptions): Line[] => [
  ...guarded('replies', 'ct state established,related accept'),
  ...guarded('midstream', `ct state invalid ${drop('invalid')}`, `ct state new ${notFirst} ${drop('invalid')}`),
  ...(twoWires(options)
    ? guarded('publicDirect', `iifname "${options.publicInterface}" ct status and dnat == 0 ${drop('public_direct')}`)
    : []),
  'ip daddr vmap @ingress',
  ...guarded('defaultDeny', drop('denied')),
];

/** After the filter, so that only what was let through is counted. A matched element counts by itself. */
const account: readonly Line[] = [
  'ct original ip saddr @private ct original ip daddr @private goto account_private',
  'ip daddr @acct_in_public',
  'ip saddr @acct_out_public',
];
const accountPrivate: readonly Line[] = ['ip daddr @acct_in_private', 'ip saddr @acct_out_private'];

/** The node answers an instance's DHCP and pings of its gateway; everything else it offers is not for instances. */
const toNode = (network: NodeNetwork): Line[] => [
  'ct state established,related accept',
  'udp dport 67 accept',
  `ip daddr ${network.gateway} icmp type echo-request accept`,
  `ct original ip daddr ${metadata} ct status dnat accept`,
  ...guarded('nodeInput', drop('to_node')),
];
