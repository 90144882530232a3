/**
 * As much of nft as transactions need, on plain maps: what a sequence of statements leaves behind. It is as strict as the
 * kernel about what must and must not exist, so that a wrong order of statements is a fault.
 */
import type { Ruleset } from '../../../src/projections/plan/ruleset.ts';

export type ModelKernel = {
  readonly sets: Map<string, Map<string, string | undefined>>;
  readonly chains: Map<string, string[]>;
};

export const modelOf = (ruleset: Ruleset): ModelKernel => ({
  sets: new Map([...ruleset.sets].map(([key, set]) => [key, new Map(set.elements)])),
  chains: new Map([...ruleset.chains].map(([key, chain]) => [key, [...chain.rules]])),
});

const must = <T>(value: T | undefined, line: string): T => {
  if (value === undefined) throw new Error(`no such thing: ${line}`);
  return value;
};

const elementsOf = (text: string): [string, string | undefined][] =>
  text.split(', ').map((element) => {
    const at = element.indexOf(' : ');
    return at < 0 ? [element, undefined] : [element.slice(0, at), element.slice(at + 3)];
  });

/** Names of chains and sets that a rule or a verdict leans on. */
const leansOn = (table: string, text: string): string[] => [
  ...[...text.matchAll(/(?:jump|goto) (\S+)/g)].map(([, name]) => `chain ${table} ${name}`),
  ...[...text.matchAll(/@([a-z]\S*)/g)]
    .filter(([, name]) => name !== 'th,288,48')
    .map(([, name]) => `set ${table} ${name}`),
];

const checkLeaning = (kernel: ModelKernel, key: string, text: string): void => {
  const table = key.split(' ').slice(0, 2).join(' ');
  for (const thing of leansOn(table, text)) {
    const [kind, ...name] = thing.split(' ');
    const all: ReadonlyMap<string, unknown> = kind === 'chain' ? kernel.chains : kernel.sets;
    if (!all.has(name.join(' '))) throw new Error(`${key} leans on ${thing}, which is not there: ${text}`);
  }
};

const isLeanedOn = (kernel: ModelKernel, kind: string, key: string): boolean => {
  const here = (owner: string, text: string): boolean =>
    leansOn(owner.split(' ').slice(0, 2).join(' '), text).includes(`${kind} ${key}`);
  return (
    [...kernel.chains].some(([owner, rules]) => rules.some((rule) => here(owner, rule))) ||
    [...kernel.sets].some(([owner, elements]) => [...elements.values()].some((value) => here(owner, value ?? '')))
  );
};

export const run = (kernel: ModelKernel, lines: readonly string[]): void => {
  for (const line of lines) step(kernel, line);
};

const step = (kernel: ModelKernel, line: string): void => {
  const [verb, kind] = line.split(' ');
  const [, , family, table, name] = line.split(' ');
  const key = `${family} ${table} ${name}`;
  const rest = line.split(' ').slice(5).join(' ');
  switch (`${verb} ${kind}`) {
    case 'add set':
    case 'add map':
      if (!kernel.sets.has(key)) kernel.sets.set(key, new Map());
      return;
    case 'add chain':
      if (!kernel.chains.has(key)) kernel.chains.set(key, []);
      return;
    case 'add rule':
      checkLeaning(kernel, key, rest);
      must(kernel.chains.get(key), line).push(rest);
      return;
    case 'flush chain':
      must(kernel.chains.get(key), line).length = 0;
      return;
    case 'delete chain':
      must(kernel.chains.get(key), line);
      if (isLeanedOn(kernel, 'chain', key)) throw new Error(`still in use: ${line}`);
      kernel.chains.delete(key);
      return;
    case 'delete set':
      must(kernel.sets.get(key), line);
      if (isLeanedOn(kernel, 'set', key)) throw new Error(`still in use: ${line}`);
      kernel.sets.delete(key);
      return;
    case 'add element':
    case 'delete element':
      stepElements(kernel, key, { isAdd: verb === 'add', text: rest.replace(/^\{ | \}$/g, ''), line });
      return;
    default:
      throw new Error(`not understood: ${line}`);
  }
};

const stepElements = (
  kernel: ModelKernel,
  key: string,
  { isAdd, text, line }: { readonly isAdd: boolean; readonly text: string; readonly line: string },
): void => {
  const set = must(kernel.sets.get(key), line);
  for (const [element, value] of elementsOf(text)) {
    const was = set.get(element);
    if (!isAdd && !set.delete(element)) throw new Error(`no such element ${element}: ${line}`);
    if (isAdd && set.has(element) && was !== value) throw new Error(`${element} has another value: ${line}`);
    if (isAdd) checkLeaning(kernel, key, value ?? '');
    if (isAdd) set.set(element, value);
  }
};
