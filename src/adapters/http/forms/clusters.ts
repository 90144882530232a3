/** Forms of the commands about clusters: registration by an administrator, reports by whoever speaks for a cluster. */
import type { CommandOf, InstanceReport } from '../../../domain/commands.ts';
import { type CommandForm, commandForm } from '../commandForm.ts';
import { admins, operators } from '../route.ts';
import { account, choice, list, name, object, type Schema, text } from '../schema.ts';

export const clusterName = name('Name of the cluster (partition)', 63);
export const nodeName = name('Node: host part of its controller’s address');

/** Port and path at which a cluster controller of Eucalyptus listens (cloud spec 9.1). */
const usualEndpoint = (host: string): string =>
  `http://${host.includes(':') ? `[${host}]` : host}:8774/axis2/services/EucalyptusCC`;

const node = object({ name: nodeName, endpoint: text('URL of the node controller') }, ['name'], { title: 'Node' });

const maybeText = (description: string): Schema => ({ type: 'string', maxLength: 255, description });

const instanceReport = object(
  {
    instanceId: name('Instance', 64),
    state: choice('State as the cluster sees it', ['Pending', 'Extant', 'Teardown']),
    account: account(),
    node: nodeName,
    macAddress: maybeText('MAC address'),
    privateAddress: maybeText('Private address'),
    publicAddress: maybeText('Public address'),
    groups: list(name('Group'), 500, 'Network names or group ids the cluster reports'),
  },
  ['instanceId', 'state'],
  { title: 'InstanceReport' },
);

type Registration = { cluster: string; host: string; component?: string; address?: string; endpoint?: string };

export const registerCluster = commandForm<Registration>({
  type: 'RegisterCluster',
  summary: 'Register a cluster with the address of its controller',
  access: admins,
  members: {
    cluster: clusterName,
    host: name('Host of the cluster controller: name or address'),
    component: name('Name of the component; the cluster’s name and “-cc” if left out'),
    address: name('IPv4 address of the host; looked up if left out', 64),
    endpoint: text('URL of the controller; the usual one of the host if left out'),
  },
  required: ['cluster', 'host'],
  concerns: 'cluster',
  make: async (input, origin) => ({
    type: 'RegisterCluster',
    cluster: input.cluster,
    component: input.component ?? `${input.cluster}-cc`,
    host: input.host,
    address: input.address ?? (await origin.resolveHost(input.host)),
    endpoint: input.endpoint ?? usualEndpoint(input.host),
    ...(input.address === undefined ? { followsHost: true } : {}),
  }),
});

export const enableCluster = commandForm<{ cluster: string }>({
  type: 'EnableCluster',
  summary: 'Enable a cluster: it gets documents from now on',
  access: admins,
  members: { cluster: clusterName },
  required: ['cluster'],
  concerns: 'cluster',
  make: (input) => ({ type: 'EnableCluster', ...input }),
});

export const disableCluster = commandForm<{ cluster: string; reason: string }>({
  type: 'DisableCluster',
  summary: 'Disable a cluster: it gets no documents until it is enabled again',
  access: admins,
  members: { cluster: clusterName, reason: text('Why') },
  required: ['cluster', 'reason'],
  concerns: 'cluster',
  make: (input) => ({ type: 'DisableCluster', ...input }),
});

export const deregisterCluster = commandForm<{ cluster: string }>({
  type: 'DeregisterCluster',
  summary: 'Deregister a cluster',
  access: admins,
  members: { cluster: clusterName },
  required: ['cluster'],
  concerns: 'cluster',
  make: (input) => ({ type: 'DeregisterCluster', ...input }),
});

export const reportNodes = commandForm<{ cluster: string; nodes: readonly { name: string; endpoint?: string }[] }>({
  type: 'ReportNodes',
  summary: 'Say which nodes a cluster has: the whole list',
  access: operators,
  members: { cluster: clusterName, nodes: list(node, 10_000, 'All nodes of the cluster') },
  required: ['cluster', 'nodes'],
  concerns: 'cluster',
  make: (input) => ({ type: 'ReportNodes', ...input }),
});

export const forgetNodes = commandForm<{ cluster: string; nodes: readonly string[] }>({
  type: 'ForgetNodes',
  summary: 'Forget nodes that will not come back, so that nobody waits for them',
  access: operators,
  members: { cluster: clusterName, nodes: list(nodeName, 10_000, 'Names of the nodes', { minItems: 1 }) },
  required: ['cluster', 'nodes'],
  concerns: 'cluster',
  make: (input) => ({ type: 'ForgetNodes', ...input }),
});

export const reportMode = commandForm<{ cluster: string; mode: string }>({
  type: 'ReportMode',
  summary: 'Say in which network mode a cluster runs',
  access: operators,
  members: { cluster: clusterName, mode: name('Network mode, e.g. EDGE', 64) },
  required: ['cluster', 'mode'],
  concerns: 'cluster',
  make: (input) => ({ type: 'ReportMode', ...input }),
});

const addressReport = object(
  { address: text('Public address', { maxLength: 64 }), instanceAddress: maybeText('Private address it leads to') },
  ['address'],
  { title: 'AddressReport' },
);

type ReportedAddresses = CommandOf<'ReportAddresses'>['addresses'];

export const reportAddresses = commandForm<{ cluster: string; addresses: ReportedAddresses }>({
  type: 'ReportAddresses',
  summary: 'Say which public addresses a cluster has, where EDGE is not in force',
  access: operators,
  members: { cluster: clusterName, addresses: list(addressReport, 100_000, 'All public addresses of the cluster') },
  required: ['cluster', 'addresses'],
  concerns: 'cluster',
  make: (input) => ({ type: 'ReportAddresses', ...input }),
});

export const reportInstances = commandForm<{ cluster: string; instances: readonly InstanceReport[] }>({
  type: 'ReportInstances',
  summary: 'Say which instances a cluster sees, and in which state',
  access: operators,
  members: { cluster: clusterName, instances: list(instanceReport, 100_000, 'All instances the cluster sees') },
  required: ['cluster', 'instances'],
  concerns: 'cluster',
  make: (input) => ({ type: 'ReportInstances', ...input }),
});

export const clusterForms: readonly CommandForm[] = [
  registerCluster,
  enableCluster,
  disableCluster,
  deregisterCluster,
  reportNodes,
  forgetNodes,
  reportMode,
  reportInstances,
  reportAddresses,
];
