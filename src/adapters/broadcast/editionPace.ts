/**
 * When editions come out. At once when things are quiet; otherwise after a pause in parts of what the last one took, so that
 * making and sending them leaves time for everything else. Of an edition only the first part comes out in the same turn: who
 * asks something of this process meanwhile does not wait until everybody has been told.
 */

/** `parts` in order; `events`: how many have happened since the edition before. */
export type Edition = { readonly events: number; readonly parts: readonly (() => void)[] };

export type EditionClock = {
  /** Milliseconds, from anywhere. */
  readonly now: () => number;
  readonly nextTurn: (act: () => void) => void;
};

export type EditionPace = {
  /** There is something to bring out. */
  readonly ask: () => void;
  /** More of the edition was made, which took so long, ms: it is paid for like the rest. */
  readonly made: (tookMs: number) => void;
  /** Somebody has taken it, which took so long, ms. */
  readonly taken: (by: string, tookMs: number) => void;
  readonly stop: () => void;
};

/** Pause after an edition, in parts of what bringing it out and making its documents usually takes, and at most. */
const REST = 2;
const LONGEST_REST_MS = 200;
/** As many events in one edition say that more are on their way: with this pause the next one brings them all. */
const MANY_EVENTS = 60;
const REST_OF_MANY_MS = 20;
/** Nor does the next one come before most have taken this one, which they do the faster the less often they must. */
const LONGEST_TAKING_MS = 1000;
/** How much the last edition counts for what is usual. */
const LEARNING = 1 / 8;
/** Parts that come out in one turn, after the first. */
const TOGETHER = 3;

export const editionClock: EditionClock = {
  now: () => performance.now(),
  nextTurn: (act) => {
    setImmediate(act);
  },
};

/** What half of them took at most, last time; one who is slow or dead holds nobody up. */
const createTakings = () => {
  const last = new Map<string, number>();
  return {
    note: (by: string, tookMs: number): void => {
      last.set(by, tookMs);
    },
    median: (): number => [...last.values()].sort((a, b) => a - b)[last.size >> 1] ?? 0,
  };
};

/** How long nothing comes out after an edition. */
const createRest = (now: () => number) => {
  let until = 0;
  let leastMs = 0;
  let usualMs: number | undefined;
  const takings = createTakings();

  /** One that took long by accident, for instance because memory was tidied up meanwhile, is no reason to rest long. */
  const restOf = (tookMs: number): number =>
    Math.max(leastMs, Math.min(LONGEST_REST_MS, Math.min(tookMs, usualMs ?? tookMs) * REST));

  const after = (tookMs: number): void => {
    usualMs = usualMs === undefined ? tookMs : usualMs + (tookMs - usualMs) * LEARNING;
    until = now() + restOf(tookMs);
  };

  return {
    leftMs: (): number => until - now(),
    after,
    /** For a part that is made later. */
    afterMore: (tookMs: number): void => {
      if (now() + restOf(tookMs) > until) after(tookMs);
    },
    ofMany: (): void => {
      leastMs = Math.max(REST_OF_MANY_MS, Math.min(LONGEST_TAKING_MS, takings.median() * 1.5));
    },
    ofFew: (): void => {
      leastMs = 0;
    },
    taken: takings.note,
  };
};

export const createEditionPace = (bringOut: () => Edition, { now, nextTurn }: EditionClock): EditionPace => {
  const rest = createRest(now);
  let timer: NodeJS.Timeout | undefined;
  /** The last edition, wholly. */
  let isOut = true;
  let isAsked = false;
  let isStopped = false;

  const goOn = (parts: readonly (() => void)[], tookMs: number, count: number): void => {
    if (isStopped) return;
    const begun = now();
    for (const part of parts.slice(0, count)) part();
    const took = tookMs + now() - begun;
    if (parts.length > count) {
      nextTurn(() => goOn(parts.slice(count), took, TOGETHER));
      return;
    }
    isOut = true;
    rest.after(took);
    if (isAsked) ask();
  };

  const run = (): void => {
    timer = undefined;
    isAsked = false;
    isOut = false;
    const begun = now();
    const { events, parts } = bringOut();
    const isMany = events >= MANY_EVENTS;
    if (isMany) rest.ofMany();
    else rest.ofFew();
    // Lanes that are idle make and send within their part. Where much happens, turns are long: nobody waits for many of them.
    goOn(parts, now() - begun, isMany ? parts.length : 1);
  };

  const ask = (): void => {
    isAsked = true;
    if (timer !== undefined || isStopped || !isOut) return;
    const wait = rest.leftMs();
    if (wait > 0) timer = setTimeout(run, Math.max(1, wait));
    else run();
  };

  const stop = (): void => {
    isStopped = true;
    clearTimeout(timer);
  };

  return { ask, made: rest.afterMore, taken: rest.taken, stop };
};
