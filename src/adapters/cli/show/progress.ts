/** A line that says how far a long piece of work is. Only on a terminal: in a log it would be noise. */
import type { CliIo } from '../io.ts';
import { escapeLine } from './text.ts';

export type Progress = {
  readonly show: (words: string) => void;
  /** Takes the line away, so that what follows stands alone. */
  readonly clear: () => void;
};

const wipe = '\r\u001b[2K';

export const progressOn = (io: CliIo, isQuiet: boolean): Progress => {
  if (!io.stderr.isTerminal || isQuiet) return { show: () => undefined, clear: () => undefined };
  let isShown = false;
  return {
    show: (words) => {
      isShown = true;
      void io.stderr.write(`${wipe}${escapeLine(words)}`);
    },
    clear: () => {
      if (isShown) void io.stderr.write(wipe);
      isShown = false;
    },
  };
};
