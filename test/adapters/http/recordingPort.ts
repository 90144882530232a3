/**
 * A port that does nothing but write down what the door asks of it, for tests of the door's own form: which requests become
 * commands, and which never do. It decides nothing; what commands mean is tested over the real control plane (stories).
 */
import type {
  ClusterConvergence,
  ControlPlane,
  Precondition,
  ServedDocument,
} from '../../../src/adapters/http/ports.ts';
import type { Command } from '../../../src/domain/commands.ts';
import type { DomainEvent } from '../../../src/domain/events.ts';
import type { CommandContext, Recorded } from '../../../src/domain/recorded.ts';
import { refuse } from '../../../src/domain/refusals.ts';
import { initialNetwork } from '../../../src/projections/network/initial.ts';
import type { Network } from '../../../src/projections/network/views.ts';

export type Asked = {
  readonly command: Command;
  readonly context: CommandContext;
  readonly precondition: Precondition | undefined;
};

type Follower = {
  readonly after: number;
  readonly tell: (events: readonly Recorded<DomainEvent>[]) => void | Promise<void>;
  readonly fail: (fault: Error) => void;
  stopped: boolean;
};

export type RecordingPort = {
  readonly controlPlane: ControlPlane;
  readonly asked: Asked[];
  readonly followers: Follower[];
  readonly reports: unknown[];
  network: Network;
  /** What `execute` does instead of accepting. */
  next: ((asked: Asked) => ReturnType<ControlPlane['execute']>) | undefined;
  document: ServedDocument | undefined;
  ready: boolean;
};

export const convergenceOf = (cluster: string): ClusterConvergence => ({
  ...{ cluster, epoch: 1, wanted: 7, published: 7, delivered: 7, applied: null, lagPositions: null, lagMs: null },
  ...{ failuresInARow: 0, lastFailure: null, converged: null },
  nodes: [
    {
      ...{
        node: '10.1.1.2',
        accepted: 7,
        applied: null,
        agent: 'unknown',
        ageMs: 12,
        refusal: null,
        traceparent: null,
        converged: null,
      },
    },
  ],
});

export const recordedEvent = (position: number): Recorded<DomainEvent> => ({
  event: { type: 'InstanceRunning', instanceId: 'i-0000000a' },
  id: `00000000-0000-8000-8000-${String(position).padStart(12, '0')}`,
  stream: 'instance-i-0000000a',
  revision: position,
  position,
  time: 1_700_000_000_000 + position,
  actor: 'somebody',
  correlationId: 'c',
  causationId: 'c',
  commandId: 'c',
});

export const createRecordingPort = (): RecordingPort => {
  const port: RecordingPort = {
    asked: [],
    followers: [],
    reports: [],
    network: initialNetwork(),
    next: undefined,
    document: undefined,
    ready: true,
    controlPlane: {
      execute: async (command, context, precondition) => {
        const asked = { command, context, precondition };
        port.asked.push(asked);
        if (port.next !== undefined) return port.next(asked);
        return {
          accepted: true,
          position: port.asked.length,
          events: 1,
          result: {},
          repeated: false,
        };
      },
      dryRun: async (command) => ({ would: command.type }),
      network: async (at) =>
        at !== undefined && 'position' in at && at.position > 1000
          ? refuse('moment-not-reached', 'The log does not reach that far.')
          : port.network,
      document: async (cluster) =>
        port.document ?? refuse('cluster-not-found', `There is no cluster ${cluster}.`, { value: cluster }),
      convergence: (cluster) => (cluster === undefined || cluster === 'PARTI00' ? [convergenceOf('PARTI00')] : []),
      events: async ({ after, before = 4, order, limit }) => {
        const inSpan = [0, 1, 2, 3].filter((it) => it > after && it < before);
        const events = (order === 'newest' ? inSpan.toReversed() : inSpan).slice(0, limit).map(recordedEvent);
        return { events, next: events.length === limit ? (events.at(-1)?.position ?? null) : null };
      },
      follow: (after, tell, fail) => {
        const follower: Follower = { after, tell, fail, stopped: false };
        port.followers.push(follower);
        return () => {
          follower.stopped = true;
        };
      },
      waitFor: async (_position, level) => ({
        reached: level !== 'applied',
        missing: level === 'applied' ? [{ cluster: 'PARTI00', node: '10.1.1.2', at: null }] : [],
      }),
      report: (cluster, reports) => {
        port.reports.push({ cluster, reports });
      },
      health: () => ({
        live: true,
        ready: port.ready,
        checks: [{ name: 'store', ok: port.ready, detail: 'secret path' }],
      }),
      metrics: async () => ({ contentType: 'text/plain; version=0.0.4; charset=utf-8', text: 'up 1\n' }),
    },
  };
  return port;
};
