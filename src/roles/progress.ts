/** A line that shows how a long piece of work goes on: rewritten on a terminal, silent elsewhere and when it is short. */

export type ProgressLine = { readonly show: (done: number) => void; readonly done: (total: number) => void };

const SILENT_MS = 1_000;
const EVERY_MS = 200;

export const progressLine = (what: string, stream = process.stderr, now: () => number = Date.now): ProgressLine => {
  const started = now();
  let shownAt = 0;
  const rate = (count: number): number => Math.round(count / Math.max(0.001, (now() - started) / 1000));
  return {
    show: (count) => {
      if (!stream.isTTY || now() - started < SILENT_MS || now() - shownAt < EVERY_MS) return;
      shownAt = now();
      stream.write(`\r${what}: ${count} events, ${rate(count)}/s`);
    },
    done: (total) => {
      if (shownAt > 0) stream.write(`\r${what}: ${total} events, ${rate(total)}/s, done\n`);
    },
  };
};
