/**
 * Stories of the command line as transcripts: a text of command lines, each followed by what it said and its exit code. Playing
 * a story gives the same text with the answers of now. `REWRITE=1` writes them anew: read the difference before keeping it.
 *
 *   # words                 $ edgelog addresses            ! deliver PARTI00
 *                           < a line of standard input
 *                           data on standard output
 *                           2> words on standard error
 *                           [0]
 */

export type Step =
  | { readonly kind: 'words'; readonly text: string }
  | { readonly kind: 'stage'; readonly what: string; readonly argument: string }
  | { readonly kind: 'command'; readonly line: string; readonly input: readonly string[] };

export const readStory = (text: string): readonly Step[] => text.split(/\n\n(?=[#!$])/).map(readBlock);

const readBlock = (block: string): Step => {
  const lines = block.trim().split('\n');
  const first = lines[0] ?? '';
  switch (first[0]) {
    case '#':
      return { kind: 'words', text: block.trim() };
    case '!': {
      const [what = '', argument = ''] = first.slice(2).split(' ', 2);
      return { kind: 'stage', what, argument };
    }
    default:
      return {
        kind: 'command',
        line: first.replace(/^\$ edgelog ?/, ''),
        input: lines.slice(1).flatMap((line) => (line === '<' || line.startsWith('< ') ? [line.slice(2)] : [])),
      };
  }
};

/** Words as a shell cuts them: quotes hold a word together, nothing else is special. */
export const wordsOf = (line: string): readonly string[] =>
  Array.from(line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g), ([, single, double, bare]) => single ?? double ?? bare ?? '');

const prefixed = (prefix: string, text: string): readonly string[] =>
  text === ''
    ? []
    : text
        .replace(/\n$/, '')
        .split('\n')
        .map((line) => `${prefix}${line}`.trimEnd());

/** Times and tokens are of this run, not of the story. */
const withoutTimes = (text: string): string => text.replaceAll(/\b\d+ ms\b/g, 'N ms');
const withoutTokens = (text: string): string => text.replaceAll(/^(token: +)\S+$/gm, '$1TOKEN');

export const writeStep = (
  step: Step,
  said?: { readonly exit: number; readonly out: string; readonly err: string },
): string => {
  switch (step.kind) {
    case 'words':
      return step.text;
    case 'stage':
      return `! ${step.what} ${step.argument}`.trim();
    case 'command':
      return [
        `$ edgelog ${step.line}`,
        ...step.input.map((line) => `< ${line}`.trimEnd()),
        ...prefixed('', withoutTokens(said?.out ?? '')),
        ...prefixed('2> ', withoutTimes(said?.err ?? '')),
        `[${said?.exit}]`,
      ].join('\n');
  }
};
