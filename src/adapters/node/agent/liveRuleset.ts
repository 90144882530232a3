/**
 * What the kernel holds, in a form that can be compared: sets of element texts, chains of rule texts, without handles and
 * without what counters have counted. Both sides of a comparison come from the same `nft`, the live one and the wanted one
 * loaded into an empty namespace, so there is nothing to translate and no rule text to write twice.
 */
import type { TableName } from '../../../projections/plan/model.ts';
import { tableNames } from '../../../projections/plan/model.ts';
import {
  type AppliedStamp,
  addChain,
  addElements,
  addRules,
  addSet,
  deleteElements,
  type Ruleset,
  readStamp,
} from '../../../projections/plan/ruleset.ts';

type Json = { readonly [key: string]: unknown };

export type LiveSet = { readonly definition: string; readonly elements: ReadonlySet<string> };
export type LiveChain = { readonly definition: string; readonly rules: readonly string[] };

export type LiveRuleset = {
  readonly tables: ReadonlySet<string>;
  readonly counters: ReadonlySet<string>;
  readonly sets: ReadonlyMap<string, LiveSet>;
  readonly chains: ReadonlyMap<string, LiveChain>;
  readonly stamps: readonly AppliedStamp[];
};

const genKey = 'ip edge gen';

/** What `nft -j list table …` printed for our tables, one text each. */
export const readLive = (texts: readonly string[]): LiveRuleset => {
  const live = {
    tables: new Set<string>(),
    counters: new Set<string>(),
    sets: new Map<string, LiveSet>(),
    chains: new Map<string, { definition: string; rules: string[] }>(),
    stamps: [] as AppliedStamp[],
  };
  for (const text of texts) {
    for (const item of (JSON.parse(text) as { nftables: Json[] }).nftables) take(live, item);
  }
  return live;
};

type Growing = {
  tables: Set<string>;
  counters: Set<string>;
  sets: Map<string, LiveSet>;
  chains: Map<string, { definition: string; rules: string[] }>;
  stamps: AppliedStamp[];
};

const take = (live: Growing, item: Json): void => {
  const [kind] = Object.keys(item);
  const body = (kind === undefined ? {} : item[kind]) as Json;
  const table = `${body['family']} ${body['table']}`;
  const key = `${table} ${body['name']}`;
  if (kind === 'table') live.tables.add(`${body['family']} ${body['name']}`);
  if (kind === 'counter') live.counters.add(key);
  if (kind === 'set' || kind === 'map') {
    const elements = (body['elem'] ?? []) as unknown[];
    if (key === genKey) live.stamps.push(...elements.flatMap(stampOf));
    live.sets.set(key, {
      definition: JSON.stringify([kind, body['type'], body['map'], body['flags'], body['stmt']]),
      elements: new Set(key === genKey ? [] : elements.map((element) => JSON.stringify(bare(element)))),
    });
  }
  if (kind === 'chain') {
    const { type, hook, prio, policy } = body;
    live.chains.set(key, { definition: JSON.stringify([type, hook, prio, policy]), rules: [] });
  }
  if (kind === 'rule') {
    const chain = live.chains.get(`${table} ${body['chain']}`);
    chain?.rules.push(JSON.stringify((body['expr'] as unknown[]).map(uncounted)));
  }
};

const stampOf = (element: unknown): AppliedStamp[] => {
  const body = (element as { elem?: { val?: unknown; comment?: unknown } }).elem;
  if (typeof body?.val !== 'number' || typeof body.comment !== 'string') return [];
  const stamp = readStamp(body.val, body.comment);
  return stamp === undefined ? [] : [stamp];
};

/** An element without its counter. */
const bare = (element: unknown): unknown => {
  const value = (element as { elem?: { val?: unknown } }).elem?.val;
  return value ?? element;
};

/** An anonymous counter's numbers are not part of the rule; a named one is text already. */
const uncounted = (expression: unknown): unknown => {
  const counter = (expression as { counter?: unknown }).counter;
  return counter === undefined || typeof counter === 'string' ? expression : { counter: null };
};

/** One thing that is not as it should be. `where` is a set or chain with its table. */
export type Difference = {
  readonly kind: 'table' | 'definition' | 'elements' | 'rules' | 'extra-set' | 'extra-chain';
  readonly where: string;
  readonly detail: string;
};

/** What `live` lacks or has beyond `wanted`. */
export const differences = (live: LiveRuleset, wanted: LiveRuleset): Difference[] => [
  ...[...wanted.tables]
    .filter((table) => !live.tables.has(table))
    .map((where): Difference => ({ kind: 'table', where, detail: 'the table is missing' })),
  ...[...wanted.counters]
    .filter((counter) => !live.counters.has(counter))
    .map((where): Difference => ({ kind: 'definition', where, detail: 'the counter is missing' })),
  ...[...wanted.sets].flatMap(([where, set]) => setDifference(where, live.sets.get(where), set)),
  ...[...wanted.chains].flatMap(([where, chain]) => chainDifference(where, live.chains.get(where), chain)),
  ...[...live.sets.keys()]
    .filter((where) => !wanted.sets.has(where))
    .map((where): Difference => ({ kind: 'extra-set', where, detail: 'nobody asked for this set' })),
  ...[...live.chains.keys()]
    .filter((where) => !wanted.chains.has(where))
    .map((where): Difference => ({ kind: 'extra-chain', where, detail: 'nobody asked for this chain' })),
];

const sample = (texts: readonly string[]): string =>
  texts.length <= 3 ? texts.join(' ') : `${texts.slice(0, 3).join(' ')} and ${texts.length - 3} more`;

const setDifference = (where: string, live: LiveSet | undefined, wanted: LiveSet): Difference[] => {
  if (live === undefined) return [{ kind: 'elements', where, detail: 'the set is missing' }];
  if (live.definition !== wanted.definition)
    return [{ kind: 'definition', where, detail: 'the set is of another type' }];
  const missing = [...wanted.elements].filter((element) => !live.elements.has(element));
  const extra = [...live.elements].filter((element) => !wanted.elements.has(element));
  const details = [
    ...(missing.length === 0 ? [] : [`missing: ${sample(missing)}`]),
    ...(extra.length === 0 ? [] : [`not ours: ${sample(extra)}`]),
  ];
  return details.length === 0 ? [] : [{ kind: 'elements', where, detail: details.join('; ') }];
};

const chainDifference = (where: string, live: LiveChain | undefined, wanted: LiveChain): Difference[] => {
  if (live === undefined) return [{ kind: 'rules', where, detail: 'the chain is missing' }];
  if (live.definition !== wanted.definition)
    return [{ kind: 'definition', where, detail: 'the chain hangs elsewhere' }];
  if (live.rules.join('\n') === wanted.rules.join('\n')) return [];
  const missing = wanted.rules.filter((rule) => !live.rules.includes(rule));
  const extra = live.rules.filter((rule) => !wanted.rules.includes(rule));
  const details = [
    ...(missing.length === 0 ? [] : [`missing: ${sample(missing)}`]),
    ...(extra.length === 0 ? [] : [`not ours: ${sample(extra)}`]),
    ...(missing.length === 0 && extra.length === 0 ? ['the rules stand in another order'] : []),
  ];
  return [{ kind: 'rules', where, detail: details.join('; ') }];
};

/**
 * Statements that put right what differs, or undefined when only replacing the whole will do. Sets are refilled in one
 * transaction, except those that count: there only the wrong elements move, so that the others keep their counts.
 */
export const repairLines = (found: readonly Difference[], wanted: Ruleset, live: LiveRuleset): string[] | undefined => {
  if (found.some(({ kind }) => kind === 'table' || kind === 'definition')) return undefined;
  const of = (kind: Difference['kind']): string[] => found.filter((one) => one.kind === kind).map(({ where }) => where);
  const sets = of('elements').flatMap((where) => wanted.sets.get(where) ?? []);
  const chains = of('rules').flatMap((where) => wanted.chains.get(where) ?? []);
  const extraChains = of('extra-chain');
  return [
    ...sets.filter(({ piece }) => !live.sets.has(`${piece.table} ${piece.name}`)).map(({ piece }) => addSet(piece)),
    ...chains.filter((piece) => !live.chains.has(`${piece.table} ${piece.name}`)).map(addChain),
    ...[...chains.map((piece) => `${piece.table} ${piece.name}`), ...extraChains].map(
      (where) => `flush chain ${where}`,
    ),
    ...sets.flatMap((set) => refill(set, live)),
    ...chains.flatMap(addRules),
    ...extraChains.map((where) => `delete chain ${where}`),
    ...of('extra-set').map((where) => `delete set ${where}`),
  ];
};

const refill = ({ piece, elements }: Parameters<typeof refillCounted>[0], live: LiveRuleset): string[] =>
  piece.definition.includes('counter')
    ? refillCounted({ piece, elements }, live)
    : [`flush ${piece.kind} ${piece.table} ${piece.name}`, ...addElements(piece, elements)];

const refillCounted = (
  { piece, elements }: NonNullable<ReturnType<Ruleset['sets']['get']>>,
  live: LiveRuleset,
): string[] => {
  const held = [...(live.sets.get(`${piece.table} ${piece.name}`)?.elements ?? [])].map((text) =>
    String(JSON.parse(text)),
  );
  const known = new Set(held);
  return [
    ...deleteElements(
      piece,
      held.filter((key) => !elements.has(key)),
    ),
    ...addElements(
      piece,
      [...elements].filter(([key]) => !known.has(key)),
    ),
  ];
};

export const isOurTable = (table: string): table is TableName => (tableNames as readonly string[]).includes(table);
