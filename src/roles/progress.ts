/** A line that shows how a long piece of work goes on: rewritten on a terminal, silent elsewhere and when it is short. */

/** Positions: where the work is, and where it ends. */
export type Way = { readonly at: number; readonly end: number };

export type ProgressLine = {
  readonly show: (done: number, way?: Way) => void;
  readonly done: (total: number) => void;
};

const SILENT_MS = 1_000;
const EVERY_MS = 200;

export const progressLine = (what: string, stream = process.stderr, now: () => number = Date.now): ProgressLine => {
  const started = now();
  let shownAt = 0;
  const rate = (count: number): number => Math.round(count / Math.max(0.001, (now() - started) / 1000));
  let first: { readonly at: number; readonly time: number } | undefined;
  /** As fast as from the first position that was seen. */
  const left = ({ at, end }: Way): string => {
    first ??= { at, time: now() };
    if (at <= first.at || end <= at) return '';
    const seconds = ((now() - first.time) / 1000) * ((end - at) / (at - first.at));
    return `, about ${Math.ceil(seconds)} s left`;
  };
  return {
    show: (count, way) => {
      const rest = way === undefined ? '' : left(way);
      if (!stream.isTTY || now() - started < SILENT_MS || now() - shownAt < EVERY_MS) return;
      shownAt = now();
      // Whatever stood there before may have been longer.
      stream.write(`\r${what}: ${count} events, ${rate(count)}/s${rest}\u001b[K`);
    },
    done: (total) => {
      if (shownAt > 0) stream.write(`\r${what}: ${total} events, ${rate(total)}/s, done\u001b[K\n`);
    },
  };
};
