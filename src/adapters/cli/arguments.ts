/**
 * From words to what they mean: options and arguments of one command, checked against its table. Every complaint names the
 * word and says what would have been right; nothing is guessed and nothing is ignored.
 */
import { parseArgs } from 'node:util';
import type { ArgumentSpec, CommandSpec, Given, OptionSpec, OptionSpecs } from './command.ts';
import { type Complaint, isComplaint, usage } from './complaint.ts';
import { nearest } from './nearest.ts';
import { optionsOf } from './sharedOptions.ts';

type Values = Map<string, string[]>;

/** A form `parseArgs` reads; all checking is ours, so that complaints are. */
const readable = (specs: OptionSpecs) =>
  Object.fromEntries(
    Object.entries(specs).map(([name, { kind, short }]) => [
      name,
      {
        type: kind === 'flag' ? ('boolean' as const) : ('string' as const),
        multiple: true,
        ...(short === undefined ? {} : { short }),
      },
    ]),
  );

const unknownOption = (rawName: string, specs: OptionSpecs, helpCommand: string): Complaint => {
  const meant = nearest(rawName.replace(/^-+/, ''), Object.keys(specs));
  const hint = meant === undefined ? '' : ` Did you mean --${meant}?`;
  return usage(`There is no option ${rawName} here.${hint}`, helpCommand);
};

const wrongValue = (name: string, value: string, spec: OptionSpec): string | undefined => {
  switch (spec.kind) {
    case 'text':
    case 'list':
      return value === '' ? `--${name} needs a value that is not empty.` : undefined;
    case 'flag':
      return undefined;
    case 'choice':
      return spec.choices?.includes(value) === true
        ? undefined
        : `--${name} is ${JSON.stringify(value)}, expected one of ${spec.choices?.join(', ')}.`;
    case 'count': {
      const [low, high] = [spec.from ?? 0, spec.to ?? Number.MAX_SAFE_INTEGER];
      const isWhole = /^-?[0-9]{1,15}$/.test(value) && Number(value) >= low && Number(value) <= high;
      return isWhole
        ? undefined
        : `--${name} is ${JSON.stringify(value)}, expected a whole number from ${low} to ${high}.`;
    }
  }
};

type Token = NonNullable<ReturnType<typeof parseArgs>['tokens']>[number];
type OptionToken = Extract<Token, { readonly kind: 'option' }>;

/** A word that looks like the next option is no value, unless it is a negative number or joined by `=`. */
const isSwallowed = ({ inlineValue, value }: OptionToken): boolean =>
  inlineValue === false && value !== undefined && /^-[^0-9]/.test(value);

const takeOption = (
  token: OptionToken,
  specs: OptionSpecs,
  values: Values,
  helpCommand: string,
): Complaint | undefined => {
  const spec = Object.hasOwn(specs, token.name) ? specs[token.name] : undefined;
  if (spec === undefined) return unknownOption(token.rawName, specs, helpCommand);
  if (spec.kind === 'flag') {
    if (token.value !== undefined) return usage(`--${token.name} takes no value.`, helpCommand);
    values.set(token.name, ['true']);
    return undefined;
  }
  if (token.value === undefined || isSwallowed(token)) {
    return usage(`--${token.name} needs a value: --${token.name} ${spec.value ?? 'VALUE'}`, helpCommand);
  }
  const wrong = wrongValue(token.name, token.value, spec);
  if (wrong !== undefined) return usage(wrong, helpCommand);
  const known = values.get(token.name) ?? [];
  if (known.length > 0 && spec.kind !== 'list') return usage(`--${token.name} is given twice.`, helpCommand);
  values.set(token.name, [...known, token.value]);
  return undefined;
};

const placed = (
  words: readonly string[],
  specs: readonly ArgumentSpec[],
  helpCommand: string,
): ReadonlyMap<string, readonly string[]> | Complaint => {
  const found = new Map<string, readonly string[]>();
  let at = 0;
  for (const { name, takes } of specs) {
    const isRest = takes === 'many' || takes === 'any';
    const taken = isRest ? words.slice(at) : words.slice(at, at + 1);
    if (taken.length === 0 && (takes === 'one' || takes === 'many')) return usage(`${name} is missing.`, helpCommand);
    if (taken.includes('')) return usage(`${name} is empty.`, helpCommand);
    found.set(name, taken);
    at += taken.length;
  }
  return at < words.length ? usage(`${JSON.stringify(words[at])} is one word too many.`, helpCommand) : found;
};

const givenOf = (values: Values, named: ReadonlyMap<string, readonly string[]>, specs: OptionSpecs): Given => ({
  argument: (name) => named.get(name)?.[0] ?? '',
  rest: (name) => named.get(name) ?? [],
  text: (option) => values.get(option)?.[0],
  list: (option) => values.get(option) ?? [],
  flag: (option) => values.has(option),
  count: (option) => (values.has(option) ? Number(values.get(option)?.[0]) : undefined),
  all: () =>
    Object.fromEntries(
      [...values].map(([name, given]) => {
        const kind = specs[name]?.kind;
        return [name, kind === 'flag' ? true : kind === 'list' ? given : (given[0] ?? '')];
      }),
    ),
});

/** `helpCommand` is what a complaint tells to type next. With `--help` nothing but that is looked at. */
export const readArguments = (
  command: CommandSpec,
  words: readonly string[],
  helpCommand: string,
): Given | 'help' | Complaint => {
  const specs = optionsOf(command);
  const { tokens } = parseArgs({
    args: [...words],
    options: readable(specs),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  if (tokens.some((token) => token.kind === 'option' && token.name === 'help')) return 'help';
  const values: Values = new Map();
  for (const token of tokens) {
    const wrong = token.kind === 'option' ? takeOption(token, specs, values, helpCommand) : undefined;
    if (wrong !== undefined) return wrong;
  }
  const missing = Object.entries(specs).find(([name, { required }]) => required === true && !values.has(name));
  if (missing !== undefined) return usage(`--${missing[0]} ${missing[1].value ?? ''} is missing.`, helpCommand);
  const positionals = tokens.flatMap((token) => (token.kind === 'positional' ? [token.value] : []));
  const named = placed(positionals, command.arguments ?? [], helpCommand);
  return isComplaint(named) ? named : givenOf(values, named, specs);
};
