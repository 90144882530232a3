/**
 * The latest document of each cluster, and the nudges that follow from a new one. A document is made when somebody takes it,
 * not when the network changes: what is overtaken before it is sent is never rendered.
 *
 * Nudges come out in editions: at once when things are quiet, and when changes come faster than their documents can be made
 * and sent, as often as a part of the time allows. All lanes then go from edition to edition together, and what is made for
 * one serves all; those whose own things changed last go first. Whoever reads gets what is newest, edition or not.
 */
import { createEditionPace, type EditionClock, editionClock } from './editionPace.ts';
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
  /** A document was pushed, which took so long, ms. */
  readonly pushed: (cluster: string, tookMs: number) => void;
  readonly stop: () => void;
};

type Shown = { readonly epoch: number; readonly version: number };

/** To be brought out with an edition, as it was when that was put together. */
type Due = { readonly cluster: string; readonly one: Shown; readonly nearest: number };

/** Clusters whose own things changed last together, then the others one by one. */
const inOrder = (due: readonly Due[]): readonly (readonly Due[])[] => {
  const sorted = [...due].sort((a, b) => b.nearest - a.nearest);
  const own = sorted.filter(({ nearest }) => nearest === sorted[0]?.nearest);
  return [own, ...sorted.slice(own.length).map((other) => [other])];
};

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

export const createDocumentBoard = <N extends object, D>(
  ledger: Ledger,
  ports: BoardPorts<N, D>,
  clock: EditionClock = editionClock,
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

  const changed = (network: N): readonly Due[] =>
    [...shown].flatMap(([cluster, one]): readonly Due[] =>
      out.get(cluster) === one ? [] : [{ cluster, one, nearest: ports.nearest(network, cluster) }],
    );

  /** A cluster may have been forgotten since the edition was put together. */
  const publish = ({ cluster, one }: Due): void => {
    if (!shown.has(cluster)) return;
    out.set(cluster, one);
    ports.nudge(cluster);
    ledger.publish(cluster, one.version);
  };

  const pace = createEditionPace(() => {
    if (newest === undefined) return { events: 0, parts: [] };
    const events = edition === undefined ? 0 : ports.position(newest) - ports.position(edition);
    edition = newest;
    return { events, parts: inOrder(changed(newest)).map((due) => () => due.forEach(publish)) };
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
      const begun = clock.now();
      const document = shelf.take(edition, cluster, one);
      pace.made(clock.now() - begun);
      return document;
    },
    wanted: (cluster) => shown.get(cluster)?.version,
    clusters: () => [...shown.keys()],
    pushed: pace.taken,
    stop: pace.stop,
  };
};
