/**
 * A delta as text: compact JSON, read strictly. What comes in is believed in nothing but its length, which the caller has
 * limited before: every member is checked for name, type and form, and nothing is used as a member name of an object.
 */
import { type Refusal, refuse } from '../../domain/refusals.ts';
import type { Delta, RemovedEdit, SetEdit } from './delta.ts';
import type { Dialect, DocumentStamp } from './model.ts';

/** Form of the text, to be raised when it changes. */
const form = 1;

const dialects: readonly Dialect[] = ['superset', '4.0', '4.4'];
const members = new Set(['delta', 'dialect', 'from', 'to', 'stamp', 'head', 'removed', 'set']);
const longestKey = 255;

export const encodeDelta = ({ dialect, from, to, stamp, head, removed, set }: Delta): string =>
  JSON.stringify({
    delta: form,
    dialect,
    ...(from === null ? {} : { from: shortDigest(from) }),
    to: shortDigest(to),
    stamp: [stamp.version, stamp.epoch ?? null, stamp.position ?? null],
    ...(head === undefined ? {} : { head }),
    ...(removed.length === 0 ? {} : { removed }),
    ...(set.length === 0 ? {} : { set }),
  });

/** 43 characters instead of 64. */
const shortDigest = (hex: string): string => Buffer.from(hex, 'hex').toString('base64url');

/** The delta, or the refusal `delta-malformed` that names the first member that is not as it must be. */
export const decodeDelta = (text: string): Delta | Refusal => {
  const raw = parsed(text);
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) return wrong('', 'no JSON object');
  const unknown = Object.keys(raw).find((name) => !members.has(name));
  if (unknown !== undefined) return wrong(unknown, 'not a member of a delta');
  const { delta, dialect, from, to, stamp, head, removed = [], set = [] } = raw as { [member: string]: unknown };
  const start = from === undefined ? null : digestIn(from);
  const end = digestIn(to);
  const marks = stampIn(stamp);
  if (delta !== form) return wrong('delta', 'another form');
  if (!isDialect(dialect)) return wrong('dialect', 'not a dialect');
  if (start === undefined) return wrong('from', 'not a digest');
  if (end === undefined) return wrong('to', 'not a digest');
  if (marks === undefined) return wrong('stamp', 'not a stamp');
  if (head !== undefined && typeof head !== 'string') return wrong('head', 'not text');
  if (!isListOf(removed, isRemovedEdit)) return wrong('removed', 'not a list of removals');
  if (!isListOf(set, isSetEdit)) return wrong('set', 'not a list of settings');
  return { dialect, from: start, to: end, stamp: marks, ...(head === undefined ? {} : { head }), removed, set };
};

const wrong = (member: string, why: string): Refusal =>
  refuse('delta-malformed', `The delta cannot be read: ${member === '' ? 'it' : member} is ${why}.`, { member });

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const isDialect = (value: unknown): value is Dialect => dialects.some((dialect) => dialect === value);

const digestIn = (value: unknown): string | undefined => {
  if (typeof value !== 'string' || !/^[A-Za-z0-9_-]{43}$/.test(value)) return undefined;
  const hex = Buffer.from(value, 'base64url').toString('hex');
  return shortDigest(hex) === value ? hex : undefined;
};

const stampIn = (value: unknown): DocumentStamp | undefined => {
  if (!Array.isArray(value) || value.length !== 3) return undefined;
  const [version, epoch, position] = value as readonly unknown[];
  if (typeof version !== 'string' || !/^[0-9a-f]{8}$/.test(version)) return undefined;
  if (!isCountOrNull(epoch) || !isCountOrNull(position)) return undefined;
  return { version, ...(epoch === null ? {} : { epoch }), ...(position === null ? {} : { position }) };
};

/** -1 is the position before the first event. */
const isCountOrNull = (value: unknown): value is number | null =>
  value === null || (Number.isSafeInteger(value) && (value as number) >= -1);

const isListOf = <T>(value: unknown, is: (item: unknown) => item is T): value is readonly T[] =>
  Array.isArray(value) && value.every(is);

const isSetEdit = (value: unknown): value is SetEdit => {
  if (!isEdit(value)) return false;
  switch (value[0]) {
    case 'i':
    case 'g':
    case 'c':
      return value.length === 3 && isKey(value[1]) && value[2] !== '';
    default:
      return isPlaceEdit(value);
  }
};

const isRemovedEdit = (value: unknown): value is RemovedEdit => {
  if (!isEdit(value)) return false;
  switch (value[0]) {
    case 'i':
    case 'g':
    case 'c':
      return value.length === 2 && isKey(value[1]);
    default:
      return isPlaceEdit(value);
  }
};

/** Nodes, and instances placed on one; the same whether they come or go. */
const isPlaceEdit = (value: readonly string[]): boolean =>
  (value[0] === 'n' ? value.length === 3 : value[0] === 'm' && value.length > 3) && value.slice(1).every(isKey);

const isEdit = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

const isKey = (value: string | undefined): boolean =>
  value !== undefined && value !== '' && value.length <= longestKey && !value.includes('\0');
