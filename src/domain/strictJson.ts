/**
 * A strict reader of JSON text for everything people and programs send us. Beyond the grammar it refuses what other readers
 * silently bend: repeated member names (last one wins elsewhere), names that reach into prototypes, numbers that cannot be
 * held exactly (beyond 2^53 - 1), broken Unicode, nesting without end, and text after the value. Never throws for any text.
 */
import type { Json } from './eventStore.ts';
import { type Refusal, refuse } from './refusals.ts';

/** `member` of a refusal is the path of the place, e.g. `Clusters[0].Name`; '' is the whole value. */
export type StrictJson = { readonly json: Json } | Refusal;

const forbiddenNames: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

type Reading = {
  readonly text: string;
  readonly maxDepth: number;
  readonly path: (string | number)[];
  at: number;
  problem: Refusal | undefined;
};

/**
 * The value written in `text`, or a refusal: `json.syntax`, `json.duplicate-member`, `json.forbidden-member`,
 * `json.unsafe-number`, `json.too-deep`.
 */
export const parseStrictJson = (text: string, maxDepth = 64): StrictJson => {
  const reading: Reading = { text, maxDepth, path: [], at: 0, problem: undefined };
  if (!text.isWellFormed()) return syntax(reading, 'the text has half a surrogate pair');
  skipBlanks(reading);
  const json = readValue(reading);
  if (json !== undefined) {
    skipBlanks(reading);
    if (reading.at < text.length) fail(reading, 'text after the value');
  }
  return reading.problem ?? { json: json ?? null };
};

/** Every reader below returns undefined after setting `problem`, and nobody reads on then. */
const readValue = (reading: Reading): Json | undefined => {
  switch (reading.text.charCodeAt(reading.at)) {
    case 0x22:
      return readString(reading);
    case 0x7b:
      return readObject(reading);
    case 0x5b:
      return readArray(reading);
    case 0x74:
      return readWord(reading, 'true', true);
    case 0x66:
      return readWord(reading, 'false', false);
    case 0x6e:
      return readWord(reading, 'null', null);
    default:
      return readNumber(reading);
  }
};

const readObject = (reading: Reading): Json | undefined => {
  const members: { [name: string]: Json } = {};
  if (!enter(reading)) return undefined;
  if (take(reading, 0x7d)) return members;
  for (;;) {
    const name = readName(reading, members);
    if (name === undefined) return undefined;
    reading.path.push(name);
    const value = readValue(reading);
    if (value === undefined) return undefined;
    reading.path.pop();
    members[name] = value;
    skipBlanks(reading);
    if (take(reading, 0x7d)) return members;
    if (!take(reading, 0x2c)) return fail(reading, 'expected "," or "}" after a member');
  }
};

const readName = (reading: Reading, members: { readonly [name: string]: Json }): string | undefined => {
  if (reading.text.charCodeAt(reading.at) !== 0x22) return fail(reading, 'expected a member name in double quotes');
  const name = readString(reading);
  if (name === undefined) return undefined;
  if (forbiddenNames.has(name))
    return forbid(reading, name, 'json.forbidden-member', 'is a name that is never accepted');
  if (Object.hasOwn(members, name)) return forbid(reading, name, 'json.duplicate-member', 'appears more than once');
  skipBlanks(reading);
  return take(reading, 0x3a) ? name : fail(reading, 'expected ":" after a member name');
};

const readArray = (reading: Reading): Json | undefined => {
  const items: Json[] = [];
  if (!enter(reading)) return undefined;
  if (take(reading, 0x5d)) return items;
  for (;;) {
    reading.path.push(items.length);
    const item = readValue(reading);
    if (item === undefined) return undefined;
    reading.path.pop();
    items.push(item);
    skipBlanks(reading);
    if (take(reading, 0x5d)) return items;
    if (!take(reading, 0x2c)) return fail(reading, 'expected "," or "]" after an item');
  }
};

/** Steps over the opening bracket unless that is one level too many. */
const enter = (reading: Reading): boolean => {
  if (reading.path.length < reading.maxDepth) {
    reading.at += 1;
    skipBlanks(reading);
    return true;
  }
  const detail = `nested deeper than ${reading.maxDepth} levels at ${place(reading)}`;
  reading.problem = refuse('json.too-deep', detail, { member: pathText(reading.path) });
  return false;
};

const readString = (reading: Reading): string | undefined => {
  const { text } = reading;
  const start = reading.at + 1;
  let end = start;
  let code = text.charCodeAt(end);
  while (code !== 0x22 && code !== 0x5c && code >= 0x20) {
    end += 1;
    code = text.charCodeAt(end);
  }
  if (code === 0x22) {
    reading.at = end + 1;
    return text.slice(start, end);
  }
  while (end < text.length && text.charCodeAt(end) !== 0x22) end += text.charCodeAt(end) === 0x5c ? 2 : 1;
  if (end >= text.length) return fail(reading, 'a string without end');
  return readEscapes(reading, text.slice(reading.at, end + 1));
};

const readEscapes = (reading: Reading, quoted: string): string | undefined => {
  const value = unescaped(quoted);
  if (value === undefined) return fail(reading, 'a string with a control character or a wrong escape');
  if (!value.isWellFormed()) return fail(reading, 'a string with half a surrogate pair');
  reading.at += quoted.length;
  return value;
};

const unescaped = (quoted: string): string | undefined => {
  try {
    return JSON.parse(quoted);
  } catch {
    return undefined;
  }
};

const numberForm = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;

const readNumber = (reading: Reading): number | undefined => {
  numberForm.lastIndex = reading.at;
  const written = numberForm.exec(reading.text)?.[0];
  if (written === undefined) return fail(reading, 'expected a value');
  const value = Number(written);
  if (Math.abs(value) <= Number.MAX_SAFE_INTEGER) {
    reading.at += written.length;
    return value;
  }
  const detail = `the number at ${place(reading)} is beyond 2^53 - 1 and cannot be held exactly`;
  reading.problem = refuse('json.unsafe-number', detail, { member: pathText(reading.path), value: shortened(written) });
  return undefined;
};

const readWord = (reading: Reading, word: string, value: Json): Json | undefined => {
  if (!reading.text.startsWith(word, reading.at)) return fail(reading, 'expected a value');
  reading.at += word.length;
  return value;
};

/** Steps over `code` and the blanks behind it, if it is there. */
const take = (reading: Reading, code: number): boolean => {
  if (reading.text.charCodeAt(reading.at) !== code) return false;
  reading.at += 1;
  if (code === 0x2c || code === 0x3a) skipBlanks(reading);
  return true;
};

const skipBlanks = (reading: Reading): void => {
  for (;;) {
    const code = reading.text.charCodeAt(reading.at);
    if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
    reading.at += 1;
  }
};

const fail = (reading: Reading, problem: string): undefined => {
  reading.problem = syntax(reading, problem);
  return undefined;
};

const syntax = (reading: Reading, problem: string): Refusal =>
  refuse('json.syntax', `${problem}, at ${place(reading)}`, { member: pathText(reading.path) });

const forbid = (reading: Reading, name: string, code: string, problem: string): undefined => {
  const member = pathText([...reading.path, name]);
  reading.problem = refuse(code, `${member} ${problem}, at ${place(reading)}`, { member });
  return undefined;
};

/** `line 3, column 14`, both counted from 1. */
const place = ({ text, at }: Reading): string => {
  const before = text.slice(0, at);
  const line = before.split('\n').length;
  return `line ${line}, column ${at - before.lastIndexOf('\n')}`;
};

/** `["Clusters", 0, "Name"]` -> `Clusters[0].Name`. */
export const pathText = (path: readonly (string | number)[]): string =>
  path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text === '' ? step : `${text}.${step}`;
  }, '');

const shortened = (text: string): string => (text.length <= 40 ? text : `${text.slice(0, 37)}...`);
