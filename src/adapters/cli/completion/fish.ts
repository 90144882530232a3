/** Completion for fish. */
import type { CompletionCommand, CompletionNoun, CompletionOption } from './words.ts';

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;

const optionLine = (
  condition: string,
  { name, short, about, takesValue, choices, isFile }: CompletionOption,
): string => {
  const parts = [`complete -c edgelog -n ${quoted(condition)} -l ${name}`];
  if (short !== undefined) parts.push(`-s ${short}`);
  if (takesValue) parts.push(isFile ? '-r -F' : '-x');
  if (choices.length > 0) parts.push(`-a ${quoted(choices.join(' '))}`);
  return `${parts.join(' ')} -d ${quoted(about)}`;
};

const seen = (words: readonly string[]): string =>
  words.map((word) => `__fish_seen_subcommand_from ${word}`).join('; and ');

/** A noun alone must not show the options of its verbs. */
const conditionOf = (noun: CompletionNoun, command: CompletionCommand): string => {
  const [, verb] = command.name.split(' ');
  if (verb !== undefined) return seen([noun.name, verb]);
  const verbs = noun.verbs.map(({ name }) => name);
  return verbs.length === 0
    ? seen([noun.name])
    : `${seen([noun.name])}; and not __fish_seen_subcommand_from ${verbs.join(' ')}`;
};

const commandLines = (noun: CompletionNoun, command: CompletionCommand): readonly string[] => {
  const condition = conditionOf(noun, command);
  const files = command.takesFile ? [`complete -c edgelog -n ${quoted(condition)} -F`] : [];
  return [...command.options.map((option) => optionLine(condition, option)), ...files];
};

const nounLines = (noun: CompletionNoun): readonly string[] => {
  const verbs = noun.verbs.map(({ name }) => name);
  const condition = `${seen([noun.name])}; and not __fish_seen_subcommand_from ${verbs.join(' ')}`;
  return [
    `complete -c edgelog -n __fish_use_subcommand -a ${noun.name} -d ${quoted(noun.about)}`,
    ...noun.verbs.map(
      ({ name, about }) => `complete -c edgelog -n ${quoted(condition)} -a ${name} -d ${quoted(about)}`,
    ),
    ...noun.commands.flatMap((command) => commandLines(noun, command)),
  ];
};

export const fishScript = (nouns: readonly CompletionNoun[]): string =>
  `${[
    '# fish completion for edgelog',
    'complete -c edgelog -f',
    ...nouns.flatMap(nounLines),
    `complete -c edgelog -n ${quoted(seen(['help']))} -a ${quoted(`${nouns.map(({ name }) => name).join(' ')} settings exit-codes environment output`)}`,
    `complete -c edgelog -n ${quoted(seen(['completion']))} -a 'bash zsh fish'`,
  ].join('\n')}\n`;
