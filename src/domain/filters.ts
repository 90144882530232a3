/**
 * Filters of descriptions of public addresses and security groups (cloud spec 5.8, 6.8): values of one filter are
 * alternatives, filters add up; `*` stands for any text and `?` for one character, a backslash takes their meaning away.
 * Some filters are known and never match, because there is nothing here that they could look at.
 */
import { refuseGroup } from './groupRefusals.ts';
import type { Refusal } from './refusals.ts';
import { protocolName, type Rule } from './rule.ts';

export type Filter = { readonly name: string; readonly values: readonly string[] };

export type AddressFacts = { readonly address: string; readonly instanceId?: string };

export type GroupFacts = {
  readonly id: string;
  readonly account: string;
  readonly name: string;
  readonly description: string;
  readonly rules: readonly Rule[];
  readonly tags?: { readonly [key: string]: string };
};

/** The texts a filter looks at: it matches when one of its values matches one of them. */
type Texts<T> = (target: T) => readonly string[];

const never: Texts<unknown> = () => [];

const addressFilters: ReadonlyMap<string, Texts<AddressFacts>> = new Map<string, Texts<AddressFacts>>([
  ['allocation-id', never],
  ['association-id', never],
  ['domain', () => ['standard']],
  ['instance-id', ({ instanceId }) => (instanceId === undefined ? [] : [instanceId])],
  ['network-interface-id', never],
  ['network-interface-owner-id', never],
  ['private-ip-address', never],
  ['public-ip', ({ address }) => [address]],
]);

const ofRules =
  (texts: (rule: Rule) => readonly string[]): Texts<GroupFacts> =>
  ({ rules }) =>
    rules.flatMap(texts);

const groupFilters: ReadonlyMap<string, Texts<GroupFacts>> = new Map<string, Texts<GroupFacts>>([
  ['description', ({ description }) => [description]],
  ['group-id', ({ id }) => [id]],
  ['group-name', ({ name }) => [name]],
  ['ip-permission.cidr', ofRules(({ source }) => (source.kind === 'cidr' ? [source.cidr] : []))],
  ['ip-permission.from-port', ofRules(({ low }) => [String(low)])],
  ['ip-permission.group-name', ofRules(({ source }) => (source.kind === 'group' ? [source.groupName ?? ''] : []))],
  ['ip-permission.protocol', ofRules(({ protocol }) => [protocolName(protocol), String(protocol)])],
  ['ip-permission.to-port', ofRules(({ high }) => [String(high)])],
  ['ip-permission.user-id', ofRules(({ source }) => (source.kind === 'group' ? [source.account] : []))],
  ['owner-id', ({ account }) => [account]],
  ['tag-key', ({ tags = {} }) => Object.keys(tags)],
  ['tag-value', ({ tags = {} }) => Object.values(tags)],
]);

export const addressFilterNames: readonly string[] = [...addressFilters.keys()];
export const groupFilterNames: readonly string[] = [...groupFilters.keys(), 'tag:<key>'];

/** True for the targets that pass all filters; a refusal names the first filter that does not exist. */
export const addressFilter = (filters: readonly Filter[]): ((target: AddressFacts) => boolean) | Refusal =>
  allOf(filters, (name) => addressFilters.get(name));

/** The same for groups; `tag:<key>` looks at the value of that tag. */
export const groupFilter = (filters: readonly Filter[]): ((target: GroupFacts) => boolean) | Refusal =>
  allOf(filters, (name) => (name.startsWith('tag:') ? ofTag(name.slice('tag:'.length)) : groupFilters.get(name)));

const ofTag =
  (key: string): Texts<GroupFacts> =>
  ({ tags = {} }) =>
    Object.entries(tags).flatMap(([name, value]) => (name === key ? [value] : []));

const allOf = <T>(
  filters: readonly Filter[],
  textsOf: (name: string) => Texts<T> | undefined,
): ((target: T) => boolean) | Refusal => {
  const tests: ((target: T) => boolean)[] = [];
  for (const { name, values } of filters) {
    const texts = textsOf(name);
    if (texts === undefined) {
      return refuseGroup('invalid-filter', `There is no filter ${name.slice(0, 80)}.`, {
        member: 'filter',
        value: name,
      });
    }
    const patterns = values.map(parsePattern);
    tests.push((target) => texts(target).some((text) => patterns.some((pattern) => matches(pattern, text))));
  }
  return (target) => tests.every((test) => test(target));
};

/** One step of a pattern: a character, any one character, or any text. */
type Step = { readonly kind: 'character'; readonly character: string } | { readonly kind: 'one' | 'any' };

const parsePattern = (text: string): readonly Step[] => {
  const steps: Step[] = [];
  let escaped = false;
  for (const character of text) {
    if (escaped || !'*?\\'.includes(character)) steps.push({ kind: 'character', character });
    else if (character !== '\\') steps.push({ kind: character === '*' ? 'any' : 'one' });
    escaped = !escaped && character === '\\';
  }
  if (escaped) steps.push({ kind: 'character', character: '\\' });
  return steps;
};

/** Remembers only the last `*`, so that no pattern takes longer than its length times the text's. */
const matches = (pattern: readonly Step[], text: string): boolean => {
  const characters = [...text];
  let step = 0;
  let at = 0;
  let star: { readonly step: number; at: number } | undefined;
  while (at < characters.length) {
    const wanted = pattern[step];
    if (wanted?.kind === 'any') {
      star = { step, at };
      step += 1;
    } else if (wanted !== undefined && fits(wanted, characters[at])) {
      step += 1;
      at += 1;
    } else if (star !== undefined) {
      star = { step: star.step, at: star.at + 1 };
      step = star.step + 1;
      at = star.at;
    } else return false;
  }
  while (pattern[step]?.kind === 'any') step += 1;
  return step === pattern.length;
};

const fits = (step: Step, character: string | undefined): boolean =>
  step.kind === 'one' || (step.kind === 'character' && step.character === character);
