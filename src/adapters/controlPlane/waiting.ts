/** Waits until a change has got as far as somebody wants to know it, or says what is still missing. */
import type { Network } from '../../projections/network/views.ts';
import type { ClusterProgress } from './convergenceView.ts';

export type WaitLevel = 'projected' | 'published' | 'delivered' | 'applied';
export type Missing = { readonly cluster: string; readonly node?: string; readonly at: number | null };
export type Waited = { readonly reached: boolean; readonly missing: readonly Missing[] };

export type WaitingPorts = {
  /** Resolves when the read model contains the position. */
  readonly reached: (position: number) => Promise<void>;
  readonly network: () => Network;
  /** Version of the cluster's newest document, undefined when it has none. */
  readonly wanted: (cluster: string) => number | undefined;
  readonly progress: () => readonly ClusterProgress[];
  readonly watch: (onChange: () => void) => () => void;
};

type Target = { readonly cluster: string; readonly version: number };

const behind = (version: number | null, target: number): boolean => version === null || version < target;

const missingOf = (progress: ClusterProgress | undefined, target: Target, level: WaitLevel): readonly Missing[] => {
  const { cluster, version } = target;
  if (progress === undefined) return [{ cluster, at: null }];
  if (level === 'published' && behind(progress.published, version)) return [{ cluster, at: progress.published }];
  if (level === 'published') return [];
  if (behind(progress.delivered, version)) return [{ cluster, at: progress.delivered }];
  if (level === 'delivered') return [];
  return progress.nodes.flatMap(({ node, agent, accepted, applied }) => {
    // What a node of Eucalyptus has in force nobody says, so waiting for it ends with the time-out.
    const at = agent === 'kernel' ? applied : agent === 'unknown' ? null : accepted;
    return behind(at, version) ? [{ cluster, node, at }] : [];
  });
};

const missingNow = (ports: WaitingPorts, targets: readonly Target[], level: WaitLevel): readonly Missing[] => {
  const progress = new Map(ports.progress().map((one) => [one.cluster, one]));
  return targets.flatMap((target) => missingOf(progress.get(target.cluster), target, level));
};

const deadline = (timeoutMs: number): { readonly over: Promise<'over'>; readonly cancel: () => void } => {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<'over'>((resolve) => {
    timer = setTimeout(() => resolve('over'), timeoutMs);
  });
  return { over, cancel: () => clearTimeout(timer) };
};

/**
 * Resolves when every cluster that the position concerns has got as far as `level`, or after `timeoutMs` with those that have
 * not.
 */
export const waitFor = async (
  ports: WaitingPorts,
  position: number,
  level: WaitLevel,
  timeoutMs: number,
): Promise<Waited> => {
  const { over, cancel } = deadline(timeoutMs);
  let stop = (): void => {};
  try {
    if ((await Promise.race([ports.reached(position), over])) === 'over') return { reached: false, missing: [] };
    if (level === 'projected') return { reached: true, missing: [] };
    const targets = Object.keys(ports.network().clusters).flatMap((cluster) => {
      const version = ports.wanted(cluster);
      return version === undefined ? [] : [{ cluster, version }];
    });
    const all = new Promise<'all'>((resolve) => {
      const look = (): void => {
        if (missingNow(ports, targets, level).length === 0) resolve('all');
      };
      stop = ports.watch(look);
      look();
    });
    if ((await Promise.race([all, over])) === 'all') return { reached: true, missing: [] };
    return { reached: false, missing: missingNow(ports, targets, level) };
  } finally {
    cancel();
    stop();
  }
};
