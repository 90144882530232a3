/**
 * A plan as one ruleset: every set with all its elements, every chain with all its rules, and that ruleset as text. The full
 * text replaces whatever the tables held in one transaction and is the reference every difference is judged by.
 */
import type { ChainPiece, Element, GroupPiece, Plan, SetPiece, TableName } from './model.ts';
import { tableNames } from './model.ts';
import { commentWord } from './names.ts';

/** Which document the kernel has. `serial` grows with every transaction. */
export type AppliedStamp = {
  readonly serial: number;
  readonly epoch?: number;
  readonly position?: number;
  readonly version: string;
};

export type FilledSet = { readonly piece: SetPiece; readonly elements: ReadonlyMap<string, string | undefined> };

export type Ruleset = {
  readonly counters: readonly { readonly table: TableName; readonly name: string }[];
  readonly sets: ReadonlyMap<string, FilledSet>;
  readonly chains: ReadonlyMap<string, ChainPiece>;
};

export const pieceKey = (piece: { readonly table: TableName; readonly name: string }): string =>
  `${piece.table} ${piece.name}`;

/** The element that says which document this is; `-` stands for what a document does not have. */
export const stampElement = (stamp: AppliedStamp): string =>
  `${stamp.serial} comment "${stamp.epoch ?? '-'} ${stamp.position ?? '-'} ${commentWord(stamp.version)}"`;

/** Reads the comment back. Undefined when it is not one of ours. */
export const readStamp = (serial: number, comment: string): AppliedStamp | undefined => {
  const [epoch, position, version] = comment.split(' ');
  if (epoch === undefined || position === undefined || version === undefined) return undefined;
  const number = (text: string): number | undefined => (/^\d{1,15}$/.test(text) ? Number(text) : undefined);
  const [e, p] = [number(epoch), number(position)];
  return { serial, version, ...(e === undefined ? {} : { epoch: e }), ...(p === undefined ? {} : { position: p }) };
};

/** All of a plan in one, without the stamp. */
export const rulesetOf = (plan: Plan): Ruleset => {
  const sets = new Map<string, { piece: SetPiece; elements: Map<string, string | undefined> }>();
  const chains = new Map<string, ChainPiece>();
  for (const piece of plan.base.sets) sets.set(pieceKey(piece), { piece, elements: new Map() });
  for (const piece of plan.base.chains) chains.set(pieceKey(piece), piece);
  const fill = (elements: readonly Element[]): void => {
    for (const { table, set, key, value } of elements) sets.get(`${table} ${set}`)?.elements.set(key, value);
  };
  fill(plan.base.elements);
  for (const piece of plan.instances.values()) {
    fill(piece.elements);
    chains.set(pieceKey(piece.chain), piece.chain);
  }
  for (const group of plan.groups.values()) {
    if (group.members !== undefined) {
      sets.set(pieceKey(group.members.set), { piece: group.members.set, elements: memberElements(group) });
    }
    if (group.chain !== undefined) chains.set(pieceKey(group.chain), group.chain);
  }
  return { counters: plan.base.counters, sets, chains };
};

const memberElements = (group: GroupPiece): Map<string, undefined> =>
  new Map([...(group.members?.addresses ?? [])].map((address) => [address, undefined]));

export const elementText = (key: string, value: string | undefined): string =>
  value === undefined ? key : `${key} : ${value}`;

/** Replaces the tables as a whole, atomically, whatever they held before. */
export const rulesetText = (ruleset: Ruleset, stamp?: AppliedStamp): string => {
  const lines = tableNames.flatMap((table) => [`add table ${table}`, `delete table ${table}`, `add table ${table}`]);
  for (const { table, name } of ruleset.counters) lines.push(`add counter ${table} ${name}`);
  const sets = [...ruleset.sets.values()];
  for (const { piece } of sets) lines.push(addSet(piece));
  const chains = [...ruleset.chains.values()];
  for (const piece of chains) lines.push(addChain(piece));
  for (const { piece, elements } of sets) lines.push(...addElements(piece, sorted(elements)));
  for (const piece of chains) lines.push(...addRules(piece));
  if (stamp !== undefined) lines.push(`add element ip edge gen { ${stampElement(stamp)} }`);
  return `${lines.join('\n')}\n`;
};

const sorted = (elements: ReadonlyMap<string, string | undefined>): [string, string | undefined][] =>
  [...elements].sort(([a], [b]) => (a < b ? -1 : 1));

export const addSet = (piece: SetPiece): string =>
  `add ${piece.kind} ${piece.table} ${piece.name} { ${piece.definition} }`;

export const addChain = (piece: ChainPiece): string =>
  `add chain ${piece.table} ${piece.name}${piece.hook === undefined ? '' : ` { ${piece.hook} }`}`;

export const addRules = (piece: ChainPiece): string[] =>
  piece.rules.map((rule) => `add rule ${piece.table} ${piece.name} ${rule}`);

export const addElements = (
  piece: { readonly table: TableName; readonly name: string },
  elements: Iterable<readonly [string, string | undefined]>,
): string[] => {
  const texts = Array.from(elements, ([key, value]) => elementText(key, value));
  return texts.length === 0 ? [] : [`add element ${piece.table} ${piece.name} { ${texts.join(', ')} }`];
};

export const deleteElements = (
  piece: { readonly table: TableName; readonly name: string },
  keys: readonly string[],
): string[] => (keys.length === 0 ? [] : [`delete element ${piece.table} ${piece.name} { ${keys.join(', ')} }`]);
