/**
 * The one mutable holder of convergence in this process. Everything it knows is an immutable `Convergence`; who waits for a
 * version is woken when it changes.
 */
import type { ClusterStatus, Convergence, NodeStatus } from '../../projections/convergence.ts';
import * as convergence from '../../projections/convergence.ts';

/** What a cluster controller has answered true to. */
export type Delivered = { readonly epoch: number; readonly version: number; readonly digest: string };

export type Ledger = {
  readonly all: () => Convergence;
  readonly of: (cluster: string) => ClusterStatus | undefined;
  readonly delivered: (cluster: string) => Delivered | undefined;
  readonly want: (cluster: string, epoch: number, version: number) => void;
  readonly publish: (cluster: string, version: number) => void;
  readonly deliver: (cluster: string, delivered: Delivered) => void;
  readonly fail: (cluster: string, reason: string, detail: string) => void;
  readonly report: (cluster: string, reports: readonly NodeStatus[]) => void;
  readonly forget: (cluster: string) => void;
  /** What the delivery log says was delivered before this process started. */
  readonly recall: (cluster: string, delivered: Delivered) => void;
  /** Called after every change with the cluster concerned; returns how to stop. */
  readonly watch: (onChange: (cluster: string) => void) => () => void;
};

export const createLedger = (now: () => number): Ledger => {
  let all: Convergence = new Map();
  const delivered = new Map<string, Delivered>();
  const watchers = new Set<(cluster: string) => void>();

  const become = (cluster: string, next: Convergence): void => {
    all = next;
    for (const watcher of [...watchers]) watcher(cluster);
  };

  return {
    all: () => all,
    of: (cluster) => all.get(cluster),
    delivered: (cluster) => delivered.get(cluster),
    want: (cluster, epoch, version) => become(cluster, convergence.want(all, cluster, epoch, version, now())),
    publish: (cluster, version) => become(cluster, convergence.publish(all, cluster, version)),
    deliver: (cluster, what) => {
      delivered.set(cluster, what);
      become(cluster, convergence.deliver(all, cluster, what.epoch, what.version, now()));
    },
    fail: (cluster, reason, detail) => become(cluster, convergence.fail(all, cluster, { reason, detail, at: now() })),
    report: (cluster, reports) => become(cluster, convergence.report(all, cluster, reports)),
    forget: (cluster) => {
      delivered.delete(cluster);
      become(cluster, convergence.forget(all, cluster));
    },
    recall: (cluster, what) => {
      delivered.set(cluster, what);
      become(cluster, convergence.deliver(all, cluster, what.epoch, what.version, now()));
    },
    watch: (onChange) => {
      watchers.add(onChange);
      return () => watchers.delete(onChange);
    },
  };
};
