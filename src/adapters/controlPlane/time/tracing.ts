/**
 * One wish through everything: who wished it, the events it made, the documents they changed, when each cluster controller took
 * them, and how far each node is. Node reports are known of now only.
 */
import type { DomainEvent } from '../../../domain/events.ts';
import type { Recorded } from '../../../domain/recorded.ts';
import { type Refusal, refuse } from '../../../domain/refusals.ts';
import { inForce } from '../../../projections/convergence.ts';
import { documentVersion, wantsDocument } from '../../../projections/documents.ts';
import { type Author, authorOf } from './author.ts';
import { type Delivery, firstDelivery } from './reasons.ts';
import type { TimeScene } from './scene.ts';

export type NodeTrace = {
  readonly node: string;
  /** Null: unknown. */
  readonly applied: boolean | null;
  readonly version: number | null;
  /** When the node last said so, ms; null when it never did. */
  readonly reportedAt: number | null;
};

export type ClusterTrace = {
  readonly cluster: string;
  /** Version of the document that first showed it. */
  readonly version: number;
  readonly delivered: Delivery | null;
  /** From the first event to the recorded delivery, ms. */
  readonly deliveredAfterMs: number | null;
  readonly nodes: readonly NodeTrace[];
};

export type Trace = {
  readonly found: { readonly as: 'event' | 'command' | 'request' | 'subject'; readonly id: string };
  readonly command: {
    readonly commandId: string;
    readonly actor: string;
    readonly correlationId: string;
    readonly time: number;
    readonly traceparent: string | null;
  };
  readonly events: readonly Author[];
  readonly clusters: readonly ClusterTrace[];
};

const MOST_EVENTS = 1_000;

type Found = Trace['found'] & { readonly events: readonly Recorded<DomainEvent>[] };

const ofCommand = async (
  { lookup, index }: TimeScene,
  commandId: string,
): Promise<readonly Recorded<DomainEvent>[]> => {
  const receipt = index.receipt(commandId);
  if (receipt === undefined) return [];
  const span = Array.from(
    { length: Math.min(MOST_EVENTS, receipt.last - receipt.first + 1) },
    (_, i) => receipt.first + i,
  );
  return (await lookup.eventsAt(span)).filter((event) => event.commandId === commandId);
};

/** The wish behind an event; an event without one stands for itself. */
const wishOf = async (scene: TimeScene, event: Recorded<DomainEvent>): Promise<readonly Recorded<DomainEvent>[]> => {
  const events = event.commandId === '' ? [] : await ofCommand(scene, event.commandId);
  return events.length === 0 ? [event] : events;
};

const aboutNetwork = (event: DomainEvent): boolean => event.type !== 'DocumentDelivered';

const find = async (scene: TimeScene, id: string): Promise<Found | undefined> => {
  const { lookup, index } = scene;
  const position = index.positionOf(id) ?? (/^[0-9]{1,15}$/.test(id) ? Number(id) : undefined);
  const event = position === undefined ? undefined : await lookup.eventAt(position);
  if (event !== undefined) return { as: 'event', id: event.id, events: await wishOf(scene, event) };
  const command = await ofCommand(scene, id);
  if (command.length > 0) return { as: 'command', id, events: command };
  const request = lookup.positionsUnder('correlationId', id, -1, index.last()).slice(0, MOST_EVENTS);
  if (request.length > 0) return { as: 'request', id, events: await lookup.eventsAt(request) };
  const newest = await lookup.newestUnder('subject', id, { after: -1, to: index.last() }, aboutNetwork);
  return newest === undefined ? undefined : { as: 'subject', id, events: await wishOf(scene, newest) };
};

const nodesOf = ({ convergence }: TimeScene, cluster: string, version: number): readonly NodeTrace[] => {
  const status = convergence().get(cluster);
  if (status === undefined) return [];
  return [...status.nodes.values()].map((node) => {
    const has = inForce(node, status.epoch);
    return { node: node.node, applied: has === null ? null : has >= version, version: has, reportedAt: node.at };
  });
};

/** Clusters whose documents changed between the first and the last of the events. */
const clustersOf = async (
  scene: TimeScene,
  first: number,
  last: number,
  began: number,
): Promise<readonly ClusterTrace[]> => {
  const network = await scene.history.networkAt(last);
  const traces: ClusterTrace[] = [];
  for (const cluster of Object.keys(network.clusters).sort()) {
    const version = documentVersion(network, cluster);
    if (!wantsDocument(network, cluster) || version < first) continue;
    const delivered = await firstDelivery(scene, cluster, { epoch: network.epoch, version });
    const deliveredAfterMs = delivered === null ? null : Math.max(0, delivered.time - began);
    traces.push({ cluster, version, delivered, deliveredAfterMs, nodes: nodesOf(scene, cluster, version) });
  }
  return traces;
};

/**
 * Follows an event, command, request or thing to the documents that showed it first, their deliveries, and the nodes. Refused
 * for what the log does not know.
 */
export const traceOf = async (scene: TimeScene, id: string): Promise<Trace | Refusal> => {
  const found = await find(scene, id);
  const first = found?.events[0];
  const last = found?.events.at(-1);
  if (found === undefined || first === undefined || last === undefined) {
    const detail = `${id} is no event, command, request or thing that the log knows. A wish that was refused is found by what it was about; one that changed nothing left no event.`;
    return refuse('trace-not-found', detail, { member: 'id', value: id });
  }
  return {
    found: { as: found.as, id: found.id },
    command: {
      commandId: first.commandId,
      actor: first.actor,
      correlationId: first.correlationId,
      time: first.time,
      traceparent: first.traceparent ?? null,
    },
    events: found.events.map(authorOf),
    clusters: await clustersOf(scene, first.position, last.position, first.time),
  };
};
