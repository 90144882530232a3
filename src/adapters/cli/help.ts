/** Help texts, made from the table of commands: what the parser takes and what help says cannot differ. */
import {
  type ArgumentSpec,
  type CommandSpec,
  type Noun,
  nameOf,
  type OptionSpec,
  type OptionSpecs,
  type SharedGroup,
} from './command.ts';
import { exitMeanings } from './exits.ts';
import { sharedOptions, sharesOf } from './sharedOptions.ts';
import { padTo, widthOf } from './show/text.ts';

const WIDTH = 110;

const argumentText = ({ name, takes }: ArgumentSpec): string => {
  switch (takes) {
    case 'one':
      return name;
    case 'many':
      return `${name}...`;
    case 'optional':
      return `[${name}]`;
    case 'any':
      return `[${name}...]`;
  }
};

const optionText = (name: string, { kind, short, value }: OptionSpec): string => {
  const long = kind === 'flag' ? `--${name}` : `--${name} ${value ?? 'VALUE'}`;
  return short === undefined ? `    ${long}` : `-${short}, ${long}`;
};

const wrapped = (text: string, width: number): readonly string[] => {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && widthOf(last) + 1 + widthOf(word) <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
};

/** Two columns: what, and what it is; the second wrapped. A first column that is too long stands on a line of its own. */
export const pairs = (rows: readonly (readonly [what: string, about: string])[], indent = 2): readonly string[] => {
  const width = Math.min(34, Math.max(0, ...rows.map(([what]) => widthOf(what))));
  const margin = ' '.repeat(indent);
  return rows.flatMap(([what, about]) => {
    const [first = '', ...others] = wrapped(about, WIDTH - width - indent - 2);
    const rest = others.map((line) => `${margin}${' '.repeat(width)}  ${line}`);
    return widthOf(what) > width
      ? [`${margin}${what}`, `${margin}${' '.repeat(width)}  ${first}`, ...rest]
      : [`${margin}${padTo(what, width)}  ${first}`.trimEnd(), ...rest];
  });
};

const optionPairs = (specs: OptionSpecs): readonly (readonly [string, string])[] =>
  Object.entries(specs).map(([name, spec]) => [
    optionText(name, spec),
    spec.required === true ? `${spec.about} (required)` : spec.about,
  ]);

export const usageLine = (noun: Noun, command: CommandSpec): string => {
  const required = Object.entries(command.options ?? {}).filter(([, { required }]) => required === true);
  const words = [
    'edgelog',
    nameOf(noun, command),
    ...(command.arguments ?? []).map(argumentText),
    ...required.map(([name, { value }]) => `--${name} ${value ?? 'VALUE'}`),
  ];
  return words.join(' ');
};

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ['', title, ...lines];

const groupTitles: { readonly [G in SharedGroup]: string } = {
  output: 'Output',
  server: 'Server',
  account: 'Account',
  reading: 'Past',
  wishing: 'How the wish is carried out',
};

export const commandHelp = (noun: Noun, command: CommandSpec): readonly string[] => [
  `${usageLine(noun, command)}${Object.keys(command.options ?? {}).length > 0 ? ' [OPTIONS]' : ''}`,
  '',
  ...wrapped(`${command.about[0]?.toUpperCase() ?? ''}${command.about.slice(1)}.`, WIDTH),
  ...section('Arguments', pairs((command.arguments ?? []).map((it) => [argumentText(it), it.about]))),
  ...section('Options', pairs(optionPairs(command.options ?? {}))),
  ...sharesOf(command).flatMap((group) => section(groupTitles[group], pairs(optionPairs(sharedOptions[group])))),
  ...section(
    'Examples',
    (command.examples ?? []).map((line) => `  ${line}`),
  ),
];

export const nounHelp = (noun: Noun): readonly string[] => {
  const [only] = noun.commands;
  if (noun.commands.length === 1 && only !== undefined) return commandHelp(noun, only);
  return [
    `edgelog ${noun.name}: ${noun.about}.`,
    '',
    ...pairs(noun.commands.map((command) => [usageLine(noun, command), command.about])),
    '',
    `More about one: edgelog help ${noun.name} VERB`,
  ];
};

export const overview = (nouns: readonly Noun[], version: string): readonly string[] => [
  `edgelog ${version}: control plane of a private cloud's network.`,
  '',
  ...pairs(nouns.map(({ name, about }) => [name, about])),
  ...section('Everywhere', pairs(optionPairs({ ...sharedOptions.output, ...sharedOptions.server }))),
  ...section('Exit codes', pairs(exitMeanings.map(([code, meaning]) => [String(code), meaning]))),
  '',
  'More: edgelog help NOUN [VERB], edgelog help settings | exit-codes | environment | output',
];
