/** The word somebody probably meant. */

/** Edits (insert, delete, replace, swap of neighbours) that lead from one word to the other. */
export const distance = (a: string, b: string): number => {
  let older: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const isSame = a[i - 1] === b[j - 1];
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const replaced = (previous[j - 1] ?? 0) + (isSame ? 0 : 1);
      const swapped = isSwap ? (older[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY;
      row.push(Math.min(replaced, swapped, (previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1));
    }
    [older, previous] = [previous, row];
  }
  return previous[b.length] ?? 0;
};

/** The candidate closest to the word, if it is close at all: a third of its letters may differ, or it is a beginning. */
export const nearest = (word: string, candidates: readonly string[]): string | undefined => {
  const wanted = word.toLowerCase();
  const begun = candidates.filter((candidate) => wanted.length >= 2 && candidate.startsWith(wanted));
  if (begun.length === 1) return begun[0];
  let best: string | undefined;
  let fewest = Math.floor(Math.max(wanted.length, 3) / 3) + 1;
  for (const candidate of candidates) {
    const edits = distance(wanted, candidate);
    if (edits < fewest) [best, fewest] = [candidate, edits];
  }
  return best;
};
