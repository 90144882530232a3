/**
 * The event behind every line of a cluster's document. Lines of instances and groups are known by the positions their views
 * carry; lines of the head by folding the few events that make heads. Nothing here reads the log.
 */
import type { Rule } from '../../domain/rule.ts';
import type { RuleEntry } from '../document/model.ts';
import { entryFragments } from '../document/parts.ts';
import { pretty } from '../document/pretty.ts';
import type { ClusterDocument } from '../documents.ts';
import type { GroupView, InstanceView, Network } from '../network/views.ts';
import { peek } from '../trie.ts';
import { inDocument } from './entityRuns.ts';
import { type Origin, type OriginatedLine, originsOf, withOrigins } from './origins.ts';
import { createKeys, keyOf, type PlacedLine, placedLines, placedLinesOf } from './placedLines.ts';
import { documentKey, type Runs } from './runs.ts';

/** `at`: position of the event that put the line there. `subject`: what the line is about. */
export type Blamed = { readonly line: number; readonly text: string; readonly subject: string; readonly at: number };

export const subjectOf = (origin: Origin, cluster: string): string => {
  switch (origin.of) {
    case 'document':
    case 'head':
      return cluster;
    case 'placement':
    case 'instance':
      return origin.instanceId;
    case 'group':
      return origin.groupId;
  }
};

/** An instance is in documents since it was made, or since it was started again. */
const presentSince = (view: Readonly<InstanceView>): number => Math.max(view.createdAt, view.privateAt);

const instanceAt = (network: Network, instanceId: string, member: string): number => {
  const view = peek(network.instances, instanceId);
  if (view === undefined) return -1;
  const since = presentSince(view);
  return member === 'publicIp' ? Math.max(since, view.publicAt ?? -1) : since;
};

const placedAt = (network: Network, origin: Extract<Origin, { of: 'placement' }>): number => {
  const placed = network.clusters[origin.cluster]?.placements[origin.node];
  return (placed === undefined ? undefined : peek(placed, origin.instanceId)) ?? -1;
};

const isOf = (rule: Rule, entry: RuleEntry): boolean =>
  rule.protocol === entry.protocol &&
  rule.low === entry.low &&
  rule.high === entry.high &&
  (rule.source.kind === 'cidr'
    ? entry.source.kind === 'cidr' && entry.source.cidr === rule.source.cidr
    : entry.source.kind === 'group' && entry.source.groupId === rule.source.groupId);

/** What the lines of each rule of a group look like -> position of the event that set it. */
const ruleLines = (document: ClusterDocument, view: Readonly<GroupView>): ReadonlyMap<string, number> => {
  const entry = peek(document.parts.securityGroups, view.id);
  const fragments = entryFragments(document.dialect);
  const found = new Map<string, number>();
  for (const rule of entry?.rules ?? []) {
    const at = view.rules.findLast((one) => isOf(one.rule, rule))?.at ?? view.at;
    const lines = placedLines(pretty(fragments.securityGroup({ id: view.id, ownerId: view.account, rules: [rule] })));
    for (const origin of originsOf(lines.map(inDocument))) {
      if (origin.of !== 'group' || origin.rule === '') continue;
      found.set(origin.rule, Math.max(at, found.get(origin.rule) ?? -1));
    }
  }
  return found;
};

const groupAt = (network: Network, groupId: string): number => peek(network.groups, groupId)?.createdAt ?? -1;

type Scene = { readonly network: Network; readonly document: ClusterDocument; readonly head: Runs };

const positionFor = ({ network, document, head }: Scene) => {
  const rules = new Map<string, ReadonlyMap<string, number>>();
  const rulesOf = (groupId: string): ReadonlyMap<string, number> => {
    const view = peek(network.groups, groupId);
    const known = rules.get(groupId) ?? (view === undefined ? new Map<string, number>() : ruleLines(document, view));
    rules.set(groupId, known);
    return known;
  };
  const whole = head.since.get(documentKey) ?? -1;
  return (line: PlacedLine, origin: Origin): number => {
    switch (origin.of) {
      case 'document':
        return origin.isRoot ? document.version : whole;
      case 'head':
        return head.since.get(keyOf(line)) ?? whole;
      case 'placement':
        return Math.max(placedAt(network, origin), head.since.get(line.within.slice(1, -1).join(' ')) ?? -1);
      case 'instance':
        return instanceAt(network, origin.instanceId, origin.member);
      case 'group':
        return (
          (origin.rule === '' ? undefined : rulesOf(origin.groupId).get(origin.rule)) ??
          groupAt(network, origin.groupId)
        );
    }
  };
};

/** A line that was asked for, before its event is looked for. */
export type Blamable = Omit<Blamed, 'at'> & { readonly placed: PlacedLine; readonly origin: Origin };

/** Every line of the document, in order. Drawn one by one: who needs a page makes no more. */
export function* blamable(document: ClusterDocument): Generator<Blamable> {
  let line = 0;
  for (const { placed, origin } of withOrigins(placedLinesOf(document))) {
    line += 1;
    yield { line, text: placed.text, subject: subjectOf(origin, document.cluster), placed, origin };
  }
}

/** These lines with the position of their event. `head` are the runs up to the same moment. */
export const blame = (
  network: Network,
  document: ClusterDocument,
  head: Runs,
  asked: Iterable<Blamable> = blamable(document),
): readonly Blamed[] => {
  const position = positionFor({ network, document, head });
  return Array.from(asked, ({ line, text, subject, placed, origin }) => ({
    ...{ line, text, subject },
    at: position(placed, origin),
  }));
};

export type GoneLine = {
  readonly line: number;
  readonly text: string;
  readonly subject: string;
  readonly origin: Origin;
  readonly key: string;
  /** Without blanks. */
  readonly bare: string;
  /** Key of the element that holds the one it stands in. */
  readonly within: string;
};

/** Lines of the older document that stand no more in the newer one. The root's version is no line that can go. */
export function* goneLines(before: ClusterDocument, after: ClusterDocument | undefined): Generator<GoneLine> {
  const kept = new Set<string>();
  const keysAfter = createBlockKeys();
  if (after !== undefined) for (const one of withOrigins(placedLinesOf(after))) kept.add(keysAfter(one));
  const keysBefore = createBlockKeys();
  let line = 0;
  for (const one of withOrigins(placedLinesOf(before))) {
    line += 1;
    const { placed, origin } = one;
    if (kept.has(keysBefore(one)) || (after !== undefined && origin.of === 'document')) continue;
    const { text, bare, within } = placed;
    const place = { key: keyOf(placed), bare, within: within.slice(1, -1).join(' ') };
    yield { line, text, subject: subjectOf(origin, before.cluster), origin, ...place };
  }
}

/** Keys that tell the lines of one structured rule apart from the same line of another. */
const createBlockKeys = () => {
  const keyFor = createKeys();
  return ({ placed, origin }: OriginatedLine): string =>
    origin.of === 'group' ? `${keyFor(placed)} ${origin.rule}` : keyFor(placed);
};
