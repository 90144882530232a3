/** What can be completed, flattened from the table of commands: the shell scripts know nothing else. */
import { type CommandSpec, type Noun, nameOf } from '../command.ts';
import { optionsOf } from '../sharedOptions.ts';

export type CompletionOption = {
  readonly name: string;
  readonly short: string | undefined;
  readonly about: string;
  readonly takesValue: boolean;
  readonly choices: readonly string[];
  /** Whether its value names a file or folder. */
  readonly isFile: boolean;
};

export type CompletionCommand = {
  /** `addresses allocate` or `run` */
  readonly name: string;
  readonly about: string;
  readonly options: readonly CompletionOption[];
  readonly takesFile: boolean;
};

export type CompletionNoun = {
  readonly name: string;
  readonly about: string;
  readonly verbs: readonly { readonly name: string; readonly about: string }[];
  readonly commands: readonly CompletionCommand[];
};

const fileValues: readonly string[] = ['FILE', 'FOLDER'];

const commandOf = (noun: Noun, command: CommandSpec): CompletionCommand => ({
  name: nameOf(noun, command),
  about: command.about,
  options: Object.entries(optionsOf(command)).map(([name, { kind, short, about, choices = [], value = '' }]) => ({
    name,
    short,
    about,
    takesValue: kind !== 'flag',
    choices,
    isFile: fileValues.includes(value),
  })),
  takesFile: (command.arguments ?? []).some(({ name }) => fileValues.includes(name)),
});

export const wordsOf = (nouns: readonly Noun[]): readonly CompletionNoun[] =>
  nouns.map((noun) => ({
    name: noun.name,
    about: noun.about,
    verbs: noun.commands.flatMap(({ verb, about }) => (verb === undefined ? [] : [{ name: verb, about }])),
    commands: noun.commands.map((command) => commandOf(noun, command)),
  }));
