/**
 * Words -> the numbers of the events they occur in, in eight bytes an occurrence, however many different words there are. A
 * word is kept as 24 bits of a hash, so what is found may now and then include a stranger: whoever asks looks at the event
 * before believing it. Numbers are added in ascending order and come back in it.
 *
 * Occurrences are gathered unsorted, sorted in runs, and runs of the same size are merged up to a limit: adding costs some
 * twenty nanoseconds, finding a binary search in each of a few runs, and no step ever takes longer than some milliseconds.
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
/** A power of two. */
const GATHERED = 2 ** 14;
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

/** Half the bits of a hash, and how many values they have. */
const DIGIT = 12;
const DIGITS = 2 ** DIGIT;

/** Where the occurrences begin whose hash has a digit, for each of its values. */
const placesOf = (hashes: Uint32Array, count: number, shift: number): Uint32Array => {
  const places = new Uint32Array(DIGITS + 1);
  for (let at = 0; at < count; at += 1) {
    const next = (((hashes[at] as number) >>> shift) & (DIGITS - 1)) + 1;
    places[next] = (places[next] as number) + 1;
  }
  for (let digit = 1; digit < DIGITS; digit += 1)
    places[digit] = (places[digit] as number) + (places[digit - 1] as number);
  return places;
};

/** One run of what was gathered: by the lower half of the hash, then by the upper; numbers stay in the order they came in. */
const sorted = (hashes: Uint32Array, numbers: Uint32Array, count: number): Float64Array => {
  const low = placesOf(hashes, count, 0);
  const order = new Uint32Array(count);
  for (let at = 0; at < count; at += 1) {
    const digit = (hashes[at] as number) & (DIGITS - 1);
    const place = low[digit] as number;
    low[digit] = place + 1;
    order[place] = at;
  }
  const high = placesOf(hashes, count, DIGIT);
  const run = new Float64Array(count);
  for (let at = 0; at < count; at += 1) {
    const from = order[at] as number;
    const hash = hashes[from] as number;
    const digit = hash >>> DIGIT;
    const place = high[digit] as number;
    high[digit] = place + 1;
    run[place] = hash * NUMBERS + (numbers[from] as number);
  }
  return run;
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
  const hashes = new Uint32Array(GATHERED);
  const numbers = new Uint32Array(GATHERED);
  /** Of what is gathered, chained by the lower bits of the hash: place of the newest, and of the one before each. */
  const newest = new Int32Array(GATHERED).fill(-1);
  const before = new Int32Array(GATHERED);
  let count = 0;

  const settle = (): void => {
    if (count === 0) return;
    runs.push(sorted(hashes, numbers, count));
    newest.fill(-1);
    count = 0;
    for (;;) {
      const [earlier, last] = [runs.at(-2), runs.at(-1)];
      if (earlier === undefined || last === undefined) return;
      if (earlier.length > last.length || last.length >= LARGEST_RUN) return;
      runs.splice(-2, 2, merged(earlier, last));
    }
  };

  const gathered = (hash: number): readonly number[] => {
    const found: number[] = [];
    for (let at = newest[hash & (GATHERED - 1)] as number; at >= 0; at = before[at] as number) {
      if (hashes[at] === hash) found.push(numbers[at] as number);
    }
    return found.reverse();
  };

  return {
    add: (kind, word, number) => {
      const hash = hashOf(kind, word);
      const chain = hash & (GATHERED - 1);
      hashes[count] = hash;
      numbers[count] = number;
      before[count] = newest[chain] as number;
      newest[chain] = count;
      count += 1;
      if (count === GATHERED) settle();
    },
    find: (kind, word) => {
      const hash = hashOf(kind, word);
      const start = hash * NUMBERS;
      const end = start + NUMBERS;
      const found: number[] = [];
      for (const run of runs) {
        for (let at = lowerBound(run, start); at < run.length; at += 1) {
          const entry = run[at] as number;
          if (entry >= end) break;
          found.push(entry - start);
        }
      }
      return found.concat(gathered(hash));
    },
    size: () => runs.reduce((sum, run) => sum + run.length, count),
    runs: () => {
      settle();
      return [...runs];
    },
  };
};
