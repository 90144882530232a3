/**
 * Which lines of a text went and which came, by the shortest list of both (Myers' greedy algorithm) as far as that is
 * affordable; beyond it the differing middle counts as replaced. Applied to the old lines it gives the new ones, always.
 */

/** `sign` is ` ` for a line both have, `-` for one that went, `+` for one that came. */
export type Line = { readonly sign: ' ' | '-' | '+'; readonly text: string };

/** Edits looked for at most: beyond it finding the shortest list costs more than it tells. */
const MOST_EDITS = 2_000;

const signed = (sign: Line['sign'], texts: readonly string[]): readonly Line[] => texts.map((text) => ({ sign, text }));

/** How far one gets on each diagonal, with one edit less: of `edits` edits, diagonal `k` stands at `k + edits + 1`. */
type Reach = Int32Array;

const reachIn = (reach: Reach, edits: number, k: number): number => reach[k + edits + 1] as number;

/** Whether the furthest way to diagonal `k` with so many edits takes a line of the new text. */
const isDown = (reach: Reach, edits: number, k: number): boolean =>
  k === -edits || (k !== edits && reachIn(reach, edits, k - 1) < reachIn(reach, edits, k + 1));

/** Frontiers of each number of edits, up to the one that reaches the end; undefined when there are too many. */
const frontiers = (a: readonly string[], b: readonly string[]): readonly Reach[] | undefined => {
  const trace: Reach[] = [];
  let reach: Reach = new Int32Array(3);
  for (let edits = 0; edits <= Math.min(MOST_EDITS, a.length + b.length); edits += 1) {
    trace.push(reach);
    const next = new Int32Array(2 * edits + 5).fill(-1);
    for (let k = -edits; k <= edits; k += 2) {
      let x = isDown(reach, edits, k) ? reachIn(reach, edits, k + 1) : reachIn(reach, edits, k - 1) + 1;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x += 1;
      next[k + edits + 2] = x;
      if (x >= a.length && x - k >= b.length) return trace;
    }
    reach = next;
  }
  return undefined;
};

const walkedBack = (a: readonly string[], b: readonly string[], trace: readonly Reach[]): readonly Line[] => {
  const lines: Line[] = [];
  let [x, y] = [a.length, b.length];
  for (let edits = trace.length - 1; edits >= 0; edits -= 1) {
    const reach = trace[edits] as Reach;
    const k = x - y;
    const down = isDown(reach, edits, k);
    const from = down ? k + 1 : k - 1;
    const fromX = edits === 0 ? 0 : reachIn(reach, edits, from);
    const fromY = edits === 0 ? 0 : fromX - from;
    while (x > fromX && y > fromY && a[x - 1] === b[y - 1]) {
      x -= 1;
      y -= 1;
      lines.push({ sign: ' ', text: a[x] as string });
    }
    if (edits === 0) break;
    lines.push(down ? { sign: '+', text: b[fromY] as string } : { sign: '-', text: a[fromX] as string });
    [x, y] = [fromX, fromY];
  }
  return lines.reverse();
};

/** Lines that went and came, with the equal ones between: what both begin and end with is not looked at. */
export const lineDiff = (a: readonly string[], b: readonly string[]): readonly Line[] => {
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
  const [oldMiddle, newMiddle] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  const trace = frontiers(oldMiddle, newMiddle);
  const middle =
    trace === undefined
      ? [...signed('-', oldMiddle), ...signed('+', newMiddle)]
      : walkedBack(oldMiddle, newMiddle, trace);
  return [...signed(' ', a.slice(0, start)), ...middle, ...signed(' ', a.slice(a.length - end))];
};

/** Only what changed with `around` lines of context; what is passed over is one line `...`. */
export const withContext = (lines: readonly Line[], around: number): readonly Line[] => {
  const isNear = new Uint8Array(lines.length);
  lines.forEach(({ sign }, at) => {
    if (sign === ' ') return;
    isNear.fill(1, Math.max(0, at - around), Math.min(lines.length, at + around + 1));
  });
  return lines.flatMap((line, at) =>
    isNear[at] === 1 ? [line] : isNear[at - 1] === 1 ? [{ sign: ' ', text: '...' }] : [],
  );
};
