/**
 * The fixed rules on instance ports: what a port may say on the wire and what may be delivered to it (node spec 4.2). They
 * look instances up in sets, so a port that no plan knows matches nothing and is dead in both directions.
 *
 * Frames to reserved multicast addresses (01:80:c2:00:00:0x) pass by the bridge hooks and surface on the bare port; the two
 * `portGuard` chains take them there.
 */
import { chain, guarded, type Line } from './guarded.ts';
import type { ChainPiece, GuardName, NodeOptions, SetPiece } from './model.ts';

const table = 'bridge edge';

/** The client's hardware address inside a DHCP message: 36 octets after the start of the UDP header. */
const chaddr = '@th,288,48';

export const portSets: readonly SetPiece[] = [
  { table, name: 'ports', kind: 'set', definition: 'type ifname;' },
  { table, name: 'port_mac', kind: 'set', definition: 'type ifname . ether_addr;' },
  { table, name: 'port_mac_ip', kind: 'set', definition: 'type ifname . ether_addr . ipv4_addr;' },
  { table, name: 'port_ip', kind: 'set', definition: 'type ifname . ipv4_addr;' },
  { table, name: 'port_chaddr', kind: 'set', definition: `typeof iifname . ${chaddr};` },
];

export const portCounters = [
  'unknown_port',
  'spoof_mac',
  'spoof_arp',
  'spoof_ip',
  'spoof_chaddr',
  'rogue_dhcp',
  'bad_ethertype',
  'port_to_port',
  'stray_to_port',
].map((name) => ({ table, name }) as const);

const drop = (counter: string): string => `counter name ${counter} drop`;

export const portChains = ({ portPrefix, without }: NodeOptions): ChainPiece[] => {
  const ports = `"${portPrefix}*"`;
  const plain = { without };
  return [
    chain(table, 'prerouting', fromPortEntry(ports, without), {
      without,
      hook: 'filter hook prerouting priority -300',
    }),
    chain(table, 'from_port', fromPort, plain),
    chain(table, 'from_port_arp', fromPortArp, plain),
    chain(table, 'from_port_ip', fromPortIp, plain),
    chain(table, 'forward', portToPort(ports), { without, hook: 'filter hook forward priority -200' }),
    chain(table, 'output', [`oifname ${ports} goto to_port`], { without, hook: 'filter hook output priority 0' }),
    chain(table, 'to_port', toPort, plain),
    ...barePort(ports, without),
  ];
};

/** Without the guard only known ports are looked at, the way rules made per known port leave all others open. */
const fromPortEntry = (ports: string, without: GuardName | undefined): Line[] =>
  without === 'unprogrammedPort'
    ? [`iifname ${ports} iifname @ports goto from_port`]
    : [`iifname ${ports} goto from_port`];

const fromPort: readonly Line[] = [
  ...guarded('unprogrammedPort', `iifname != @ports ${drop('unknown_port')}`),
  ...guarded('sourceMac', `iifname . ether saddr != @port_mac ${drop('spoof_mac')}`),
  'ether type arp goto from_port_arp',
  'ether type ip goto from_port_ip',
  ...guarded('etherTypes', drop('bad_ethertype')),
];

const fromPortArp: readonly Line[] = [
  'arp htype != 1 drop',
  'arp ptype != ip drop',
  'arp hlen != 6 drop',
  'arp plen != 4 drop',
  'arp operation { request, reply } iifname . arp saddr ether . arp saddr ip @port_mac_ip accept',
  'arp operation request arp saddr ip 0.0.0.0 iifname . arp saddr ether . arp daddr ip @port_mac_ip accept',
  ...guarded('arpSender', drop('spoof_arp')),
];

const fromPortIp: readonly Line[] = [
  ...guarded('dhcpServer', `udp sport 67 ${drop('rogue_dhcp')}`),
  ...guarded('dhcpChaddr', `udp dport 67 iifname . ${chaddr} != @port_chaddr ${drop('spoof_chaddr')}`),
  'ip saddr 0.0.0.0 ip daddr 255.255.255.255 udp sport 68 udp dport 67 accept',
  'iifname . ether saddr . ip saddr @port_mac_ip accept',
  ...guarded('sourceIp', drop('spoof_ip')),
];

const portToPort = (ports: string): Line[] =>
  guarded('portIsolation', `iifname ${ports} ${drop('port_to_port')}`, `oifname ${ports} ${drop('port_to_port')}`);

/** ARP for the instance's own address, packets for it, and the broadcast answer to its own DHCP question; nothing else. */
const toPort: readonly Line[] = [
  'ether type arp oifname . arp daddr ip @port_ip accept',
  'ether type ip oifname . ether daddr . ip daddr @port_mac_ip accept',
  `udp sport 67 udp dport 68 oifname . ${chaddr} @port_chaddr accept`,
  ...guarded('portDelivery', drop('stray_to_port')),
];

const barePort = (ports: string, without: GuardName | undefined): ChainPiece[] => {
  const lines = guarded('barePort', `iifname ${ports} counter drop`);
  return [
    chain('inet edge', 'port_guard', lines, { without, hook: 'filter hook prerouting priority -300' }),
    chain('arp edge', 'port_guard', lines, { without, hook: 'filter hook input priority 0' }),
  ];
};
