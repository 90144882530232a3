/**
 * Suites of this file: config-parse, config-environment, config-explode, config-validate, config-set-property,
 * config-resolve, config-private-addresses, and the prefix choice of mac-prefix-44.
 */
import { isDeepStrictEqual } from 'node:util';
import { type EnvironmentValues, environmentConfiguration } from '../../src/domain/configuration/environment.ts';
import { macPrefix44 } from '../../src/domain/configuration/macPrefix44.ts';
import type { ConfigurationProfile, NetworkConfiguration } from '../../src/domain/configuration/members.ts';
import { parseConfiguration } from '../../src/domain/configuration/parse.ts';
import { populate } from '../../src/domain/configuration/populate.ts';
import {
  privatePoolRanges,
  type ResolvedConfiguration,
  type ResolvedSubnet,
  resolveConfiguration,
} from '../../src/domain/configuration/resolve.ts';
import { acceptConfiguration, validateConfiguration } from '../../src/domain/configuration/validate.ts';
import { addressesOf } from '../../src/domain/ipRange.ts';
import { formatIpv4 } from '../../src/domain/ipv4.ts';
import { isRefusal, type Refusal } from '../../src/domain/refusals.ts';
import {
  type Case,
  objectMember,
  type Suite,
  type Suites,
  same,
  textMember,
  textsMember,
  unknownOperation,
  type Verdict,
} from './verdict.ts';

const profileOf = (c: Case): ConfigurationProfile => (c['profile'] === '4.4' ? '4.4' : '4.0');

const configOf = (c: Case): NetworkConfiguration => objectMember(c, 'config') as NetworkConfiguration;

/** An expected error names what it wants compared: code, path, value; the value may be left out on either side. */
const sameError = (expected: unknown, refusal: Refusal, frame: Record<string, unknown>): Verdict => {
  const { code, path, value } = (expected as { error?: Record<string, unknown> })?.error ?? {};
  const got = {
    ...frame,
    error: { code: refusal.refused, ...named('path', path, refusal.member), ...named('value', value, refusal.value) },
  };
  return code === undefined ? { passed: false, expected, got } : same(expected, got);
};

const named = (member: string, wanted: unknown, got: unknown): object =>
  wanted === undefined ? {} : { [member]: got };

const configParse: Suite = (c) => {
  const parsed = parseConfiguration(textMember(c, 'configText'), profileOf(c));
  if (isRefusal(parsed)) return sameError(c['expected'], parsed, { ok: false });
  return same(c['expected'], { ok: true, config: parsed });
};

const configEnvironment: Suite = (c) => {
  const values = objectMember(c, 'properties') as EnvironmentValues;
  return same(c['expected'], environmentConfiguration(values, textsMember(c, 'systemNameservers')) ?? null);
};

const configExplode: Suite = (c) => {
  const config = configOf(c);
  const before = structuredClone(config);
  const populated = populate(config, textsMember(c, 'clusterNames'), profileOf(c));
  const untouched = isDeepStrictEqual(before, config);
  return untouched ? same(c['expected'], populated) : { passed: false, expected: 'an unchanged input', got: config };
};

const configValidate: Suite = (c) => {
  const refusal = validateConfiguration(configOf(c));
  return refusal === undefined ? same(c['expected'], { ok: true }) : sameError(c['expected'], refusal, { ok: false });
};

const configSetProperty: Suite = (c) => {
  if (c['property'] !== 'cloud.network.network_configuration') return unknownOperation(c['property']);
  const text = c['value'] === null ? '' : textMember(c, 'value');
  if (text === '') return same(c['expected'], { accepted: true, configured: false });
  const accepted = acceptConfiguration(text, profileOf(c));
  if (isRefusal(accepted)) return sameError(c['expected'], accepted, { accepted: false });
  return same(c['expected'], { accepted: true, configured: true });
};

const defaultsOf = (properties: { readonly [name: string]: unknown }) => ({
  instanceSubdomain: String(properties['cloud.vmstate.instance_subdomain'] ?? '.eucalyptus'),
  nameservers: String(properties['system.dns.nameserveraddress'] ?? '127.0.0.1'),
  macPrefix: String(properties['cloud.vmstate.mac_prefix'] ?? 'd0:0d'),
});

const subnetText = ({ name, subnet, netmask, gateway }: ResolvedSubnet): object => ({
  Name: name,
  Subnet: subnet,
  Netmask: netmask,
  Gateway: gateway,
});

const resolvedText = (resolved: ResolvedConfiguration): object => ({
  InstanceDnsDomain: resolved.instanceDnsDomain,
  InstanceDnsServers: resolved.instanceDnsServers,
  PublicIps: resolved.publicIps,
  Subnets: resolved.subnets.map(subnetText),
  Clusters: resolved.clusters.map((cluster) => ({
    Name: cluster.name,
    MacPrefix: cluster.macPrefix,
    Subnet: subnetText(cluster.subnet),
    PrivateIps: cluster.privateIps,
  })),
  Unresolved: resolved.unresolved,
});

const configResolve: Suite = (c) => {
  const defaults = defaultsOf(objectMember(c, 'properties'));
  const resolved = resolveConfiguration(configOf(c), textsMember(c, 'clusters'), defaults, profileOf(c));
  return same(c['expected'], resolvedText(resolved));
};

const configPrivateAddresses: Suite = (c) => {
  const cluster = textMember(c, 'cluster');
  const resolved = resolveConfiguration(configOf(c), [cluster], defaultsOf({}), profileOf(c));
  const ranges = privatePoolRanges(resolved, cluster);
  if (isRefusal(ranges)) return sameError(c['expected'], ranges, { ok: false });
  return same(c['expected'], { ok: true, addresses: [...addressesOf(ranges)].map(formatIpv4) });
};

const macPrefixChoice: Suite = (c) => same(c['expected'], macPrefix44(configOf(c)));

export const suites: Suites = {
  'config-parse': configParse,
  'config-environment': configEnvironment,
  'config-explode': configExplode,
  'config-validate': configValidate,
  'config-set-property': configSetProperty,
  'config-resolve': configResolve,
  'config-private-addresses': configPrivateAddresses,
  'mac-prefix-44': macPrefixChoice,
};
