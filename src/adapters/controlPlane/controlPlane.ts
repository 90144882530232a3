/**
 * The house as its doors see it: wishes carried out, the network read at any moment, documents, convergence, events, health.
 * It joins what other rooms do and decides nothing.
 */

import { decodeRecorded } from '../../domain/codec.ts';
import type { Command } from '../../domain/commands.ts';
import type { EventStore } from '../../domain/eventStore.ts';
import type { DomainEvent } from '../../domain/events.ts';
import type { Executed, Executor, Precondition } from '../../domain/execute.ts';
import { canonicalInstanceId } from '../../domain/identifiers.ts';
import type { CommandContext, Recorded } from '../../domain/recorded.ts';
import { isRefusal, type Refusal, refuse } from '../../domain/refusals.ts';
import type { AuditIndex } from '../../projections/audit.ts';
import type { Convergence, NodeStatus } from '../../projections/convergence.ts';
import type { ClusterDocument } from '../../projections/documents.ts';
import type { Network } from '../../projections/network/views.ts';
import { peek } from '../../projections/trie.ts';
import { convergenceView } from './convergenceView.ts';
import { type EventFilter, queryEvents } from './eventQueries.ts';
import type { History, Moment } from './history.ts';
import type { OrphanBook } from './orphanBook.ts';
import type { SightingsBook } from './sightings.ts';
import { type WaitLevel, waitFor } from './waiting.ts';

/** `isVital` is false for what the house can do without for a while: it is shown, but does not make it unready. */
export type Check = {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly isVital?: boolean;
};

export type ControlPlanePorts = {
  readonly store: EventStore;
  readonly executor: Executor;
  readonly index: AuditIndex;
  readonly history: History;
  readonly sightings: SightingsBook;
  /** Absent where no reports of addresses come in. */
  readonly orphans?: OrphanBook;
  readonly network: () => Network;
  readonly reached: (position: number) => Promise<void>;
  readonly latestDocument: (cluster: string) => ClusterDocument | undefined;
  readonly documentAt: (network: Network, cluster: string) => ClusterDocument | undefined;
  readonly wanted: (cluster: string) => number | undefined;
  readonly convergence: () => Convergence;
  readonly report: (cluster: string, reports: readonly NodeStatus[]) => void;
  readonly watchConvergence: (onChange: () => void) => () => void;
  readonly dryRun: (
    command: Command,
    context: CommandContext,
  ) => Promise<{ readonly [member: string]: unknown } | Refusal>;
  readonly checks: () => readonly Check[];
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>;
  readonly now: () => number;
};

type NodeReport = Omit<NodeStatus, 'refusal' | 'traceparent'> & {
  readonly ageMs?: number;
  readonly traceparent?: string;
  readonly refusal?: { readonly reason: string; readonly detail: string };
};

/** Its time on our clock: whoever reports says how old the word is, because clocks differ and one ahead would never age. */
const nodeStatus = ({ ageMs, at, traceparent, refusal, ...known }: NodeReport, now: number): NodeStatus => ({
  ...known,
  at: ageMs === undefined ? Math.min(at, now) : now - ageMs,
  traceparent: traceparent ?? null,
  refusal: refusal ?? null,
});

const noDocument = (cluster: string): Refusal =>
  refuse('no-document', `Cluster ${cluster} has no document: it is not registered, or not enabled.`, {
    member: 'name',
    value: cluster,
  });

/** Carries wishes out, and has what was reported of the world noted by whoever keeps books about it. */
const executing =
  (ports: ControlPlanePorts) =>
  async (command: Command, context: CommandContext, precondition?: Precondition): Promise<Executed | Refusal> => {
    const done = await ports.executor.execute(command, context, precondition);
    if (isRefusal(done)) return done;
    if (command.type === 'ReportInstances') {
      ports.sightings.saw(
        command.cluster,
        command.instances.flatMap(({ instanceId }) => canonicalInstanceId(instanceId) ?? []),
        context.at,
        (instanceId) => peek<object>(ports.network().instances, instanceId) !== undefined,
      );
    }
    if (command.type === 'ReportAddresses') await ports.orphans?.judge(command, context);
    if (command.type === 'AllocateAddress') ports.orphans?.forget(String(done.result['address']));
    return done.position >= 0 ? done : { ...done, position: ports.network().position };
  };

const following =
  (store: EventStore) =>
  (
    after: number,
    onEvents: (events: readonly Recorded<DomainEvent>[]) => void | Promise<void>,
    onFault: (fault: Error) => void,
  ): (() => void) => {
    const subscription = store.subscribe(after, {
      onEvents: (stored) => onEvents(stored.map(decodeRecorded)),
      onCaughtUp: () => undefined,
      onFault,
    });
    return () => void subscription.stop();
  };

export const createControlPlane = (ports: ControlPlanePorts) => {
  const { store, index, history, now } = ports;

  const networkAt = async (at: Moment): Promise<Network | Refusal> => {
    const located = await history.locate(at);
    return isRefusal(located) ? located : history.networkAt(located.position);
  };

  const document = async (cluster: string, at?: Moment): Promise<ClusterDocument | Refusal> => {
    if (at === undefined) return ports.latestDocument(cluster) ?? noDocument(cluster);
    const network = await networkAt(at);
    return isRefusal(network) ? network : (ports.documentAt(network, cluster) ?? noDocument(cluster));
  };

  const progress = (cluster?: string) => convergenceView(ports.network(), ports.convergence(), now(), cluster);

  return {
    execute: executing(ports),
    dryRun: ports.dryRun,
    network: async (at?: Moment): Promise<Network | Refusal> => (at === undefined ? ports.network() : networkAt(at)),
    document,
    convergence: progress,
    events: (query: EventFilter) => queryEvents(store, index, query),
    follow: following(store),
    waitFor: (position: number, level: WaitLevel, timeoutMs: number) =>
      waitFor(
        {
          reached: ports.reached,
          network: ports.network,
          wanted: ports.wanted,
          progress: () => progress(),
          watch: ports.watchConvergence,
        },
        position,
        level,
        timeoutMs,
      ),
    report: (cluster: string, reports: readonly NodeReport[]) =>
      ports.report(
        cluster,
        reports.map((one) => nodeStatus(one, now())),
      ),
    health: () => {
      const all = ports.checks();
      const checks = all.map(({ name, ok, detail }) => ({ name, ok, detail }));
      return { live: true, ready: all.every(({ ok, isVital }) => ok || isVital === false), checks };
    },
    metrics: ports.metrics,
  };
};
