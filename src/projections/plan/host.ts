/**
 * Kernel state beside the rules, as keyed items: the bridge and its gateway address, switches, routes, permanent
 * neighbours, proxies on the uplinks, port flags. Remote instances need none: the fabric's connected route and the owning
 * node's proxy answers are enough.
 */
import type { HostItem, LocalInstance, NodeNetwork, NodeOptions } from './model.ts';

/** Items with the same key are the same thing; a different value replaces it. */
export const hostKey = (item: HostItem): string => {
  switch (item.kind) {
    case 'bridge':
      return `bridge ${item.name}`;
    case 'sysctl':
      return `sysctl ${item.key}`;
    case 'address':
      return `address ${item.address} ${item.device}`;
    case 'route':
      return `route ${item.destination}`;
    case 'neighbour':
      return `neighbour ${item.address} ${item.device}`;
    case 'proxy':
      return `proxy ${item.address} ${item.device}`;
    case 'port':
      return `port ${item.port}`;
  }
};

const sysctl = (key: string, value: string): HostItem => ({ kind: 'sysctl', key, value });

/**
 * With these on, the kernel runs the routed rules on bridged frames: an elastic address of an instance on the same bridge
 * would be translated inside the bridge and delivered from port to port, past the router, which the ports refuse.
 */
const unbridged: readonly HostItem[] = ['iptables', 'ip6tables', 'arptables'].map((kind) => ({
  kind: 'sysctl',
  key: `net/bridge/bridge-nf-call-${kind}`,
  value: '0',
  ifThere: true,
}));

export const baseHost = (options: NodeOptions, network: NodeNetwork): HostItem[] => {
  const { bridge, publicInterface, privateInterface, without } = options;
  const uplinks = [...new Set([publicInterface, privateInterface])];
  return [
    { kind: 'bridge', name: bridge, mac: options.gatewayMac },
    { kind: 'address', address: network.gateway, device: bridge },
    sysctl('net/ipv4/ip_forward', '1'),
    ...unbridged,
    sysctl('net/ipv4/conf/all/send_redirects', '0'),
    sysctl(`net/ipv4/conf/${bridge}/send_redirects`, '0'),
    sysctl(`net/ipv4/conf/${bridge}/proxy_arp`, '1'),
    sysctl(`net/ipv4/conf/${bridge}/proxy_arp_pvlan`, '1'),
    sysctl(`net/ipv4/conf/${bridge}/rp_filter`, without === 'sourceIp' ? '0' : '1'),
    sysctl(`net/ipv4/neigh/${bridge}/proxy_delay`, '0'),
    sysctl(`net/ipv6/conf/${bridge}/disable_ipv6`, '1'),
    ...uplinks.flatMap((uplink) => [
      sysctl(`net/ipv4/conf/${uplink}/arp_ignore`, '1'),
      sysctl(`net/ipv4/neigh/${uplink}/proxy_delay`, '0'),
    ]),
    ...network.fabricCidrs.map((destination): HostItem => ({ kind: 'route', destination, device: privateInterface })),
  ];
};

export const instanceHost = (instance: LocalInstance, options: NodeOptions, network: NodeNetwork): HostItem[] => {
  const { port, mac, privateIp, publicIp } = instance;
  const { bridge, without } = options;
  const inside = (address: string): HostItem => ({
    kind: 'route',
    destination: `${address}/32`,
    device: bridge,
    source: network.gateway,
  });
  const answered = (address: string, device: string): HostItem[] =>
    without === 'neighbourProxy' ? [] : [{ kind: 'proxy', address, device }];
  return [
    { kind: 'port', port, mac, bridge, isolated: without !== 'portIsolation', locked: without !== 'sourceMac' },
    { kind: 'sysctl', key: `net/ipv6/conf/${port}/disable_ipv6`, value: '1', port },
    { kind: 'neighbour', address: privateIp, mac, device: bridge },
    inside(privateIp),
    ...answered(privateIp, options.privateInterface),
    ...(publicIp === undefined ? [] : [inside(publicIp), ...answered(publicIp, options.publicInterface)]),
  ];
};

export type HostChange = { readonly removed: readonly HostItem[]; readonly added: readonly HostItem[] };

const sameItem = (a: HostItem, b: HostItem): boolean => JSON.stringify(a) === JSON.stringify(b);

/** What has to go and what has to come. An item that only changes its value is in `added` alone: it is replaced. */
export const hostChange = (before: readonly HostItem[], after: readonly HostItem[]): HostChange => {
  const old = new Map(before.map((item) => [hostKey(item), item]));
  const added: HostItem[] = [];
  for (const item of after) {
    const key = hostKey(item);
    const was = old.get(key);
    old.delete(key);
    if (was === undefined || !sameItem(was, item)) added.push(item);
  }
  return { removed: [...old.values()], added };
};
