/** Which command the words name: the noun, its verb, and what is left. Options may stand before them. */
import type { CommandSpec, Noun, OptionSpecs } from './command.ts';
import { type Complaint, usage } from './complaint.ts';
import { nearest } from './nearest.ts';
import { sharedOptions } from './sharedOptions.ts';

export type Found = { readonly noun: Noun; readonly command: CommandSpec; readonly rest: readonly string[] };

const early: OptionSpecs = { ...sharedOptions.output, ...sharedOptions.server, ...sharedOptions.account };

/** How many words an option at the front takes: two if it has a value of its own. */
const lengthOf = (word: string): number => {
  if (word.includes('=')) return 1;
  const spec = Object.entries(early).find(([name, { short }]) => word === `--${name}` || word === `-${short}`)?.[1];
  return spec === undefined || spec.kind === 'flag' ? 1 : 2;
};

/** Words before the noun, and those from it on. */
export const splitEarly = (words: readonly string[]): readonly [before: readonly string[], from: readonly string[]] => {
  let at = 0;
  while (at < words.length && (words[at] ?? '').startsWith('-') && words[at] !== '-') at += lengthOf(words[at] ?? '');
  return [words.slice(0, at), words.slice(at)];
};

const unknownNoun = (word: string, nouns: readonly Noun[]): Complaint => {
  const meant = nearest(
    word,
    nouns.map(({ name }) => name),
  );
  const says = `There is no command ${JSON.stringify(word)}.`;
  return meant === undefined
    ? usage(says, 'edgelog help')
    : usage(`${says} Did you mean "${meant}"?`, `edgelog help ${meant}`);
};

const verbsOf = ({ commands }: Noun): readonly string[] =>
  commands.flatMap(({ verb }) => (verb === undefined ? [] : [verb]));

const unknownVerb = (word: string | undefined, noun: Noun): Complaint => {
  const verbs = verbsOf(noun);
  const help = `edgelog help ${noun.name}`;
  if (word === undefined) return usage(`"${noun.name}" needs one of: ${verbs.join(', ')}.`, help);
  const meant = nearest(word, verbs);
  const says = `There is no command "${noun.name} ${word}".`;
  return usage(meant === undefined ? says : `${says} Did you mean "${noun.name} ${meant}"?`, help);
};

export const findCommand = (words: readonly string[], nouns: readonly Noun[]): Found | Complaint => {
  const [before, from] = splitEarly(words);
  const [first, second] = from;
  if (first === undefined) return usage('No command is given.', 'edgelog help');
  const noun = nouns.find(({ name }) => name === first);
  if (noun === undefined) return unknownNoun(first, nouns);
  const verbal = noun.commands.find(({ verb }) => verb !== undefined && verb === second);
  if (verbal !== undefined) return { noun, command: verbal, rest: [...before, ...from.slice(2)] };
  const bare = noun.commands.find(({ verb }) => verb === undefined);
  const isOption = second === undefined || second.startsWith('-');
  const takesWords = (bare?.arguments ?? []).length > 0;
  if (bare !== undefined && (isOption || takesWords))
    return { noun, command: bare, rest: [...before, ...from.slice(1)] };
  return unknownVerb(isOption ? undefined : second, noun);
};
