/**
 * Why traffic is allowed or denied at a moment, who made it so, and whether the node that decides it had it by then. What was
 * delivered is in the log; what a node applied is known only of now. What nobody recorded is unknown, never good.
 */
import type { DeliveryEvent } from '../../../domain/deliveryLog.ts';
import { isRefusal, type Refusal } from '../../../domain/refusals.ts';
import { describeRule } from '../../../domain/rule.ts';
import { inForce } from '../../../projections/convergence.ts';
import { documentVersion } from '../../../projections/documents.ts';
import type { Network } from '../../../projections/network/views.ts';
import {
  defaultEdgeOptions,
  type EdgeOptions,
  type Explanation,
  type Hop,
} from '../../../projections/reachability/explanation.ts';
import { parseEndpoint, parseTraffic, type Question } from '../../../projections/reachability/question.ts';
import { why } from '../../../projections/reachability.ts';
import type { Moment } from '../history.ts';
import { type Author, authorOf } from './author.ts';
import { sceneAt, type TimeScene } from './scene.ts';

export type WhyQuery = {
  readonly source: string;
  readonly destination: string;
  readonly traffic: string;
  readonly at?: Moment;
  readonly edge?: Partial<EdgeOptions>;
};

/** `position` and `time` are those of the delivery's record. */
export type Delivery = { readonly position: number; readonly time: number; readonly version: number };

/** `applied` is null where it is unknown; `delivered` is null when no delivery of it is recorded by then. */
export type Reached = {
  readonly cluster: string;
  readonly node: string;
  /** The document that had it: this version or a later one. */
  readonly needs: number;
  readonly delivered: Delivery | null;
  /** First delivery after the moment, when there was none by then. */
  readonly deliveredLater: Delivery | null;
  readonly applied: boolean | null;
  readonly text: string;
};

export type Why = {
  readonly position: number;
  readonly verdict: Explanation['verdict'];
  readonly hops: readonly (Hop & { readonly by: Author | null })[];
  /** How the nodes were taken to be built. */
  readonly edge: EdgeOptions;
  readonly rule: { readonly groupId: string; readonly text: string; readonly by: Author | null } | null;
  readonly reached: Reached | null;
};

const questionOf = ({ source, destination, traffic }: WhyQuery): Question | Refusal => {
  const [from, to, what] = [parseEndpoint(source), parseEndpoint(destination), parseTraffic(traffic)];
  if (isRefusal(from)) return { ...from, member: 'source' };
  if (isRefusal(to)) return { ...to, member: 'destination' };
  if (isRefusal(what)) return { ...what, member: 'traffic' };
  return { source: from, destination: to, traffic: what };
};

/** The first recorded delivery of a document of at least this version, in this epoch or a later one. */
export const firstDelivery = async (
  { index, lookup }: TimeScene,
  cluster: string,
  { epoch, version }: { readonly epoch: number; readonly version: number },
): Promise<Delivery | null> => {
  const positions = index.positions('stream', `delivery-${cluster}`);
  // A delivery is recorded after what it delivers, and versions only grow.
  for (const position of positions) {
    if (position < version) continue;
    const recorded = await lookup.eventAt(position);
    const event = recorded?.event as DeliveryEvent | undefined;
    if (recorded === undefined || event === undefined) continue;
    const isEnough = event.epoch > epoch || (event.epoch === epoch && event.version >= version);
    if (isEnough) return { position, time: recorded.time, version: event.version };
  }
  return null;
};

const isBy = (delivery: Delivery, at: Moment | undefined, position: number): boolean =>
  at !== undefined && 'time' in at ? delivery.time <= at.time : at === undefined || delivery.position <= position;

const words = (reached: Omit<Reached, 'text'>, isPast: boolean): string => {
  const { node, cluster, needs, delivered, deliveredLater, applied } = reached;
  if (applied === true) return `${node} has applied it.`;
  if (applied === false) return `${node} has not applied it yet: it needs the document of position ${needs}.`;
  if (delivered !== null)
    return `${cluster} had been given it by then; whether ${node} had applied it is unknown${isPast ? ' for the past' : ''}.`;
  const later = deliveredLater === null ? '' : `; it was recorded later, at position ${deliveredLater.position}`;
  return `No delivery of it to ${cluster} is recorded by then${later}.`;
};

const reachedBy = async (
  scene: TimeScene,
  network: Network,
  { restsOn, decidedBy }: Explanation,
  at: Moment | undefined,
): Promise<Reached | null> => {
  if (decidedBy === undefined) return null;
  const { cluster, node } = decidedBy;
  const needs = Math.min(restsOn, documentVersion(network, cluster));
  const first = await firstDelivery(scene, cluster, { epoch: network.epoch, version: needs });
  const isBefore = first !== null && isBy(first, at, network.position);
  const status = scene.convergence().get(cluster);
  const known = at === undefined ? status?.nodes.get(node) : undefined;
  const version = known === undefined || status === undefined ? null : inForce(known, status.epoch);
  const reached = {
    ...{ cluster, node, needs },
    delivered: isBefore ? first : null,
    deliveredLater: isBefore ? null : first,
    applied: version === null ? null : version >= needs,
  };
  return { ...reached, text: words(reached, at !== undefined) };
};

/** Whether a flow may pass at a moment, by which rule, whose event set it, and whether the node that decides has it. */
export const whyOf = async (scene: TimeScene, query: WhyQuery): Promise<Why | Refusal> => {
  const question = questionOf(query);
  if (isRefusal(question)) return question;
  const found = await sceneAt(scene, query.at);
  if (isRefusal(found)) return found;
  const { network } = found;
  const edge = { ...defaultEdgeOptions, ...query.edge };
  const explanation = why(network, question, edge);
  const positions = explanation.hops.flatMap(({ at }) => (at === undefined ? [] : [at]));
  const rule = explanation.rule;
  const events = await scene.lookup.eventsAt(rule === undefined ? positions : [...positions, rule.at]);
  const authors = new Map(events.map((event) => [event.position, authorOf(event)]));
  const by = (position: number | undefined): Author | null => authors.get(position ?? -1) ?? null;
  return {
    position: network.position,
    verdict: explanation.verdict,
    hops: explanation.hops.map((hop) => ({ ...hop, by: by(hop.at) })),
    edge,
    rule: rule === undefined ? null : { groupId: rule.groupId, text: describeRule(rule.rule), by: by(rule.at) },
    reached: await reachedBy(scene, network, explanation, query.at),
  };
};
