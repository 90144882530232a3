/**
 * The latest document of each cluster, and the nudges that follow from a new one. A document is made when somebody takes it,
 * not when the network changes: what is overtaken before it is sent is never rendered.
 *
 * Nudges come out in editions: at once when things are quiet, and when changes come faster than their documents can be made
 * and sent, as often as a part of the time allows. All lanes then go from edition to edition together, and what is made for
 * one serves all; those whose own things changed last go first. Whoever reads gets what is newest, edition or not.
 */
import type { Ledger } from './ledger.ts';

/** What the board needs to know of the read model. */
export type BoardPorts<N, D> = {
  readonly clusters: (network: N) => readonly string[];
  /** Undefined when the cluster gets no document. */
  readonly version: (network: N, cluster: string) => number | undefined;
  readonly epoch: (network: N) => number;
  /** Of the newest event in it. */
  readonly position: (network: N) => number;
  /** The newest position that concerns the cluster itself; one document may tell of others as well. */
  readonly nearest: (network: N, cluster: string) => number;
  readonly make: (network: N, cluster: string) => D | undefined;
  readonly nudge: (cluster: string) => void;
};

export type DocumentBoard<N, D> = {
  /** A new network: whose version moved is wanted, and nudged and thereby published with the next edition. */
  readonly show: (network: N) => void;
  /** For readers: of the newest network. */
  readonly latest: (cluster: string) => D | undefined;
  /** For lanes: of the newest edition. */
  readonly due: (cluster: string) => D | undefined;
  readonly wanted: (cluster: string) => number | undefined;
  readonly clusters: () => readonly string[];
  readonly stop: () => void;
};

/**
 * Pause after an edition, in parts of what bringing it out and making its documents usually takes, and at most.
 */
const REST = 3;
const LONGEST_REST_MS = 200;
/** As many events in one edition say that more are on their way: with this pause the next one brings them all. */
const MANY_EVENTS = 40;
const REST_OF_MANY_MS = 20;
/** How much the last edition counts for what is usual. */
const LEARNING = 1 / 8;

type Shown = { readonly epoch: number; readonly version: number };

/** Documents made of one network after the other, each once. */
const createShelf = <N extends object, D>(ports: BoardPorts<N, D>) => {
  const made = new Map<string, { readonly shown: Shown; readonly document: D | undefined }>();
  return {
    take: (network: N, cluster: string, shown: Shown): D | undefined => {
      const known = made.get(cluster);
      // A version says the same for ever: a network that did not move it changes nothing.
      if (known?.shown.epoch === shown.epoch && known.shown.version === shown.version) return known.document;
      const document = ports.make(network, cluster);
      made.set(cluster, { shown, document });
      return document;
    },
    drop: (cluster: string): void => {
      made.delete(cluster);
    },
  };
};

/**
 * Calls `bringOut` at once, or as soon as the rest after the last call is over; it answers how many events it has brought out.
 * `clock` in ms, from anywhere.
 */
const createPace = (bringOut: () => number, clock: () => number) => {
  let restUntil = 0;
  let leastMs = 0;
  let usualMs = 0;
  let timer: NodeJS.Timeout | undefined;
  const run = (): void => {
    timer = undefined;
    const begun = clock();
    // Idle lanes make and send within the nudge.
    leastMs = bringOut() < MANY_EVENTS ? 0 : REST_OF_MANY_MS;
    rest(clock() - begun);
  };
  /** One that took long by accident, for instance because memory was tidied up meanwhile, is no reason to rest long. */
  const restOf = (tookMs: number): number => Math.max(leastMs, Math.min(LONGEST_REST_MS, Math.min(tookMs, usualMs) * REST));
  const rest = (tookMs: number): void => {
    usualMs += (tookMs - usualMs) * LEARNING;
    restUntil = clock() + restOf(tookMs);
  };
  return {
    ask: (): void => {
      if (timer !== undefined) return;
      const wait = restUntil - clock();
      if (wait <= 0) run();
      else timer = setTimeout(run, Math.max(1, wait));
    },
    /** Lanes that were busy when the edition came out make theirs later: that is paid for like the rest. */
    made: (tookMs: number): void => {
      if (clock() + restOf(tookMs) > restUntil) rest(tookMs);
    },
    stop: (): void => clearTimeout(timer),
  };
};

export const createDocumentBoard = <N extends object, D>(
  ledger: Ledger,
  ports: BoardPorts<N, D>,
  clock: () => number = () => performance.now(),
): DocumentBoard<N, D> => {
  const shown = new Map<string, Shown>();
  /** Nudged and thereby published. */
  const out = new Map<string, Shown>();
  const shelf = createShelf(ports);
  let newest: N | undefined;
  let edition: N | undefined;

  const consider = (network: N, cluster: string): void => {
    const version = ports.version(network, cluster);
    if (version === undefined) {
      shown.delete(cluster);
      return;
    }
    const epoch = ports.epoch(network);
    const known = shown.get(cluster);
    if (known?.epoch === epoch && known.version === version) return;
    shown.set(cluster, { epoch, version });
    ledger.want(cluster, epoch, version);
  };

  /** Clusters that are not out as shown, the nearest to what happened first. */
  const changed = (network: N): readonly string[] => {
    const due = [...shown].flatMap(([cluster, one]) => (out.get(cluster) === one ? [] : cluster));
    if (due.length < 2) return due;
    const nearest = new Map(due.map((cluster) => [cluster, ports.nearest(network, cluster)]));
    return due.sort((a, b) => (nearest.get(b) ?? -1) - (nearest.get(a) ?? -1));
  };

  const pace = createPace(() => {
    if (newest === undefined) return 0;
    const events = edition === undefined ? 0 : ports.position(newest) - ports.position(edition);
    edition = newest;
    const due = changed(newest);
    for (const cluster of due) {
      const one = shown.get(cluster);
      if (one === undefined) continue;
      out.set(cluster, one);
      ports.nudge(cluster);
      ledger.publish(cluster, one.version);
    }
    return events;
  }, clock);

  const forget = (cluster: string): void => {
    shown.delete(cluster);
    out.delete(cluster);
    shelf.drop(cluster);
  };

  return {
    show: (network) => {
      newest = network;
      const clusters = new Set(ports.clusters(network));
      for (const cluster of clusters) consider(network, cluster);
      for (const cluster of shown.keys()) if (!clusters.has(cluster)) forget(cluster);
      pace.ask();
    },
    latest: (cluster) => {
      const one = shown.get(cluster);
      return newest === undefined || one === undefined ? undefined : shelf.take(newest, cluster, one);
    },
    due: (cluster) => {
      const one = out.get(cluster);
      if (edition === undefined || one === undefined) return undefined;
      const begun = clock();
      const document = shelf.take(edition, cluster, one);
      pace.made(clock() - begun);
      return document;
    },
    wanted: (cluster) => shown.get(cluster)?.version,
    clusters: () => [...shown.keys()],
    stop: pace.stop,
  };
};
