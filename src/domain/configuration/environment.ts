/**
 * The configuration that Eucalyptus made from the `VNET_` values of its host's configuration file while the property was
 * empty (cloud spec 1.1). A bridge for installations older than the property: nothing is validated on this path.
 */
import { parseRange } from '../ipRange.ts';
import type { ConfigurationMembers, SubnetMembers } from './members.ts';

export type EnvironmentValues = { readonly [key: string]: string };

/** Undefined unless `VNET_MODE` is exactly EDGE. System name servers come before `VNET_DNS`. */
export const environmentConfiguration = (
  values: EnvironmentValues,
  nameservers: readonly string[],
): ConfigurationMembers | undefined => {
  if (unquoted(values, 'VNET_MODE') !== 'EDGE') return undefined;
  const domain = unquoted(values, 'VNET_DOMAINNAME');
  const server = unquoted(values, 'VNET_DNS');
  return {
    ...(domain === undefined ? {} : { InstanceDnsDomain: domain }),
    InstanceDnsServers: server === undefined ? nameservers : [...nameservers, server],
    PublicIps: rangesIn(values, 'VNET_PUBLICIPS'),
    PrivateIps: rangesIn(values, 'VNET_PRIVATEIPS'),
    Subnets: [onlySubnet(values)],
  };
};

const onlySubnet = (values: EnvironmentValues): SubnetMembers => {
  const subnet = unquoted(values, 'VNET_SUBNET');
  const netmask = unquoted(values, 'VNET_NETMASK');
  const gateway = unquoted(values, 'VNET_ROUTER');
  return {
    ...(subnet === undefined ? {} : { Subnet: subnet }),
    ...(netmask === undefined ? {} : { Netmask: netmask }),
    ...(gateway === undefined ? {} : { Gateway: gateway }),
  };
};

/** Trimmed, one pair of surrounding double quotes gone, trimmed again; empty is absent. */
const unquoted = (values: EnvironmentValues, key: string): string | undefined => {
  const text = (Object.hasOwn(values, key) ? (values[key] ?? '') : '').trim();
  const quoted = text.length >= 2 && text.startsWith('"') && text.endsWith('"');
  return (quoted ? text.slice(1, -1).trim() : text) || undefined;
};

/** Tokens that are not ranges are dropped without a word, as upstream did. */
const rangesIn = (values: EnvironmentValues, key: string): readonly string[] =>
  (unquoted(values, key) ?? '')
    .split(' ')
    .map((token) => token.trim())
    .filter((token) => parseRange(token) !== undefined);
