/**
 * How word travels upward between our own controllers: the newest word is posted as JSON until it was heard, and again every
 * so often, because the listener may have forgotten it. Level-triggered: only the latest word counts.
 */
import { createWordPost, type WordPostOptions } from './wordPost.ts';

export type Reporter = { readonly poke: () => void; readonly stop: () => Promise<void> };

export type ReporterOptions = WordPostOptions & {
  /** The word now; undefined when there is nothing to say yet. */
  readonly word: () => unknown;
  readonly againEveryMs: number;
  readonly onFault: (reason: string) => void;
};

const RETRY_FIRST_MS = 250;
const RETRY_CAP_MS = 15_000;
const TELL_AFTER = 3;

/** How often in a row nobody heard. Told when it lasts, and once, not every second: at start the listener may not be there yet. */
const createFailures = (onFault: (reason: string) => void, isStopped: () => boolean) => {
  let inARow = 0;
  let lastTold = '';
  return {
    inARow: () => inARow,
    end: (): void => {
      inARow = 0;
      lastTold = '';
    },
    add: (reason: string, detail: string): void => {
      inARow += 1;
      if (inARow < TELL_AFTER || reason === lastTold || isStopped()) return;
      onFault(`${reason} ${detail}`.trim());
      lastTold = reason;
    },
  };
};

const retryMs = (failures: number): number =>
  Math.min(RETRY_CAP_MS, RETRY_FIRST_MS * 2 ** Math.min(failures, 10)) * (0.5 + Math.random() / 2);

export const createReporter = (options: ReporterOptions): Reporter => {
  let wanted = false;
  let running: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  const abort = new AbortController();
  const failures = createFailures(options.onFault, () => abort.signal.aborted);
  const post = createWordPost(options);

  const say = async (word: unknown): Promise<boolean> => {
    const hearing = await post(word, abort.signal);
    if (hearing.isHeard) failures.end();
    else failures.add(hearing.reason, hearing.detail);
    return hearing.isHeard;
  };

  const later = (ms: number): void => {
    clearTimeout(timer);
    if (abort.signal.aborted) return;
    timer = setTimeout(poke, ms);
    timer.unref();
  };

  const drain = async (): Promise<void> => {
    let heard = true;
    while (wanted && !abort.signal.aborted) {
      wanted = false;
      const word = options.word();
      heard = word === undefined || (await say(word));
      if (!heard) break;
    }
    later(heard ? options.againEveryMs : retryMs(failures.inARow()));
  };

  const poke = (): void => {
    if (abort.signal.aborted) return;
    wanted = true;
    running ??= drain().finally(() => {
      running = undefined;
      // Wished for after the last look and before now: nobody else would start again for it.
      if (wanted && failures.inARow() === 0) poke();
    });
  };

  return {
    poke,
    stop: async () => {
      abort.abort();
      clearTimeout(timer);
      await running;
    },
  };
};
