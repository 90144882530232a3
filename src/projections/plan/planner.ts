/**
 * Document after document -> plan after plan for one node. A planner remembers the last document it accepted and keeps every
 * piece whose causes did not change, so that a change costs what it touches; `planNode` is the same from nothing and the
 * judge of the increments. A refused document leaves the planner where it was.
 */
import { isRefusal, type Refusal } from '../../domain/refusals.ts';
import type { GroupEntry, InstanceEntry, NetworkDocument } from '../document/model.ts';
import { type Census, emptyCensus, recount } from './census.ts';
import { checkLocal, type LocalFacts } from './locals.ts';
import type {
  BasePiece,
  GroupPiece,
  InstancePiece,
  NodeNetwork,
  NodeOptions,
  Plan,
  PlanNote,
  PlannedRule,
} from './model.ts';
import { nodeNetwork, ownPlace } from './network.ts';
import { basePiece, type ElasticPair, groupPiece, instancePiece } from './pieces.ts';
import { planRules } from './rules.ts';

export type Planner = { readonly plan: (document: NetworkDocument) => Plan | Refusal };

/** One document, from nothing. */
export const planNode = (
  document: NetworkDocument,
  nodeNames: readonly string[],
  options: NodeOptions,
): Plan | Refusal => createPlanner(nodeNames, options).plan(document);

type InstanceMemo = { entry: InstanceEntry; groups: string; piece?: InstancePiece; notes: readonly PlanNote[] };
type GroupMemo = { entry: GroupEntry; cause: string; piece: GroupPiece };
type RulesMemo = { entry: GroupEntry; known: string; rules: readonly PlannedRule[] };

type Memory = {
  document?: NetworkDocument;
  census: Census;
  network?: NodeNetwork;
  base?: BasePiece;
  instances: Map<string, InstanceMemo>;
  groups: Map<string, GroupMemo>;
  rules: Map<string, RulesMemo>;
};

const emptyMemory = (): Memory => ({
  census: emptyCensus(),
  instances: new Map(),
  groups: new Map(),
  rules: new Map(),
});

export const createPlanner = (nodeNames: readonly string[], options: NodeOptions): Planner => {
  let memory = emptyMemory();
  let accepted: NetworkDocument | undefined;
  return {
    plan: (document) => {
      const plan = planNext(memory, document, nodeNames, options);
      if (!isRefusal(plan)) {
        accepted = document;
        return plan;
      }
      memory = emptyMemory();
      if (accepted !== undefined) planNext(memory, accepted, nodeNames, options);
      return plan;
    },
  };
};

const planNext = (
  memory: Memory,
  document: NetworkDocument,
  nodeNames: readonly string[],
  options: NodeOptions,
): Plan | Refusal => {
  const place = ownPlace(document, nodeNames);
  if (isRefusal(place)) return place;
  const network = nodeNetwork(document.configuration, place.cluster, options);
  if (isRefusal(network)) return network;
  const refusal = recount(memory.census, memory.document, document);
  if (refusal !== undefined) return refusal;
  const base = keepBase(memory, network, options);
  const instances = planInstances(memory, place.node.instanceIds, options);
  const groups = planGroups(memory, instances, options);
  memory.document = document;
  const notes = [
    ...[...instances.keys()].flatMap((id) => memory.instances.get(id)?.notes ?? []),
    ...leftOut(memory, place.node.instanceIds),
    ...[...groups.values()].flatMap(ruleNotes),
  ];
  return { node: place.node.name, options, network: memory.network ?? network, base, instances, groups, notes };
};

/** Another network means other pieces everywhere. */
const keepBase = (memory: Memory, network: NodeNetwork, options: NodeOptions): BasePiece => {
  if (memory.base !== undefined && JSON.stringify(memory.network) === JSON.stringify(network)) return memory.base;
  memory.network = network;
  memory.base = basePiece(options, network);
  memory.instances.clear();
  memory.groups.clear();
  return memory.base;
};

const planInstances = (memory: Memory, ids: readonly string[], options: NodeOptions): Map<string, InstancePiece> => {
  const { census, network } = memory;
  if (network === undefined) throw new Error('the network is planned before its instances');
  const facts: LocalFacts = { options, network, knownGroup: (id) => census.groups.has(id) };
  const pieces = new Map<string, InstancePiece>();
  const memos = new Map<string, InstanceMemo>();
  for (const id of ids) {
    const entry = census.instances.get(id);
    if (entry === undefined) continue;
    const memo = keepInstance(memory.instances.get(id), entry, facts);
    memos.set(id, memo);
    if (memo.piece !== undefined) pieces.set(id, memo.piece);
  }
  memory.instances = memos;
  return pieces;
};

const keepInstance = (memo: InstanceMemo | undefined, entry: InstanceEntry, facts: LocalFacts): InstanceMemo => {
  const groups = entry.securityGroups.filter(facts.knownGroup).join(' ');
  if (memo !== undefined && memo.entry === entry && memo.groups === groups) return memo;
  const { instance, notes } = checkLocal(entry, facts);
  if (instance === undefined) return { entry, groups, notes };
  if (memo?.piece !== undefined && JSON.stringify(memo.piece.instance) === JSON.stringify(instance)) {
    return { entry, groups, notes, piece: memo.piece };
  }
  return { entry, groups, notes, piece: instancePiece(instance, facts.options, facts.network) };
};

const leftOut = (memory: Memory, ids: readonly string[]): PlanNote[] =>
  ids.flatMap((id) => {
    const memo = memory.instances.get(id);
    if (memo === undefined) {
      return [{ kind: 'bad-instance' as const, subject: id, detail: 'it is placed here but not described' }];
    }
    return memo.piece === undefined ? [...memo.notes] : [];
  });

const ruleNotes = (piece: GroupPiece): PlanNote[] =>
  piece.chain === undefined
    ? []
    : piece.rules.flatMap((rule) =>
        rule.problem === undefined
          ? []
          : [{ kind: 'bad-rule' as const, subject: piece.id, detail: `rule ${rule.index}: ${rule.problem}` }],
      );

/** The groups of local instances, and those their rules look at. */
const planGroups = (
  memory: Memory,
  instances: ReadonlyMap<string, InstancePiece>,
  options: NodeOptions,
): Map<string, GroupPiece> => {
  const local = new Set([...instances.values()].flatMap((piece) => piece.instance.groups));
  const rules = new Map([...local].map((id) => [id, keepRules(memory, id)]));
  const lookedAt = new Set(options.sameGroupTraffic ? local : []);
  for (const planned of rules.values()) {
    for (const { entry, match } of planned) {
      if (match !== undefined && entry.source.kind === 'group') lookedAt.add(entry.source.groupId);
    }
  }
  const elastics = elasticPairs(instances);
  const elasticCause = elastics.map((pair) => `${pair.publicIp}>${pair.privateIp}`).join(' ');
  const pieces = new Map<string, GroupPiece>();
  const memos = new Map<string, GroupMemo>();
  for (const id of [...new Set([...local, ...lookedAt])].sort()) {
    const entry = memory.census.groups.get(id);
    if (entry === undefined) continue;
    const planned = rules.get(id);
    const members = lookedAt.has(id) ? String(memory.census.memberRevisions.get(id) ?? 0) : '-';
    const known = memory.rules.get(id)?.known ?? '';
    const cause = planned === undefined ? `remote ${members}` : `local ${members} ${known} ${elasticCause}`;
    const memo = memory.groups.get(id);
    const piece =
      memo !== undefined && memo.entry === entry && memo.cause === cause
        ? memo.piece
        : keepGroup(memo?.piece, newGroup(memory, id, { planned, lookedAt: lookedAt.has(id), elastics }, options));
    memos.set(id, { entry, cause, piece });
    pieces.set(id, piece);
  }
  memory.groups = memos;
  for (const id of memory.rules.keys()) if (!local.has(id)) memory.rules.delete(id);
  return pieces;
};

type GroupCause = {
  readonly planned: readonly PlannedRule[] | undefined;
  readonly lookedAt: boolean;
  readonly elastics: readonly ElasticPair[];
};

const newGroup = (memory: Memory, id: string, cause: GroupCause, options: NodeOptions): GroupPiece =>
  groupPiece(
    {
      id,
      rules: cause.planned ?? [],
      isLocal: cause.planned !== undefined,
      elastics: cause.elastics,
      ...(cause.lookedAt ? { addresses: memberAddresses(memory.census, id) } : {}),
    },
    options,
  );

/** A chain or a set that came out equal keeps the identity of the old one. */
const keepGroup = (before: GroupPiece | undefined, after: GroupPiece): GroupPiece => {
  if (before === undefined) return after;
  const chain =
    before.chain !== undefined && after.chain?.rules.join('\n') === before.chain.rules.join('\n')
      ? before.chain
      : after.chain;
  const members =
    before.members !== undefined && after.members !== undefined && equalSets(before.members, after.members)
      ? before.members
      : after.members;
  return { ...after, ...(chain === undefined ? {} : { chain }), ...(members === undefined ? {} : { members }) };
};

type Members = { readonly addresses: ReadonlySet<string> };

const equalSets = ({ addresses: a }: Members, { addresses: b }: Members): boolean =>
  a.size === b.size && [...a].every((address) => b.has(address));

const keepRules = (memory: Memory, id: string): readonly PlannedRule[] => {
  const entry = memory.census.groups.get(id);
  if (entry === undefined) return [];
  const sources = entry.rules.flatMap(({ source }) => (source.kind === 'group' ? [source.groupId] : []));
  const known = sources.map((source) => (memory.census.groups.has(source) ? '1' : '0')).join('');
  const memo = memory.rules.get(id);
  if (memo !== undefined && memo.entry === entry && memo.known === known) return memo.rules;
  const rules = planRules(entry, (source) => memory.census.groups.has(source));
  memory.rules.set(id, { entry, known, rules });
  return rules;
};

const memberAddresses = (census: Census, id: string): ReadonlySet<string> =>
  new Set([...(census.members.get(id)?.values() ?? [])].flat());

const elasticPairs = (instances: ReadonlyMap<string, InstancePiece>): ElasticPair[] =>
  [...instances.values()]
    .flatMap(({ instance: { privateIp, publicIp } }) => (publicIp === undefined ? [] : [{ publicIp, privateIp }]))
    .sort((a, b) => (a.publicIp < b.publicIp ? -1 : 1));
