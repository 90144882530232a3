/**
 * The plan as a DHCP server sees it: one fixed answer per MAC, and the same in the configuration language of ISC dhcpd.
 * Eucalyptus' node controller starts an instance only once that file contains `node-<address> ` (node spec 2.3).
 */
import { cidrFromAddress, formatCidr, prefixMask } from '../../domain/cidr.ts';
import { formatIpv4, parseIpv4 } from '../../domain/ipv4.ts';
import type { Lease, NodeNetwork, Plan } from './model.ts';

export const leasesByMac = (plan: Plan): ReadonlyMap<string, Lease> =>
  new Map([...plan.instances.values()].map(({ lease }) => [lease.mac, lease]));

/** The last address of the node's subnet. */
export const broadcastAddress = (network: NodeNetwork): string => {
  const address = parseIpv4(network.subnet) ?? 0;
  return formatIpv4((address | ~prefixMask(network.prefix)) >>> 0);
};

const subnetAddress = (network: NodeNetwork): string =>
  formatCidr(cidrFromAddress(parseIpv4(network.subnet) ?? 0, network.prefix)).split('/')[0] ?? network.subnet;

/** Domain names reach a quoted string; anything that could end it is dropped. */
const quoted = (text: string): string => `"${text.replaceAll(/[^A-Za-z0-9._-]/g, '')}"`;

/** `euca-dhcp.conf` as eucanetd writes it (node spec 3.9): a contract in its `node-<address> ` words, MACs upper case. */
export const bootGateText = (plan: Plan): string => {
  const { network, options } = plan;
  const leases = [...leasesByMac(plan).values()].sort((a, b) => (a.address < b.address ? -1 : 1));
  const dns = network.dnsServers.length === 0 ? [] : [`  option domain-name-servers ${network.dnsServers.join(', ')};`];
  return [
    '# automatically generated config file for DHCP server',
    `default-lease-time ${options.leaseSeconds};`,
    `max-lease-time ${options.leaseSeconds};`,
    'ddns-update-style none;',
    '',
    'shared-network euca {',
    `subnet ${subnetAddress(network)} netmask ${network.netmask} {`,
    `  option subnet-mask ${network.netmask};`,
    `  option broadcast-address ${broadcastAddress(network)};`,
    `  option domain-name ${quoted(network.domain)};`,
    ...dns,
    `  option routers ${network.gateway};`,
    '}',
    ...leases.flatMap((lease) => [
      '',
      `host node-${lease.address} {`,
      `  hardware ethernet ${lease.mac.toUpperCase()};`,
      `  fixed-address ${lease.address};`,
      '}',
    ]),
    '}',
    '',
  ].join('\n');
};
