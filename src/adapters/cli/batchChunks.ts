/**
 * Cuts a file of commands into bodies the API takes at once. The text of every command goes out as it was written: what is
 * wrong with it is found where it is read for good, with its line. Only what is no JSON at all is found here, before
 * anything is sent.
 */
import { type Complaint, usage } from './complaint.ts';

export type Chunk = { readonly body: string; readonly firstLine: number };

const LARGEST_CHUNK = 2_000;
const LARGEST_BYTES = 16 * 1024 * 1024;

type Line = { readonly text: string; readonly number: number };

const syntaxFault = (text: string): string | undefined => {
  try {
    JSON.parse(text);
    return undefined;
  } catch (fault) {
    return (fault as Error).message;
  }
};

const joined = (lines: readonly Line[]): string => `[${lines.map(({ text }) => text).join('\n,')}]`;

/** Empty lines would shift the numbers of the results; they cut a chunk instead. */
const groupsOf = (lines: readonly Line[]): readonly (readonly Line[])[] => {
  const groups: Line[][] = [];
  let bytes = 0;
  for (const line of lines) {
    const last = groups.at(-1);
    bytes += line.text.length;
    const isNext = last !== undefined && (last.at(-1)?.number ?? 0) + 1 === line.number;
    if (last !== undefined && isNext && last.length < LARGEST_CHUNK && bytes < LARGEST_BYTES) last.push(line);
    else {
      groups.push([line]);
      bytes = line.text.length;
    }
  }
  return groups;
};

/**
 * Cuts a file of wishes into bodies the API takes at once: a JSON array or object as it is, lines of JSON by number. A line
 * that is no JSON is a complaint that names it.
 */
export const chunksOf = (text: string): readonly Chunk[] | Complaint => {
  if (text.trimStart().startsWith('{') && syntaxFault(text) === undefined) return [{ body: `[${text}]`, firstLine: 1 }];
  if (text.trimStart().startsWith('[')) {
    const wrong = syntaxFault(text);
    return wrong === undefined ? [{ body: text, firstLine: 1 }] : usage(`The file is not JSON: ${wrong}.`);
  }
  const lines = text.split('\n').map((line, i) => ({ text: line.trim(), number: i + 1 }));
  const written = lines.filter((line) => line.text !== '');
  if (written.length === 0) return usage('The file holds no commands.');
  for (const line of written) {
    const wrong = syntaxFault(line.text);
    if (wrong !== undefined)
      return usage(`Line ${line.number} is not JSON: ${wrong}.`, 'write one command per line, or one JSON array');
  }
  return groupsOf(written).map((group) => ({ body: joined(group), firstLine: group[0]?.number ?? 1 }));
};
