/**
 * What a configuration must mean as a whole before it may be posted (cloud spec 1.7): it is checked after populating with
 * no registered names. Things that are merely unwise are `warnings.ts`.
 */
import { formatRange, parseRange, rangeContains, rangeFromSubnet } from '../ipRange.ts';
import { parseIpv4 } from '../ipv4.ts';
import { isRefusal, type Refusal, refuse } from '../refusals.ts';
import {
  type CompleteSubnet,
  type ConfigurationMembers,
  type ConfigurationProfile,
  completeSubnet,
} from './members.ts';
import { parseConfiguration } from './parse.ts';
import { populate } from './populate.ts';

/** Text -> configuration that may be posted, or why not: the codes of `parseConfiguration` and `validateConfiguration`. */
export const acceptConfiguration = (
  text: string,
  profile: ConfigurationProfile = '4.0',
): ConfigurationMembers | Refusal => {
  const configuration = parseConfiguration(text, profile);
  if (isRefusal(configuration)) return configuration;
  return validateConfiguration(populate(configuration, [], profile), configuration) ?? configuration;
};

/**
 * `semantic.mode`, `semantic.single-subnet` or `semantic.private-ips`. `posted` is the document before populating, so that
 * the refusal names the list that was written when a cluster inherits it.
 */
export const validateConfiguration = (
  populated: ConfigurationMembers,
  posted: ConfigurationMembers = populated,
): Refusal | undefined => {
  if (populated.Mode && populated.Mode !== 'EDGE') return foreignMode(populated.Mode);
  const clusters = populated.Clusters ?? [];
  if (clusters.length === 0) return validateSingleSubnet(populated);
  for (const [index, { Name, Subnet, PrivateIps }] of clusters.entries()) {
    const subnet = Subnet && completeSubnet(Subnet);
    const inherits = posted.Clusters?.[index]?.PrivateIps === undefined;
    const path = inherits ? 'PrivateIps' : `Clusters[${index}].PrivateIps`;
    const outside = subnet && rangeOutside(subnet, PrivateIps ?? [], path, ` of cluster ${Name}`);
    if (outside !== undefined) return outside;
  }
  return undefined;
};

const validateSingleSubnet = (configuration: ConfigurationMembers): Refusal | undefined => {
  const [only, ...others] = configuration.Subnets ?? [];
  if (only === undefined || others.length > 0) {
    const detail = 'exactly one entry is needed in Subnets when no Clusters are listed';
    return refuse('semantic.single-subnet', detail, { member: 'Subnets' });
  }
  const subnet = completeSubnet(only);
  return subnet && rangeOutside(subnet, configuration.PrivateIps ?? [], 'PrivateIps', '');
};

const rangeOutside = (
  { Subnet, Netmask }: CompleteSubnet,
  texts: readonly string[],
  path: string,
  whose: string,
): Refusal | undefined => {
  const hosts = rangeFromSubnet(parseIpv4(Subnet) ?? 0, parseIpv4(Netmask) ?? 0);
  for (const [index, text] of texts.entries()) {
    const range = parseRange(text);
    if (range === undefined || rangeContains(hosts, range)) continue;
    const value = formatRange(range);
    const detail = `private range ${value} is not within the usable hosts of ${Subnet}/${Netmask}${whose}`;
    return refuse('semantic.private-ips', detail, { member: `${path}[${index}]`, value });
  }
  return undefined;
};

const foreignMode = (mode: string): Refusal =>
  refuse('semantic.mode', `only the mode EDGE can be applied here, not ${mode}`, { member: 'Mode', value: mode });
