/** A list of numbers that only grows, in eight bytes each. It is cut in blocks, so that growing never copies what is there. */

export type Growing = {
  readonly push: (value: number) => void;
  readonly at: (index: number) => number | undefined;
  readonly last: () => number | undefined;
  readonly length: () => number;
  /** For an ascending list: index of the first element greater than `value`. */
  readonly above: (value: number) => number;
  readonly forEach: (see: (value: number, index: number) => void) => void;
  /** Of the first such value, -1 when there is none. Reads through all of it. */
  readonly indexOf: (value: number) => number;
  /** All of it as one, copied. */
  readonly values: () => Float64Array;
};

const BLOCK = 2 ** 16;

/** Starts with a copy of `first`. */
export const growingOf = (first: Float64Array): Growing => {
  const blocks: Float64Array[] = [];
  let length = 0;

  const push = (value: number): void => {
    const place = length & (BLOCK - 1);
    if (place === 0) blocks.push(new Float64Array(BLOCK));
    (blocks[blocks.length - 1] as Float64Array)[place] = value;
    length += 1;
  };

  const at = (index: number): number | undefined =>
    index >= 0 && index < length ? blocks[Math.floor(index / BLOCK)]?.[index & (BLOCK - 1)] : undefined;

  for (let start = 0; start < first.length; start += BLOCK) {
    const block = new Float64Array(BLOCK);
    block.set(first.subarray(start, start + BLOCK));
    blocks.push(block);
  }
  length = first.length;

  return {
    push,
    at,
    last: () => at(length - 1),
    length: () => length,
    above: (value) => {
      let low = 0;
      let high = length;
      while (low < high) {
        const middle = Math.floor((low + high) / 2);
        if ((at(middle) as number) <= value) low = middle + 1;
        else high = middle;
      }
      return low;
    },
    forEach: (see) => {
      for (let index = 0; index < length; index += 1) see(at(index) as number, index);
    },
    indexOf: (value) => {
      for (const [number, block] of blocks.entries()) {
        const place = block.indexOf(value);
        if (place >= 0) return number * BLOCK + place < length ? number * BLOCK + place : -1;
      }
      return -1;
    },
    values: () => {
      const all = new Float64Array(length);
      blocks.forEach((block, index) => {
        all.set(block.subarray(0, Math.min(BLOCK, length - index * BLOCK)), index * BLOCK);
      });
      return all;
    },
  };
};
