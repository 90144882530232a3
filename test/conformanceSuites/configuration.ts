/**
 * Suites of this file: config-parse, config-environment, config-explode, config-validate, config-set-property,
 * config-resolve, config-private-addresses, and the prefix choice of mac-prefix-44.
 */
import { isDeepStrictEqual } from 'node:util';
import {
  type ConfigurationEvent,
  changeProperty,
  configurationAggregate,
} from '../../src/domain/configuration/aggregate.ts';
import { type EnvironmentValues, environmentConfiguration } from '../../src/domain/configuration/environment.ts';
import { macPrefix44 } from '../../src/domain/configuration/macPrefix44.ts';
import type { ConfigurationMembers, ConfigurationProfile } from '../../src/domain/configuration/members.ts';
import { parseConfiguration } from '../../src/domain/configuration/parse.ts';
import { populate } from '../../src/domain/configuration/populate.ts';
import {
  privatePoolRanges,
  type ResolutionDefaults,
  type ResolvedConfiguration,
  type ResolvedSubnet,
  resolutionDefaults,
  resolveConfiguration,
} from '../../src/domain/configuration/resolve.ts';
import { validateConfiguration } from '../../src/domain/configuration/validate.ts';
import { addressesOf } from '../../src/domain/ipRange.ts';
import { formatIpv4 } from '../../src/domain/ipv4.ts';
import { effective, type SetProperties } from '../../src/domain/properties.ts';
import type { Recorded } from '../../src/domain/recorded.ts';
import { isRefusal, type Refusal } from '../../src/domain/refusals.ts';
import {
  type Case,
  objectMember,
  type Suite,
  type Suites,
  same,
  textMember,
  textsMember,
  type Verdict,
} from './verdict.ts';

const profileOf = (c: Case): ConfigurationProfile => (c['profile'] === '4.4' ? '4.4' : '4.0');

const configOf = (c: Case): ConfigurationMembers => objectMember(c, 'config') as ConfigurationMembers;

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

/** Sets the property on a cloud that has none, and looks whether a configuration is posted then. */
const configSetProperty: Suite = (c) => {
  const state = configurationAggregate.initial();
  if (profileOf(c) === '4.4') state.properties = { 'edgelog.document.dialect': '4.4' };
  const decision = changeProperty(state, textMember(c, 'property'), c['value'] === null ? '' : textMember(c, 'value'));
  if (isRefusal(decision)) return sameError(c['expected'], decision, { accepted: false });
  for (const event of decision) configurationAggregate.apply(state, event, recordedAs(event));
  return same(c['expected'], { accepted: true, configured: state.posted !== undefined });
};

const recordedAs = (event: ConfigurationEvent): Recorded<ConfigurationEvent> => ({
  event,
  id: '00000000-0000-5000-8000-000000000000',
  stream: 'configuration-cloud',
  revision: 0,
  position: 0,
  time: 0,
  actor: 'conformance',
  correlationId: 'conformance',
  causationId: 'conformance',
  commandId: 'conformance',
});

/** The values are those of properties that somebody has set; they need not have passed the property's own check. */
const defaultsOf = (properties: { readonly [name: string]: unknown }): ResolutionDefaults =>
  resolutionDefaults(effective(properties as SetProperties));

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
  const resolved = resolveConfiguration(configOf(c), textsMember(c, 'clusters'), defaults);
  return same(c['expected'], resolvedText(resolved));
};

const configPrivateAddresses: Suite = (c) => {
  const cluster = textMember(c, 'cluster');
  const resolved = resolveConfiguration(configOf(c), [cluster], defaultsOf({}));
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
