/**
 * The one mutable holder of convergence in this process. Everything it knows is an immutable `Convergence`; who waits for a
 * version is woken when it changes.
 */
import type { ClusterStatus, Convergence, Failure, NodeStatus } from '../../projections/convergence.ts';
import * as convergence from '../../projections/convergence.ts';

/** What a cluster controller has answered true to. */
export type Delivered = { readonly epoch: number; readonly version: number; readonly digest: string };

/** `at`: when, ms. `reportsItself`: its answer showed that it is a controller of ours. */
export type DeliveredAt = Delivered & { readonly at: number; readonly reportsItself: boolean };

export type Ledger = {
  readonly all: () => Convergence;
  readonly of: (cluster: string) => ClusterStatus | undefined;
  readonly delivered: (cluster: string) => DeliveredAt | undefined;
  readonly want: (cluster: string, epoch: number, version: number) => void;
  readonly publish: (cluster: string, version: number) => void;
  readonly deliver: (cluster: string, delivered: Delivered, reportsItself?: boolean) => void;
  readonly fail: (cluster: string, reason: string, detail: string) => void;
  readonly report: (cluster: string, reports: readonly NodeStatus[]) => void;
  readonly forget: (cluster: string) => void;
  /** What another process that delivers says of its attempts. */
  readonly failing: (cluster: string, failures: number, failure: Omit<Failure, 'at'>) => void;
  /** What the delivery log says was delivered, before this process started or by another one. */
  readonly recall: (cluster: string, delivered: DeliveredAt) => void;
  /** Called after every change with the cluster concerned; returns how to stop. */
  readonly watch: (onChange: (cluster: string) => void) => () => void;
};

export const createLedger = (now: () => number): Ledger => {
  let all: Convergence = new Map();
  const delivered = new Map<string, DeliveredAt>();
  const watchers = new Set<(cluster: string) => void>();

  const become = (cluster: string, next: Convergence): void => {
    if (next === all) return;
    all = next;
    for (const watcher of [...watchers]) watcher(cluster);
  };

  const isNewer = (cluster: string, { epoch, version, at }: DeliveredAt): boolean => {
    const known = delivered.get(cluster);
    if (known === undefined || known.epoch !== epoch) return known === undefined || epoch > known.epoch;
    return version > known.version || (version === known.version && at > known.at);
  };

  const take = (cluster: string, what: DeliveredAt): void => {
    const reportsItself = what.reportsItself || delivered.get(cluster)?.reportsItself === true;
    delivered.set(cluster, { ...what, reportsItself });
    const next = convergence.deliver(all, cluster, what.epoch, what.version, what.at);
    become(cluster, reportsItself ? convergence.expectReports(next, cluster) : next);
  };

  /** A version that is wanted again after a restart may have been delivered long ago. */
  const want = (cluster: string, epoch: number, version: number): void => {
    const isNewEpoch = all.get(cluster)?.epoch !== epoch;
    become(cluster, convergence.want(all, cluster, epoch, version, now()));
    const known = delivered.get(cluster);
    if (isNewEpoch && known?.epoch === epoch) take(cluster, known);
  };

  return {
    all: () => all,
    of: (cluster) => all.get(cluster),
    delivered: (cluster) => delivered.get(cluster),
    want,
    publish: (cluster, version) => become(cluster, convergence.publish(all, cluster, version)),
    deliver: (cluster, what, reportsItself = false) => take(cluster, { ...what, at: now(), reportsItself }),
    fail: (cluster, reason, detail) => become(cluster, convergence.fail(all, cluster, { reason, detail, at: now() })),
    failing: (cluster, failures, { reason, detail }) => {
      const known = all.get(cluster);
      const isKnown = known?.failuresInARow === failures && known.lastFailure?.reason === reason;
      if (!isKnown) become(cluster, convergence.failing(all, cluster, failures, { reason, detail, at: now() }));
    },
    report: (cluster, reports) => become(cluster, convergence.report(all, cluster, reports)),
    forget: (cluster) => {
      delivered.delete(cluster);
      become(cluster, convergence.forget(all, cluster));
    },
    recall: (cluster, what) => {
      if (isNewer(cluster, what)) take(cluster, what);
    },
    watch: (onChange) => {
      watchers.add(onChange);
      return () => watchers.delete(onChange);
    },
  };
};
