/**
 * Suites of this file: network-info, network-info-44, network-info-xml, rules.
 */
import type { ConfigurationMembers } from '../../src/domain/configuration/members.ts';
import { resolutionDefaults, resolveConfiguration } from '../../src/domain/configuration/resolve.ts';
import type { InstanceState } from '../../src/domain/instanceStates.ts';
import { effective, type SetProperties } from '../../src/domain/properties.ts';
import { buildDocument, type DocumentInputs, type InstanceInput } from '../../src/projections/document/build.ts';
import type { Dialect, NetworkDocument, RuleEntry, RuleSource } from '../../src/projections/document/model.ts';
import { pretty } from '../../src/projections/document/pretty.ts';
import { renderWritten } from '../../src/projections/document/render.ts';
import { compareTexts, structuredForm, textForm } from '../../src/projections/document/ruleForms.ts';
import { type WrittenDocument, writtenDocument } from '../../src/projections/document/written.ts';
import { type Case, objectMember, type Suite, type Suites, same, textMember, type Verdict } from './verdict.ts';

/** A stored rule as the cases write it: several sources on one line. */
type StoredRule = {
  readonly protocol: string | number;
  readonly low: number;
  readonly high: number;
  readonly cidrs?: readonly string[];
  readonly peers?: readonly { readonly groupId: string; readonly accountId: string }[];
};

type InstanceCase = {
  readonly id: string;
  readonly state: InstanceState;
  readonly ownerId: string;
  readonly mac: string | null;
  readonly privateIp: string;
  readonly publicIp: string;
  readonly partition: string;
  readonly node: string;
  readonly groups: readonly string[];
  readonly omit?: boolean;
};

type ClusterCase = {
  readonly name: string;
  readonly partition: string;
  readonly host: string;
  readonly nodes: readonly string[];
};

type GroupCase = { readonly id: string; readonly ownerId: string; readonly rules: readonly StoredRule[] };

const listOf = <T>(c: Case, member: string): readonly T[] => {
  const value = c[member];
  if (Array.isArray(value)) return value as readonly T[];
  throw new Error(`malformed case: expected a list at "${member}"`);
};

const protocolNumbers: { readonly [name: string]: number } = { icmp: 1, tcp: 6, udp: 17 };

/** One entry per source, groups first (cloud spec 2.5). */
const ruleEntries = (rule: StoredRule): readonly RuleEntry[] => {
  const protocol = protocolNumbers[rule.protocol] ?? Number(rule.protocol);
  const peers = (rule.peers ?? []).map(
    ({ groupId, accountId }): RuleSource => ({ kind: 'group', groupId, ownerId: accountId }),
  );
  const blocks = (rule.cidrs ?? []).map((cidr): RuleSource => ({ kind: 'cidr', cidr }));
  return [...peers, ...blocks].map((source) => ({ protocol, low: rule.low, high: rule.high, source }));
};

const instanceInput = (instance: InstanceCase): InstanceInput => ({
  id: instance.id,
  ownerId: instance.ownerId,
  state: instance.state,
  ...(instance.mac ? { macAddress: instance.mac } : {}),
  privateAddress: instance.privateIp,
  publicAddress: instance.publicIp,
  cluster: instance.partition,
  node: instance.node,
  groups: instance.groups,
});

const inputsOf = (c: Case): DocumentInputs => {
  const clusters = listOf<ClusterCase>(c, 'clusters');
  const configuration = (c['config'] ?? undefined) as ConfigurationMembers | undefined;
  const defaults = resolutionDefaults(effective(objectMember(c, 'properties') as SetProperties));
  const partitions = clusters.map(({ partition }) => partition);
  return {
    resolved: resolveConfiguration(configuration, partitions, defaults),
    cloudAddress: textMember(c, 'clcIp'),
    clusters: clusters.map(({ partition, host, nodes }) => ({ name: partition, address: host, nodes })),
    instances: listOf<InstanceCase>(c, 'instances').map(instanceInput),
    groups: listOf<GroupCase>(c, 'groups').map(({ id, ownerId, rules }) => ({
      id,
      ownerId,
      rules: rules.flatMap(ruleEntries),
    })),
    dirtyAddresses: new Set(listOf<string>(c, 'dirtyPublicIps')),
  };
};

/** In the 4.4 cases somebody else has decided which instances stay out, and says so with `omit`. */
const documentOf = (c: Case, dialect: Dialect): NetworkDocument => {
  const left = new Set(listOf<InstanceCase>(c, 'instances').flatMap(({ id, omit }) => (omit === true ? id : [])));
  return buildDocument(inputsOf(c), dialect, (entry) => left.has(entry.id));
};

const byName = <T extends { readonly name: string }>(items: readonly T[]): readonly T[] =>
  items.toSorted((a, b) => compareTexts(a.name, b.name));

const asSet = (items: readonly unknown[]): readonly unknown[] =>
  items.toSorted((a, b) => compareTexts(JSON.stringify(a), JSON.stringify(b)));

/** Members that are sets are put in one order; all other order counts. */
const comparable = ({ configuration, instances, securityGroups }: WrittenDocument): unknown => ({
  configuration: {
    ...configuration,
    clusters: configuration.clusters.map((cluster) => ({
      ...cluster,
      nodes: cluster.nodes.map(({ name, instanceIds }) => ({ name, instanceIds: asSet(instanceIds) })),
    })),
  },
  instances: byName(instances).map((instance) => ({ ...instance, securityGroups: asSet(instance.securityGroups) })),
  securityGroups: byName(securityGroups).map((group) => ({
    ...group,
    ...(group.rules === undefined ? {} : { rules: asSet(group.rules) }),
    ...(group.ingressRules === undefined ? {} : { ingressRules: asSet(group.ingressRules) }),
  })),
});

const networkInfo =
  (dialect: Dialect): Suite =>
  (c) => {
    const expected = objectMember(c, 'expected');
    const written = writtenDocument(documentOf(c, dialect), dialect);
    const model = same(comparable(expected['document'] as WrittenDocument), comparable(written));
    return model.passed ? same(expected['xml'], renderWritten(written, dialect)) : model;
  };

const networkInfoXml: Suite = (c) => {
  const { compact, pretty: indented } = objectMember(c, 'expected');
  const xml = renderWritten(objectMember(c, 'document') as WrittenDocument, c['profile'] === '4.4' ? '4.4' : '4.0');
  const verdicts: Verdict[] = [];
  if (compact !== undefined) verdicts.push(same(compact, xml));
  if (typeof indented === 'string') verdicts.push(same(indented.trim(), pretty(xml).trim()));
  const failed = verdicts.find((verdict) => !verdict.passed);
  return failed ?? verdicts[0] ?? { passed: false, expected: 'compact or pretty text', got: Object.keys(c) };
};

const rules: Suite = (c) => {
  const expected = objectMember(c, 'expected');
  const entries = ruleEntries(objectMember(c, 'rule') as unknown as StoredRule);
  const texts = entries.flatMap((entry) => textForm(entry) ?? []);
  return same(
    { text40: asSet(listed(expected['text40'])), permissions41: asSet(listed(expected['permissions41'])) },
    { text40: asSet(texts), permissions41: asSet(entries.map(structuredForm)) },
  );
};

const listed = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

export const suites: Suites = {
  'network-info': networkInfo('4.0'),
  'network-info-44': networkInfo('4.4'),
  'network-info-xml': networkInfoXml,
  rules,
};
