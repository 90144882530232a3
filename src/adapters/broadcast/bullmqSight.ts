/**
 * What is seen of a lane in Redis from outside: whether a job stands there, whether somebody works on it, and whether it has
 * stood untouched for longer than is usual. It looks and changes nothing.
 */
import type { Queue } from 'bullmq';
import type { LaneSight } from './lanes.ts';

const UNANSWERED_MS = 10_000;

/** How long each job was seen untouched; what nobody touches for long is not being answered. */
const createPatience = (restMs: number, now: () => number) => {
  const seen = new Map<string, { readonly mark: string; readonly since: number }>();
  return {
    isOver: (cluster: string, mark: string, hasFailed: boolean): boolean => {
      const known = seen.get(cluster);
      if (known?.mark === mark) return now() - known.since > UNANSWERED_MS + (hasFailed ? restMs : 0);
      seen.set(cluster, { mark, since: now() });
      return false;
    },
    forget: (cluster: string): boolean => seen.delete(cluster),
  };
};

export type SightPorts = {
  readonly queue: () => Queue | undefined;
  /** How long a job that has failed may rest, ms. */
  readonly restMs: number;
  readonly now: () => number;
};

/** Undefined when the server does not say. */
export const createSight = ({ queue, restMs, now }: SightPorts) => {
  const patience = createPatience(restMs, now);
  return async (cluster: string): Promise<LaneSight | undefined> => {
    try {
      const id = await queue()?.getDeduplicationJobId(cluster);
      const job = id === undefined || id === null ? undefined : await queue()?.getJob(id);
      if (job === undefined) {
        patience.forget(cluster);
        return { state: 'empty', failures: 0, lastFailure: undefined };
      }
      const isActive = (await job.getState()) === 'active';
      const isOver = !isActive && patience.isOver(cluster, `${job.id}/${job.attemptsStarted}`, job.attemptsMade > 0);
      if (isActive) patience.forget(cluster);
      return {
        state: isActive ? 'active' : isOver ? 'unanswered' : 'waiting',
        failures: job.attemptsMade,
        lastFailure: job.failedReason?.slice(0, 1_000),
      };
    } catch {
      return undefined;
    }
  };
};
