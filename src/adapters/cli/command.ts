/**
 * What a command of the command line is: data. From a list of these come parsing, help and completion. A new noun is one
 * file below `commands/` and one line in `nouns.ts`.
 */
import type { Api } from './api/api.ts';
import type { Complaint } from './complaint.ts';
import type { ExitCode } from './exits.ts';
import type { CliHooks } from './hooks.ts';
import type { CliIo } from './io.ts';
import type { Progress } from './show/progress.ts';
import type { Show } from './show/show.ts';

export type OptionSpec = {
  readonly kind: 'text' | 'flag' | 'list' | 'count' | 'choice';
  readonly about: string;
  /** What stands for the value in help texts. */
  readonly value?: string;
  readonly short?: string;
  readonly choices?: readonly string[];
  readonly required?: boolean;
  /** Bounds of a count, inclusive. */
  readonly from?: number;
  readonly to?: number;
};

export type OptionSpecs = { readonly [name: string]: OptionSpec };

export type ArgumentSpec = {
  readonly name: string;
  readonly about: string;
  /** `one` and `many` must be given, `optional` and `any` need not; `many` and `any` take all that is left. */
  readonly takes: 'one' | 'optional' | 'many' | 'any';
};

/** Groups of options that many commands take alike: see `sharedOptions.ts`. */
export type SharedGroup = 'output' | 'server' | 'account' | 'reading' | 'wishing';

/** What was given on the command line, after its form was checked. */
export type Given = {
  /** Empty when an optional argument was left out. */
  readonly argument: (name: string) => string;
  readonly rest: (name: string) => readonly string[];
  readonly text: (option: string) => string | undefined;
  readonly list: (option: string) => readonly string[];
  readonly flag: (option: string) => boolean;
  readonly count: (option: string) => number | undefined;
  /** Every option given, as written; a flag is `true`. */
  readonly all: () => Readonly<Record<string, string | boolean | readonly string[]>>;
};

export type Environment = Readonly<Record<string, string | undefined>>;

export type Call = {
  readonly given: Given;
  readonly api: Api;
  readonly show: Show;
  /** Words for people, on standard error; silent with --quiet. */
  readonly say: (line: string) => void;
  readonly progress: Progress;
  readonly io: CliIo;
  readonly hooks: CliHooks;
  readonly environment: Environment;
  readonly nouns: readonly Noun[];
};

export type CommandSpec = {
  /** Undefined: the noun alone. */
  readonly verb?: string;
  readonly about: string;
  readonly arguments?: readonly ArgumentSpec[];
  readonly options?: OptionSpecs;
  /** Left out: output and server. */
  readonly shares?: readonly SharedGroup[];
  readonly examples?: readonly string[];
  readonly run: (call: Call) => Promise<ExitCode | Complaint>;
};

export type Noun = {
  readonly name: string;
  readonly about: string;
  readonly commands: readonly CommandSpec[];
};

export const one = (name: string, about: string): ArgumentSpec => ({ name, about, takes: 'one' });
export const optional = (name: string, about: string): ArgumentSpec => ({ name, about, takes: 'optional' });
export const many = (name: string, about: string): ArgumentSpec => ({ name, about, takes: 'many' });
export const any = (name: string, about: string): ArgumentSpec => ({ name, about, takes: 'any' });

export const text = (value: string, about: string, more: Partial<OptionSpec> = {}): OptionSpec => ({
  kind: 'text',
  value,
  about,
  ...more,
});
export const flag = (about: string, more: Partial<OptionSpec> = {}): OptionSpec => ({ kind: 'flag', about, ...more });
export const list = (value: string, about: string, more: Partial<OptionSpec> = {}): OptionSpec => ({
  kind: 'list',
  value,
  about,
  ...more,
});
export const count = (about: string, from: number, to: number, more: Partial<OptionSpec> = {}): OptionSpec => ({
  kind: 'count',
  value: 'N',
  about,
  from,
  to,
  ...more,
});
export const choice = (choices: readonly string[], about: string, more: Partial<OptionSpec> = {}): OptionSpec => ({
  kind: 'choice',
  value: choices.join('|'),
  choices,
  about,
  ...more,
});

/** `edgelog addresses allocate` */
export const nameOf = (noun: Noun, command: CommandSpec): string =>
  command.verb === undefined ? noun.name : `${noun.name} ${command.verb}`;
