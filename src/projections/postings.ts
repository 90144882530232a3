/**
 * Words -> the numbers of the events they occur in, in eight bytes an occurrence, however many different words there are. A
 * word is kept as 24 bits of a hash, so what is found may now and then include a stranger: whoever asks looks at the event
 * before believing it. Numbers are added in ascending order and come back in it.
 *
 * Occurrences are gathered unsorted, sorted in small runs, and runs of the same size are merged up to a limit: adding costs a
 * fraction of a microsecond, finding a binary search in each of a few runs, and no step ever takes long.
 */

export type Postings = {
  /** `kind` keeps equal words of different meaning apart. */
  readonly add: (kind: number, word: string, number: number) => void;
  /** Ascending; complete, but perhaps with strangers. */
  readonly find: (kind: number, word: string) => readonly number[];
  readonly size: () => number;
  /** Runs that hold everything added so far, to be taken up again by `postingsOf`. */
  readonly runs: () => readonly Float64Array[];
};

/** Numbers below this fit beside 24 bits of hash into the 53 bits of a float. */
const NUMBERS = 2 ** 29;
const GATHERED = 1024;
/** Merging two runs of this size takes some milliseconds; larger ones stay apart. */
const LARGEST_RUN = 2 ** 19;

const HASHES = 2 ** 24;

/** FNV-1a over UTF-16 code units with a final mix, 24 bits. Stable for ever: runs may be kept on disk. */
const hashOf = (kind: number, word: string): number => {
  let hash = 0x811c9dc5 ^ kind;
  for (let index = 0; index < word.length; index += 1) {
    hash = Math.imul(hash ^ word.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) & (HASHES - 1);
};

const merged = (a: Float64Array, b: Float64Array): Float64Array => {
  const all = new Float64Array(a.length + b.length);
  let at = 0;
  let left = 0;
  let right = 0;
  while (left < a.length && right < b.length) {
    const one = a[left] as number;
    const other = b[right] as number;
    if (one <= other) {
      all[at] = one;
      left += 1;
    } else {
      all[at] = other;
      right += 1;
    }
    at += 1;
  }
  all.set(left < a.length ? a.subarray(left) : b.subarray(right), at);
  return all;
};

/** Index of the first element that is `value` or more. */
const lowerBound = (run: Float64Array, value: number): number => {
  let low = 0;
  let high = run.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((run[middle] as number) < value) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** From nothing, or from what `runs` gave, which is not changed. */
export const postingsOf = (taken: readonly Float64Array[]): Postings => {
  const runs = [...taken];
  let gathered = new Float64Array(GATHERED);
  let count = 0;

  const settle = (): void => {
    if (count === 0) return;
    runs.push(gathered.subarray(0, count).sort());
    gathered = new Float64Array(GATHERED);
    count = 0;
    for (;;) {
      const [before, last] = [runs.at(-2), runs.at(-1)];
      if (before === undefined || last === undefined) return;
      if (before.length > last.length || last.length >= LARGEST_RUN) return;
      runs.splice(-2, 2, merged(before, last));
    }
  };

  return {
    add: (kind, word, number) => {
      gathered[count] = hashOf(kind, word) * NUMBERS + number;
      count += 1;
      if (count === GATHERED) settle();
    },
    find: (kind, word) => {
      const start = hashOf(kind, word) * NUMBERS;
      const end = start + NUMBERS;
      const found: number[] = [];
      for (const run of runs) {
        for (let at = lowerBound(run, start); at < run.length; at += 1) {
          const entry = run[at] as number;
          if (entry >= end) break;
          found.push(entry - start);
        }
      }
      for (let at = 0; at < count; at += 1) {
        const entry = gathered[at] as number;
        if (entry >= start && entry < end) found.push(entry - start);
      }
      return found;
    },
    size: () => runs.reduce((sum, run) => sum + run.length, count),
    runs: () => {
      settle();
      return [...runs];
    },
  };
};
