/**
 * A leaf's entries as one buffer. When one of some dozens of entries changes, the bytes of the others are copied from the leaf
 * before instead of being written again: the same bytes, without the texts in between. What is the very same object in both
 * has the same text; nothing else is taken for the same.
 */
import type { Leaf } from '../trieNodes.ts';

/** The text of one entry. */
export type Fragment<V> = (key: string, value: V) => string;

/** `ends[i]` is where the text of entry `i` ends in the bytes. */
export type Joined = { readonly bytes: Buffer; readonly ends: readonly number[] };

const endsOf = (lengths: readonly number[]): readonly number[] => {
  let end = 0;
  return lengths.map((length) => {
    end += length;
    return end;
  });
};

export const joined = <V>({ keys, values }: Leaf<V>, fragment: Fragment<V>): Joined => {
  const texts = keys.map((key, index) => fragment(key, values[index] as V));
  const bytes = Buffer.from(texts.join(''));
  const ends = endsOf(texts.map((text) => text.length));
  // Where some character takes more than a byte, bytes are counted instead.
  const isPlain = (ends.at(-1) ?? 0) === bytes.length;
  return { bytes, ends: isPlain ? ends : endsOf(texts.map((text) => Buffer.byteLength(text))) };
};

/** What `joined` makes of `leaf`; `known` is what it made of `before`. */
export const spliced = <V>(leaf: Leaf<V>, before: Leaf<V>, known: Joined, fragment: Fragment<V>): Joined => {
  const chunks: Buffer[] = [];
  const lengths: number[] = [];
  /** Bytes of neighbours that stay neighbours are copied together. */
  let run = { from: 0, to: 0 };
  const endRun = (next: typeof run): void => {
    if (run.to > run.from) chunks.push(known.bytes.subarray(run.from, run.to));
    run = next;
  };
  let at = 0;
  for (let index = 0; index < leaf.keys.length; index += 1) {
    const key = leaf.keys[index] as string;
    const value = leaf.values[index] as V;
    while (at < before.keys.length && (before.keys[at] as string) < key) at += 1;
    if (before.keys[at] === key && before.values[at] === value) {
      const from = at === 0 ? 0 : (known.ends[at - 1] ?? 0);
      const to = known.ends[at] ?? from;
      if (from === run.to) run.to = to;
      else endRun({ from, to });
      lengths.push(to - from);
    } else {
      endRun({ from: 0, to: 0 });
      const bytes = Buffer.from(fragment(key, value));
      chunks.push(bytes);
      lengths.push(bytes.length);
    }
  }
  endRun({ from: 0, to: 0 });
  return { bytes: Buffer.concat(chunks), ends: endsOf(lengths) };
};
