/**
 * Text -> network configuration, or the first thing wrong with it in the fixed order of cloud spec 1.3 and 1.5. What comes
 * out is what was written (absent members absent, nothing defaulted, nothing canonicalised): filling in is `populate.ts`.
 */
import { maskPrefix } from '../cidr.ts';
import { isDomainName } from '../domainName.ts';
import { isIpLiteral } from '../ipLiteral.ts';
import { parseRange } from '../ipRange.ts';
import { isIpv4, parseIpv4 } from '../ipv4.ts';
import { isMacPrefix } from '../mac.ts';
import { isRefusal, type Refusal, refuse } from '../refusals.ts';
import { parseStrictJson } from '../strictJson.ts';
import {
  type ClusterMembers,
  type ConfigurationMembers,
  type ConfigurationProfile,
  referenceName,
  type SubnetMembers,
} from './members.ts';
import { withoutNulls, wrongShape } from './shape.ts';

/**
 * Codes of the refusal: those of `parseStrictJson`, `json.unknown-field`, `json.type`, `property.required`, and
 * `property.invalid.domain|ip|range|netmask|subnet|regex`; `member` is the path, `value` the offending text.
 */
export const parseConfiguration = (
  text: string,
  profile: ConfigurationProfile = '4.0',
): ConfigurationMembers | Refusal => {
  const read = parseStrictJson(text);
  if (isRefusal(read)) return read.refused === 'json.syntax' ? { ...read, member: '' } : read;
  const wrong = wrongShape(read.json, profile);
  if (wrong !== undefined) return wrong;
  const configuration = withoutNulls(read.json) as ConfigurationMembers;
  return firstError(configuration) ?? configuration;
};

type Check = Refusal | undefined;

/** Members that only a later profile knows are absent in the earlier one, so their checks cost nothing there. */
const firstError = (c: ConfigurationMembers): Check =>
  (c.PublicIps === undefined ? required('PublicIps') : undefined) ??
  checkMode(c.Mode) ??
  checkDomain(c.InstanceDnsDomain) ??
  firstOf(c.InstanceDnsServers, (server, i) => checkServer(server, `InstanceDnsServers[${i}]`)) ??
  checkMacPrefix(c.MacPrefix, 'MacPrefix') ??
  firstOf(c.PublicIps, (range, i) => checkRange(range, `PublicIps[${i}]`)) ??
  firstOf(c.PrivateIps, (range, i) => checkRange(range, `PrivateIps[${i}]`)) ??
  (c.PublicGateway ? checkIpv4(c.PublicGateway, 'PublicGateway') : undefined) ??
  firstOf(c.Subnets, (subnet, i) => checkSubnet(subnet, `Subnets[${i}]`)) ??
  firstOf(c.Clusters, (cluster, i) => checkCluster(cluster, `Clusters[${i}]`, c.Subnets ?? []));

const firstOf = <T>(items: readonly T[] | undefined, check: (item: T, index: number) => Check): Check => {
  for (const [index, item] of (items ?? []).entries()) {
    const error = check(item, index);
    if (error !== undefined) return error;
  }
  return undefined;
};

const checkMode = (mode: string | undefined): Check =>
  !mode || /^(?:EDGE|MANAGED|MANAGED-NOVLAN|VPCMIDO)$/.test(mode)
    ? undefined
    : invalid('regex', 'Mode', mode, 'is none of EDGE, MANAGED, MANAGED-NOVLAN, VPCMIDO');

const checkDomain = (domain: string | undefined): Check =>
  !domain || isDomainName(domain) ? undefined : invalid('domain', 'InstanceDnsDomain', domain, 'is not a domain name');

const checkServer = (server: string, path: string): Check =>
  server === '' || isIpLiteral(server) ? undefined : invalid('ip', path, server, 'is not an IP address');

const checkMacPrefix = (prefix: string | undefined, path: string): Check =>
  !prefix || isMacPrefix(prefix)
    ? undefined
    : invalid('regex', path, prefix, 'is not a MAC prefix of two octets (xx:xx)');

const checkRange = (range: string, path: string): Check =>
  parseRange(range) === undefined
    ? invalid('range', path, range, 'is not an IPv4 address or range (a or a-b)')
    : undefined;

const checkIpv4 = (text: string, path: string): Check =>
  isIpv4(text) ? undefined : invalid('ip', path, text, 'is not an IPv4 address');

const subnetMembers = ['Subnet', 'Netmask', 'Gateway'] as const;

const checkSubnet = (subnet: SubnetMembers, path: string): Check =>
  firstOf(subnetMembers, (name) => (isBlank(subnet[name]) ? required(`${path}.${name}`) : undefined)) ??
  firstOf(subnetMembers, (name) => checkIpv4(subnet[name] ?? '', `${path}.${name}`)) ??
  checkSubnetValues(subnet, path);

const checkSubnetValues = (written: SubnetMembers, path: string): Check => {
  const subnet = parseIpv4(written.Subnet ?? '') ?? 0;
  const netmask = parseIpv4(written.Netmask ?? '') ?? 0;
  const gateway = parseIpv4(written.Gateway ?? '') ?? 0;
  if (maskPrefix(netmask) === undefined) {
    return invalid('netmask', `${path}.Netmask`, written.Netmask, 'is not a run of ones followed by zeros');
  }
  if ((subnet & netmask) >>> 0 !== subnet) {
    return invalid('subnet', path, written.Subnet, `has bits set outside the netmask ${written.Netmask}`);
  }
  if (gateway === subnet || (gateway & netmask) >>> 0 !== subnet) {
    return invalid('subnet', path, written.Gateway, `is no gateway inside ${written.Subnet}/${written.Netmask}`);
  }
  return undefined;
};

const checkCluster = (cluster: ClusterMembers, path: string, subnets: readonly SubnetMembers[]): Check =>
  (isBlank(cluster.Name) ? required(`${path}.Name`) : undefined) ??
  checkMacPrefix(cluster.MacPrefix, `${path}.MacPrefix`) ??
  checkClusterSubnet(cluster.Subnet, `${path}.Subnet`, subnets) ??
  firstOf(cluster.PrivateIps, (range, i) => checkRange(range, `${path}.PrivateIps[${i}]`));

/** Absent is fine unless there are several to choose from; a pure reference is fine; all else is a definition. */
const checkClusterSubnet = (
  subnet: SubnetMembers | undefined,
  path: string,
  subnets: readonly SubnetMembers[],
): Check => {
  if (subnet === undefined) return subnets.length > 1 ? required(path) : undefined;
  const refers = subnets.some((candidate) => referenceName(candidate) === subnet.Name);
  const defines = subnetMembers.some((name) => subnet[name]);
  return refers && !defines ? undefined : checkSubnet(subnet, path);
};

const isBlank = (text: string | undefined): boolean => text === undefined || text.trim() === '';

const required = (member: string): Refusal =>
  refuse('property.required', `the required member ${member} is missing`, { member });

const invalid = (kind: string, member: string, value: string | undefined, problem: string): Refusal => {
  const given = value === undefined ? {} : { value };
  return refuse(`property.invalid.${kind}`, `${member}: "${value}" ${problem}`, { member, ...given });
};
