/**
 * The difference between two plans as one transaction: only pieces that are not the same object are looked into, and only
 * what differs inside them is written. The order keeps every reference valid at every line: new sets and chains, elements
 * out and in, changed chains rewritten, old chains and sets last.
 */
import type { ChainPiece, Element, GroupPiece, InstancePiece, Plan, SetPiece } from './model.ts';
import {
  type AppliedStamp,
  addChain,
  addElements,
  addRules,
  addSet,
  deleteElements,
  pieceKey,
  stampElement,
} from './ruleset.ts';

/** Chains and sets of one side that the other does not have as the same object. */
type Side = {
  readonly sets: Map<string, { piece: SetPiece; addresses: ReadonlySet<string> }>;
  readonly chains: Map<string, ChainPiece>;
  readonly elements: Element[];
};

const emptySide = (): Side => ({ sets: new Map(), chains: new Map(), elements: [] });

const takeInstance = (side: Side, piece: InstancePiece | undefined, other: InstancePiece | undefined): void => {
  if (piece === undefined || piece === other) return;
  side.elements.push(...piece.elements);
  side.chains.set(pieceKey(piece.chain), piece.chain);
};

const takeGroup = (side: Side, piece: GroupPiece | undefined, other: GroupPiece | undefined): void => {
  if (piece === undefined || piece === other) return;
  if (piece.chain !== undefined && piece.chain !== other?.chain) side.chains.set(pieceKey(piece.chain), piece.chain);
  if (piece.members !== undefined && piece.members !== other?.members) {
    side.sets.set(pieceKey(piece.members.set), { piece: piece.members.set, addresses: piece.members.addresses });
  }
};

const side = (plan: Plan, other: Plan): Side => {
  const taken = emptySide();
  if (plan.base !== other.base) {
    taken.elements.push(...plan.base.elements);
    for (const piece of plan.base.chains) taken.chains.set(pieceKey(piece), piece);
  }
  for (const [id, piece] of plan.instances) takeInstance(taken, piece, other.instances.get(id));
  for (const [id, piece] of plan.groups) takeGroup(taken, piece, other.groups.get(id));
  return taken;
};

const elementKey = ({ table, set, key }: Element): string => `${table} ${set} ${key}`;

/** Statements from `before` to `after`, without the stamp; empty when they program the same. */
export const transactionLines = (before: Plan, after: Plan): string[] => {
  const old = side(before, after);
  const next = side(after, before);
  const newSets = [...next.sets].filter(([key]) => !old.sets.has(key)).map(([, set]) => set.piece);
  const newChains = [...next.chains].filter(([key]) => !old.chains.has(key)).map(([, chain]) => chain);
  const oldChains = [...old.chains].filter(([key]) => !next.chains.has(key)).map(([, chain]) => chain);
  const oldSets = [...old.sets].filter(([key]) => !next.sets.has(key)).map(([, set]) => set.piece);
  return [
    ...newSets.map(addSet),
    ...newChains.map(addChain),
    ...elementLines(old.elements, next.elements),
    ...[...next.sets].flatMap(([key, set]) => memberLines(old.sets.get(key)?.addresses ?? new Set(), set)),
    ...[...next.chains].flatMap(([key, chain]) => chainLines(old.chains.get(key), chain)),
    ...oldChains.map((chain) => `flush chain ${chain.table} ${chain.name}`),
    ...oldChains.map((chain) => `delete chain ${chain.table} ${chain.name}`),
    ...oldSets.map((set) => `delete set ${set.table} ${set.name}`),
  ];
};

/**
 * The same with the stamp. Older stamps go when something is deleted anyway, or when they have become many; `purges` says
 * whether they went.
 */
export const transactionText = (
  lines: readonly string[],
  stamp: AppliedStamp,
  staleSerials: readonly number[],
): { readonly text: string; readonly purges: boolean } => {
  const deletes = lines.some((line) => line.startsWith('delete') || line.startsWith('flush'));
  const purges = deletes || staleSerials.length >= mostStamps;
  const stale = purges ? deleteElements(gen, staleSerials.map(String)) : [];
  return { text: `${[...lines, ...stale, `add element ip edge gen { ${stampElement(stamp)} }`].join('\n')}\n`, purges };
};

const mostStamps = 32;
const gen = { table: 'ip edge', name: 'gen' } as const;

const elementLines = (before: readonly Element[], after: readonly Element[]): string[] => {
  const old = new Map(before.map((element) => [elementKey(element), element]));
  const added: Element[] = [];
  for (const element of after) {
    const key = elementKey(element);
    if (old.has(key) && old.get(key)?.value === element.value) old.delete(key);
    else added.push(element);
  }
  return [
    ...bySet([...old.values()]).flatMap(([set, elements]) =>
      deleteElements(
        set,
        elements.map(({ key }) => key),
      ),
    ),
    ...bySet(added).flatMap(([set, elements]) =>
      addElements(
        set,
        elements.map(({ key, value }) => [key, value]),
      ),
    ),
  ];
};

const bySet = (elements: readonly Element[]): [{ table: Element['table']; name: string }, Element[]][] => {
  const sets = new Map<string, [{ table: Element['table']; name: string }, Element[]]>();
  for (const element of elements) {
    const key = `${element.table} ${element.set}`;
    const known = sets.get(key);
    if (known === undefined) sets.set(key, [{ table: element.table, name: element.set }, [element]]);
    else known[1].push(element);
  }
  return [...sets.values()];
};

const memberLines = (
  before: ReadonlySet<string>,
  after: { piece: SetPiece; addresses: ReadonlySet<string> },
): string[] => [
  ...deleteElements(after.piece, missing(before, after.addresses)),
  ...addElements(
    after.piece,
    missing(after.addresses, before).map((key) => [key, undefined] as const),
  ),
];

/** What is in `here` and not in `there`. */
const missing = (here: ReadonlySet<string>, there: ReadonlySet<string>): string[] =>
  [...here].filter((address) => !there.has(address));

const chainLines = (before: ChainPiece | undefined, after: ChainPiece): string[] => {
  if (before === undefined) return addRules(after);
  if (before.rules.join('\n') === after.rules.join('\n')) return [];
  return [`flush chain ${after.table} ${after.name}`, ...addRules(after)];
};
