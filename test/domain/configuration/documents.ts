/** Network configurations that several tests start from. Plain data; nothing here decides anything. */
import type { CompleteSubnet, ConfigurationMembers } from '../../../src/domain/configuration/members.ts';

export const subnetA: CompleteSubnet = { Name: 'a', Subnet: '10.0.0.0', Netmask: '255.255.255.0', Gateway: '10.0.0.1' };
export const subnetB: CompleteSubnet = { Name: 'b', Subnet: '10.0.1.0', Netmask: '255.255.255.0', Gateway: '10.0.1.1' };

/** One subnet, nothing else: every registered cluster gets it. */
export const flat: ConfigurationMembers = { PublicIps: ['10.111.200.1-10.111.200.2'], Subnets: [subnetA] };

/** A subnet for each of two clusters. */
export const apart: ConfigurationMembers = {
  PublicIps: ['10.111.200.1-10.111.200.2'],
  Subnets: [subnetA, subnetB],
  Clusters: [
    { Name: 'one', Subnet: { Name: 'a' } },
    { Name: 'two', Subnet: { Name: 'b' }, PrivateIps: ['10.0.1.50-10.0.1.60'] },
  ],
};
