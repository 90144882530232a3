/**
 * One message about an address from its first attempt until it is answered: never two attempts at once, and pauses between them
 * that grow. What an attempt is, and whether there is room for one now, is not decided here.
 */

export type TellingPorts = {
  /** How long to rest after so many failures, ms. */
  readonly pauseMs: (failures: number) => number;
  /** There may be something to do: the pause is over, or an attempt ended well. */
  readonly again: () => void;
  /** Once aborted nothing is tried again. */
  readonly stopped: AbortSignal;
};

export type Telling = {
  /** An attempt is wanted: none is under way, none rests, and none was answered. */
  readonly isWaiting: () => boolean;
  readonly isUnderway: () => boolean;
  /** The attempt resolves to whether the message is answered and all is done; it must not reject. */
  readonly begin: (attempt: () => Promise<boolean>) => void;
  /** Ends the pause, without an attempt after it. */
  readonly drop: () => void;
  /** Resolves when no attempt is under way. */
  readonly ended: () => Promise<void> | undefined;
};

export const createTelling = ({ pauseMs, again, stopped }: TellingPorts): Telling => {
  let failures = 0;
  let isAnswered = false;
  let running: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  const rest = (): void => {
    failures += 1;
    if (stopped.aborted) return;
    timer = setTimeout(() => {
      timer = undefined;
      again();
    }, pauseMs(failures));
    timer.unref();
  };

  const run = async (attempt: () => Promise<boolean>): Promise<void> => {
    isAnswered = await attempt();
    if (!isAnswered) rest();
  };

  return {
    isWaiting: () => running === undefined && timer === undefined && !isAnswered,
    isUnderway: () => running !== undefined,
    begin: (attempt) => {
      running = run(attempt).finally(() => {
        running = undefined;
        if (timer === undefined) again();
      });
    },
    drop: () => clearTimeout(timer),
    ended: () => running,
  };
};
