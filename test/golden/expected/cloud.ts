/** What the golden samples about configuration, clusters and the house itself mean today. */
import type { DomainEvent } from '../../../src/domain/events.ts';

const cluster = 'PARTI00';

export const configurationText = `{
  "InstanceDnsDomain": "eucalyptus.internal",
  "PublicIps": [ "10.111.103.0-10.111.103.2", "10.111.103.6" ],
  "Clusters": [ { "Name": "PARTI00", "MacPrefix": "d0:0d",
    "Subnet": { "Name": "10.111.0.0", "Subnet": "10.111.0.0", "Netmask": "255.255.0.0", "Gateway": "10.111.0.1" },
    "PrivateIps": [ "10.111.103.30", "10.111.103.38-10.111.103.43" ] } ]
}
`;

export const cloud = {
  'ConfigurationPosted.v1': {
    type: 'ConfigurationPosted',
    text: configurationText,
    configuration: {
      InstanceDnsDomain: 'eucalyptus.internal',
      PublicIps: ['10.111.103.0-10.111.103.2', '10.111.103.6'],
      Clusters: [
        {
          Name: 'PARTI00',
          MacPrefix: 'd0:0d',
          Subnet: { Name: '10.111.0.0', Subnet: '10.111.0.0', Netmask: '255.255.0.0', Gateway: '10.111.0.1' },
          PrivateIps: ['10.111.103.30', '10.111.103.38-10.111.103.43'],
        },
      ],
    },
  },
  'ConfigurationCleared.v1': { type: 'ConfigurationCleared' },
  'PropertyChanged.v1': {
    type: 'PropertyChanged',
    name: 'cloud.network.min_broadcast_interval',
    value: '3',
  },
  'PropertyReset.v1': { type: 'PropertyReset', name: 'cloud.network.min_broadcast_interval' },
  'EpochRaised.v1': { type: 'EpochRaised', epoch: 2, reason: 'restored from a backup' },
  'ClusterRegistered.v1': {
    type: 'ClusterRegistered',
    cluster,
    component: 'PARTI00-cc',
    host: 'cc.example.org',
    address: '10.111.5.30',
    endpoint: 'http://10.111.5.30:8774/axis2/services/EucalyptusCC',
  },
  'ClusterAddressResolved.v1': { type: 'ClusterAddressResolved', cluster, address: '10.111.5.31' },
  'ClusterEnabled.v1': { type: 'ClusterEnabled', cluster },
  'ClusterDisabled.v1': { type: 'ClusterDisabled', cluster, reason: 'replacing its controller' },
  'ClusterDeregistered.v1': { type: 'ClusterDeregistered', cluster },
  'ClusterNodesReported.v1': {
    type: 'ClusterNodesReported',
    cluster,
    nodes: [
      { name: '10.111.5.32', endpoint: 'http://10.111.5.32:8775/axis2/services/EucalyptusNC' },
      { name: '10.111.5.33' },
    ],
  },
  'ClusterNodesForgotten.v1': { type: 'ClusterNodesForgotten', cluster, nodes: ['10.111.5.33'] },
  'ClusterModeReported.v1': { type: 'ClusterModeReported', cluster, mode: 'EDGE' },
  'DocumentDelivered.v1': {
    type: 'DocumentDelivered',
    cluster,
    epoch: 1,
    version: 16,
    digest: 'b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c',
    dialect: 'superset',
    bytes: 1234,
    controller: 'edgelog',
  },
  'CommandRefused.v1': {
    type: 'CommandRefused',
    command: 'ReleaseAddress',
    subject: '10.111.103.6',
    refused: 'address-in-use',
    detail: 'Address 10.111.103.6 is assigned to i-0a1b2c3d; disassociate it first.',
  },
  'ReportFollowed.v1': { type: 'ReportFollowed', cluster, instances: 3, changes: 7, refused: 1 },
} as const satisfies Readonly<Record<string, DomainEvent>>;
