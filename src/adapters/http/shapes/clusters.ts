/** How a cluster and its nodes look in answers. Every member is always there; what is unknown or absent is `null`. */
import type { ClusterView } from '../../../projections/network/views.ts';
import { isoTime } from '../reads.ts';
import { choice, instant, list, name, orNull, position, record, type Schema, text, whole } from '../schema.ts';

const MANY = 1_000_000;
const address = (description: string): Schema => text(description, { maxLength: 15 });

const nodeSchema = record('NodeOfCluster', {
  name: name('Node'),
  endpoint: orNull(text('URL of its controller')),
  missingSince: orNull(instant('Since when the cluster no longer reports it; it is forgotten after a while')),
});

export const clusterSchema = record('Cluster', {
  name: name('Cluster'),
  component: name('Component'),
  host: name('Host of its controller'),
  address: address('Address of the host'),
  endpoint: text('URL of its controller'),
  state: choice('State', ['registered', 'enabled', 'disabled']),
  reason: orNull(text('Why it is disabled')),
  mode: orNull(text('Network mode it reports')),
  nodes: list(nodeSchema, MANY, 'Nodes it reports'),
  createdAt: position('Event that registered it'),
  changedAt: position('Event that last changed it'),
  revision: whole('Revision: its ETag', 0),
});

export const clusterBody = (view: ClusterView): object => ({
  name: view.name,
  component: view.component,
  host: view.host,
  address: view.address,
  endpoint: view.endpoint,
  state: view.state,
  reason: view.reason ?? null,
  mode: view.mode ?? null,
  nodes: view.nodes.map(({ name: node, endpoint = null, missingSince }) => ({
    ...{ name: node, endpoint },
    missingSince: missingSince === undefined ? null : isoTime(missingSince),
  })),
  createdAt: view.createdAt,
  changedAt: view.at,
  revision: view.revision,
});
