/**
 * Lists inside a document cut into the bytes of their elements, with what was read from equal bytes last time. In text
 * without comments, CDATA and instructions `</instance>` can be nothing but an end tag, so the cuts are exact; everything
 * unusual is answered with undefined, and the caller reads the whole document the slow way.
 */

/** One list as it was read: where its elements stand in `bytes`, and what they became. */
export type ReadList<T> = {
  readonly bytes: Buffer;
  /** Where the list begins and where its close tag stands. */
  readonly span: Span;
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  readonly entries: readonly T[];
};

export type ListReader<T> = {
  /** What ends one element: `</instance>`. */
  readonly endTag: string;
  /** What ends the list: `</instances>`. */
  readonly closeTag: string;
  /** One element's text, or undefined unless it is exactly one well-formed element. */
  readonly read: (text: string) => T | undefined;
  readonly id: (entry: T) => string;
};

export type Span = { readonly from: number; readonly to: number };

const stride = 65_536;
const isBlank = (byte: number | undefined): boolean => byte === 32 || byte === 10 || byte === 13 || byte === 9;

/** How many bytes from `a[i]` and `b[j]` on are equal, at most `limit`. */
export const commonLength = (a: Buffer, i: number, b: Buffer, j: number, limit: number): number => {
  let length = 0;
  let step = stride;
  while (length < limit) {
    const size = Math.min(step, limit - length);
    const from = i + length;
    const to = j + length;
    if (a.compare(b, to, to + size, from, from + size) === 0) length += size;
    else if (size === 1) break;
    else step = Math.max(1, size >> 1);
  }
  return length;
};

/**
 * Reads the list that begins at `from`, up to its close tag; entries whose bytes are as last time keep their identity. The
 * end is met, not searched for: a search over megabytes would cost more than the reading.
 */
export const readList = <T>(
  bytes: Buffer,
  from: number,
  reader: ListReader<T>,
  old: ReadList<T> | undefined,
): ReadList<T> | undefined => {
  const list: Growing<T> = { starts: [], ends: [], entries: [] };
  const close = Buffer.from(reader.closeTag);
  let oldIndex = 0;
  let byId: Map<string, number> | undefined;
  let at = from;
  for (;;) {
    while (isBlank(bytes[at])) at += 1;
    if (at >= bytes.length) return undefined;
    if (startsWith(bytes, at, close)) return { ...list, bytes, span: { from, to: at } };
    const kept = old === undefined ? 0 : keepRun(list, bytes, at, { old, oldIndex });
    if (kept > 0) {
      oldIndex += kept;
      at = list.ends.at(-1) ?? at;
      continue;
    }
    const end = bytes.indexOf(reader.endTag, at) + reader.endTag.length;
    const entry = end < reader.endTag.length ? undefined : reader.read(bytes.toString('utf8', at, end));
    if (entry === undefined) return undefined;
    const nearby = old === undefined ? 'new' : neighbour(old.entries, oldIndex, reader.id(entry), reader.id);
    if (nearby === undefined) byId ??= new Map(old?.entries.map((known, index) => [reader.id(known), index]));
    const known = nearby === 'new' ? undefined : (nearby ?? byId?.get(reader.id(entry)));
    push(list, at, end, known === undefined ? entry : (sameBytes(bytes, at, end, old, known) ?? entry));
    if (known !== undefined) oldIndex = known + 1;
    at = end;
  }
};

const startsWith = (bytes: Buffer, at: number, text: Buffer): boolean =>
  at + text.length <= bytes.length && bytes.compare(text, 0, text.length, at, at + text.length) === 0;

/**
 * Where the old list has this id, judged by the entries around the place; 'new' when it sorts between them, undefined when
 * only a look at the whole list can tell. A wrong 'new' costs a parse, never a wrong answer.
 */
const neighbour = <T>(
  entries: readonly T[],
  index: number,
  wanted: string,
  id: (entry: T) => string,
): number | 'new' | undefined => {
  const at = (place: number): string | undefined => {
    const entry = entries[place];
    return entry === undefined ? undefined : id(entry);
  };
  if (at(index) === wanted) return index;
  if (at(index + 1) === wanted) return index + 1;
  const before = at(index - 1);
  const after = at(index);
  return (before === undefined || before < wanted) && (after === undefined || wanted < after) ? 'new' : undefined;
};

type Growing<T> = { starts: number[]; ends: number[]; entries: T[] };

const push = <T>(list: Growing<T>, start: number, end: number, entry: T): void => {
  list.starts.push(start);
  list.ends.push(end);
  list.entries.push(entry);
};

const sameBytes = <T>(
  bytes: Buffer,
  at: number,
  end: number,
  old: ReadList<T> | undefined,
  index: number,
): T | undefined => {
  const from = old?.starts[index];
  const to = old?.ends[index];
  if (old === undefined || from === undefined || to === undefined) return undefined;
  return bytes.compare(old.bytes, from, to, at, end) === 0 ? old.entries[index] : undefined;
};

/** Takes over the old entries that lie wholly within the run of equal bytes. Returns how many. */
const keepRun = <T>(
  list: Growing<T>,
  bytes: Buffer,
  at: number,
  { old, oldIndex }: { readonly old: ReadList<T>; readonly oldIndex: number },
): number => {
  const from = old.starts[oldIndex];
  const last = old.ends.at(-1);
  if (from === undefined || last === undefined) return 0;
  const equal = commonLength(bytes, at, old.bytes, from, Math.min(bytes.length - at, last - from));
  const shift = at - from;
  let kept = 0;
  for (let index = oldIndex; index < old.entries.length; index += 1) {
    const start = old.starts[index];
    const end = old.ends[index];
    const entry = old.entries[index];
    if (start === undefined || end === undefined || entry === undefined || end > from + equal) break;
    push(list, start + shift, end + shift, entry);
    kept += 1;
  }
  return kept;
};
