/** What a plan would change: in network words, in the documents, which flows come and go, and which addresses are orphaned. */

import { configurationImpact } from '../../../domain/configuration/impact.ts';
import { configurationWarnings } from '../../../domain/configuration/warnings.ts';
import { resolvedIn } from '../../../projections/documentInputs.ts';
import { wantsDocument } from '../../../projections/documents.ts';
import type { Network } from '../../../projections/network/views.ts';
import { type FlowChange, type FlowOptions, flowsBetween } from '../../../projections/reachability/flows.ts';
import { describeEndpoint } from '../../../projections/reachability/question.ts';
import { sentenceOf } from '../../../projections/timeMachine/sentences.ts';
import { surroundingsOf } from '../surroundings.ts';
import { type DocumentDifference, documentDifferences, statementsBetween } from './difference.ts';
import type { PlanScene, Rehearsal } from './planning.ts';

export type FlowSaid = {
  readonly source: string;
  readonly destination: string;
  readonly via: string | null;
  readonly traffic: FlowChange['traffic'];
};

export type PlanReport = {
  readonly planId: string;
  readonly token: string;
  /** Position of the log the plan was made on. */
  readonly position: number;
  readonly changed: boolean;
  readonly events: readonly { readonly type: string; readonly stream: string; readonly text: string }[];
  readonly changes: readonly { readonly kind: string; readonly subject: string; readonly text: string }[];
  readonly documents: readonly DocumentDifference[];
  readonly flows: {
    readonly gained: readonly FlowSaid[];
    readonly lost: readonly FlowSaid[];
    readonly gainedPairs: number;
    readonly lostPairs: number;
    readonly incomplete: boolean;
  };
  /** Only where the configuration changes; plain JSON as a dry run of a configuration says it. */
  readonly configuration: { readonly [member: string]: unknown } | null;
};

const MOST_FLOWS = 1_000;

const flowSaid = ({ source, destination, via, traffic }: FlowChange): FlowSaid => ({
  source: describeEndpoint(source),
  destination,
  via: via ?? null,
  traffic,
});

const configurationReport = ({ cloud }: PlanScene, before: Network, after: Network) => {
  if (before.configuration?.members === after.configuration?.members) return null;
  const registered = Object.keys(before.clusters).sort();
  const surroundings = surroundingsOf(cloud, () => before);
  const members = after.configuration?.members;
  return configurationImpact({
    before: resolvedIn(before),
    after: resolvedIn(after),
    privateHeld: surroundings.privateUses(),
    publicHeld: surroundings.publicUses(),
    registered,
    warnings: members === undefined ? [] : configurationWarnings(members, registered),
  }) as unknown as { readonly [member: string]: unknown };
};

/** `sources`: addresses outside the cloud whose flows are looked at, too. */
export const reportOf = (
  scene: PlanScene,
  planId: string,
  { before, after, events, token }: Rehearsal,
  { sources, edge }: Pick<FlowOptions, 'sources' | 'edge'>,
): PlanReport => {
  const flows = flowsBetween(before, after, { sources, edge, limit: MOST_FLOWS });
  const clusters = [...new Set([...Object.keys(before.clusters), ...Object.keys(after.clusters)])].sort();
  const documented = clusters.filter((cluster) => wantsDocument(before, cluster) || wantsDocument(after, cluster));
  return {
    planId,
    token,
    position: before.position,
    changed: events.length > 0,
    events: events.map(({ event, stream }) => ({ type: event.type, stream, text: sentenceOf(event) })),
    changes: statementsBetween(before, after).map(({ kind, subject, text }) => ({ kind, subject, text })),
    documents: documentDifferences(scene, before, after, documented),
    flows: {
      gained: flows.gained.map(flowSaid),
      lost: flows.lost.map(flowSaid),
      gainedPairs: flows.gainedPairs,
      lostPairs: flows.lostPairs,
      incomplete: flows.incomplete,
    },
    configuration: configurationReport(scene, before, after),
  };
};
