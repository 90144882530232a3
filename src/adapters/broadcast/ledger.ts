/**
 * The one mutable holder of convergence in this process. What it knows of a cluster is immutable, and so is what it hands out
 * of all of them, put together when somebody asks; who waits for a version is woken when it changes.
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
  const statuses = new Map<string, ClusterStatus>();
  let shown: Convergence | undefined;
  const delivered = new Map<string, DeliveredAt>();
  const watchers = new Set<(cluster: string) => void>();

  /** Changes one cluster as if there were no other: with many of them, a change must not cost a copy of all. */
  const become = (cluster: string, change: (alone: Convergence) => Convergence): void => {
    const before = statuses.get(cluster);
    const after = change(new Map(before === undefined ? [] : [[cluster, before]])).get(cluster);
    if (after === before) return;
    if (after === undefined) statuses.delete(cluster);
    else statuses.set(cluster, after);
    shown = undefined;
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
    become(cluster, (alone) => {
      const next = convergence.deliver(alone, cluster, what.epoch, what.version, what.at);
      return reportsItself ? convergence.expectReports(next, cluster) : next;
    });
  };

  /** A version that is wanted again after a restart may have been delivered long ago. */
  const want = (cluster: string, epoch: number, version: number): void => {
    const isNewEpoch = statuses.get(cluster)?.epoch !== epoch;
    become(cluster, (alone) => convergence.want(alone, cluster, epoch, version, now()));
    const known = delivered.get(cluster);
    if (isNewEpoch && known?.epoch === epoch) take(cluster, known);
  };

  return {
    all: () => {
      shown ??= new Map(statuses);
      return shown;
    },
    of: (cluster) => statuses.get(cluster),
    delivered: (cluster) => delivered.get(cluster),
    want,
    publish: (cluster, version) => become(cluster, (alone) => convergence.publish(alone, cluster, version)),
    deliver: (cluster, what, reportsItself = false) => take(cluster, { ...what, at: now(), reportsItself }),
    fail: (cluster, reason, detail) =>
      become(cluster, (alone) => convergence.fail(alone, cluster, { reason, detail, at: now() })),
    failing: (cluster, failures, { reason, detail }) => {
      const known = statuses.get(cluster);
      const isKnown = known?.failuresInARow === failures && known.lastFailure?.reason === reason;
      if (isKnown) return;
      become(cluster, (alone) => convergence.failing(alone, cluster, failures, { reason, detail, at: now() }));
    },
    report: (cluster, reports) => become(cluster, (alone) => convergence.report(alone, cluster, reports)),
    forget: (cluster) => {
      delivered.delete(cluster);
      become(cluster, (alone) => convergence.forget(alone, cluster));
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
