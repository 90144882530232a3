/**
 * The latest document of each cluster, and the nudges that follow from a new one. A document is made when somebody takes it,
 * not when the network changes: what is overtaken before it is sent is never rendered.
 */
import type { Ledger } from './ledger.ts';

/** What the board needs to know of the read model. */
export type BoardPorts<N, D> = {
  readonly clusters: (network: N) => readonly string[];
  /** Undefined when the cluster gets no document. */
  readonly version: (network: N, cluster: string) => number | undefined;
  readonly epoch: (network: N) => number;
  readonly make: (network: N, cluster: string) => D | undefined;
  readonly nudge: (cluster: string) => void;
};

export type DocumentBoard<N, D> = {
  /** A new network: whose version moved is wanted, nudged and thereby published. */
  readonly show: (network: N) => void;
  readonly latest: (cluster: string) => D | undefined;
  readonly wanted: (cluster: string) => number | undefined;
  readonly clusters: () => readonly string[];
};

type Shown = { readonly epoch: number; readonly version: number };

export const createDocumentBoard = <N extends object, D>(
  ledger: Ledger,
  ports: BoardPorts<N, D>,
): DocumentBoard<N, D> => {
  const shown = new Map<string, Shown>();
  const made = new Map<string, { readonly shown: Shown; readonly document: D | undefined }>();
  let newest: N | undefined;

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
    ports.nudge(cluster);
    ledger.publish(cluster, version);
  };

  return {
    show: (network) => {
      newest = network;
      const clusters = new Set(ports.clusters(network));
      for (const cluster of clusters) consider(network, cluster);
      for (const cluster of shown.keys()) {
        if (clusters.has(cluster)) continue;
        shown.delete(cluster);
        made.delete(cluster);
      }
    },
    latest: (cluster) => {
      const wanted = shown.get(cluster);
      if (newest === undefined || wanted === undefined) return undefined;
      const known = made.get(cluster);
      // A version says the same for ever: a network that did not move it changes nothing.
      if (known?.shown === wanted) return known.document;
      const document = ports.make(newest, cluster);
      made.set(cluster, { shown: wanted, document });
      return document;
    },
    wanted: (cluster) => shown.get(cluster)?.version,
    clusters: () => [...shown.keys()],
  };
};
