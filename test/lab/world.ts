/**
 * The lab's wires: a public switch, a private fabric, two nodes between them, a client outside, the cloud controller on the
 * fabric, and one namespace per instance. Built inside a room of its own; nothing here knows of rules.
 */
import { spawnSync } from 'node:child_process';
import { type Actor, actorNames, actors, type NodeName, nodeAddresses, outside, portOf, stranger } from './story.ts';

export const uplinkMacs: Readonly<Record<NodeName, { public: string; private: string }>> = {
  n1: { public: '52:54:00:00:01:01', private: '52:54:00:00:01:00' },
  n2: { public: '52:54:00:00:02:01', private: '52:54:00:00:02:00' },
};
export const clientMac = '52:54:00:00:cc:01';
export const clcMac = '52:54:00:00:cc:02';

/** Runs a command and faults with its words when it fails. */
export const sh = (command: string, args: readonly string[], input?: string): string => {
  const result = spawnSync(command, args, { encoding: 'utf8', ...(input === undefined ? {} : { input }) });
  if (result.status !== 0) throw new Error(`${command} ${args.join(' ')}: ${result.stderr}`);
  return result.stdout;
};

export const inside = (namespace: string, command: string, args: readonly string[]): string =>
  sh('ip', ['netns', 'exec', namespace, command, ...args]);

export const batch = (lines: readonly string[], namespace?: string): void => {
  sh('ip', [...(namespace === undefined ? [] : ['-n', namespace]), '-batch', '-'], `${lines.join('\n')}\n`);
};

export const namespaces = (): string[] => ['n1', 'n2', 'client', 'clc', ...actorNames, stranger.name];

export const buildWorld = (): void => {
  batch(namespaces().map((name) => `netns add ${name}`));
  batch([
    'link add sw0 type bridge',
    'link add sw1 type bridge',
    'link set sw0 up',
    'link set sw1 up',
    ...wire('sw0', 'clc', 'eth0', clcMac),
    ...wire('sw1', 'client', 'eth0', clientMac),
    ...(['n1', 'n2'] as const).flatMap((node) => [
      ...wire('sw0', node, 'up0', uplinkMacs[node].private),
      ...wire('sw1', node, 'pub0', uplinkMacs[node].public),
    ]),
  ]);
  for (const node of ['n1', 'n2'] as const) buildNode(node);
  batch(
    ['link set lo up', `addr add ${outside.clc}/24 dev eth0`, 'link set eth0 up', 'route add 10.111.0.0/16 dev eth0'],
    'clc',
  );
  batch(
    [
      'link set lo up',
      `addr add ${outside.client}/24 dev eth0`,
      'link set eth0 up',
      `route add 10.111.0.0/16 via ${nodeAddresses.n1.public}`,
    ],
    'client',
  );
  for (const name of actorNames) plugIn(actors[name], portOf(actors[name]));
  plugIn(stranger, stranger.port);
};

/** A cable from a switch to a namespace. */
const wire = (bridge: string, namespace: string, device: string, mac: string): string[] => [
  `link add name ${bridge}-${namespace} type veth peer name ${device} address ${mac} netns ${namespace}`,
  `link set ${bridge}-${namespace} master ${bridge} up`,
];

const buildNode = (node: NodeName): void => {
  batch(
    [
      'link set lo up',
      `addr add ${nodeAddresses[node].private}/24 dev up0`,
      `addr add ${nodeAddresses[node].public}/24 dev pub0`,
      'link set up0 up',
      'link set pub0 up',
      `route add default via ${outside.client}`,
    ],
    node,
  );
};

/** An instance's machine and its port on the node, as the hypervisor would make it; nobody puts it on the bridge here. */
export const plugIn = (who: Pick<Actor, 'name' | 'node' | 'mac' | 'ip'>, port: string, isConfigured = true): void => {
  batch([`link add name ${port} netns ${who.node} type veth peer name eth0 address ${who.mac} netns ${who.name}`]);
  batch(['link set lo up', 'link set eth0 up', ...(isConfigured ? addressLines(who.ip) : [])], who.name);
};

export const addressLines = (ip: string): string[] => [
  `addr add ${ip}/16 dev eth0`,
  `route add default via ${outside.gateway}`,
];

/** Nobody remembers who answered before. */
export const forgetNeighbours = (): void => {
  for (const name of [...actorNames, stranger.name, 'client', 'clc']) {
    spawnSync('ip', ['-n', name, 'neigh', 'flush', 'all']);
  }
  for (const node of ['n1', 'n2']) {
    for (const device of ['up0', 'pub0']) spawnSync('ip', ['-n', node, 'neigh', 'flush', 'dev', device]);
    spawnSync('ip', ['netns', 'exec', node, 'conntrack', '-F']);
  }
};
