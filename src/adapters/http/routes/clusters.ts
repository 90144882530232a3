/** Routes of clusters: registration, nodes, reports, and the document each cluster gets. */
import { isRefusal } from '../../../domain/refusals.ts';
import type { Network } from '../../../projections/network/views.ts';
import { commandRoute } from '../commandRoute.ts';
import * as forms from '../forms/clusters.ts';
import type { NodeReport, ServedDocument } from '../ports.ts';
import {
  atQuery,
  etagOf,
  freshnessHeaders,
  hasSeen,
  momentIn,
  networkOf,
  notFound,
  pageOf,
  pageQuery,
  pageSchema,
  read,
  readResource,
  recordCollection,
  resourceHeaders,
} from '../reads.ts';
import type { DoorRefusal } from '../refusal.ts';
import { type Answer, type Exchange, everyone, jsonAnswer, jsonBody, operators, type Route } from '../route.ts';
import { choice, list, type Members, object, orNull, position, record, text, whole } from '../schema.ts';
import { clusterBody, clusterSchema } from '../shapes/clusters.ts';

const tag = 'clusters';
const parameters = { name: forms.clusterName };
const fromPath = { name: 'cluster' };

const shownCluster = ({ clusters }: Network, { path }: Exchange) => {
  const wanted = path['name'] ?? '';
  const view = Object.hasOwn(clusters, wanted) ? clusters[wanted] : undefined;
  return view === undefined
    ? notFound('cluster', wanted, 'cluster-not-found')
    : { body: clusterBody(view), revision: view.revision };
};

const documentHeaders: Members = {
  ...freshnessHeaders,
  ETag: text('Digest of the document'),
  'Edgelog-Version': position('Newest event that touched the document; grows with every change of its content'),
  'Edgelog-Stamp': text('The version attribute of the document’s root: 8 hex digits'),
};

const headersOf = (document: ServedDocument, newest: number): { readonly [name: string]: string } => ({
  ETag: etagOf(document.digest),
  'Edgelog-Version': String(document.version),
  'Edgelog-Stamp': document.stamp,
  'Edgelog-Position': String(newest),
  'Edgelog-Epoch': String(document.epoch),
});

const answerDocument = async (exchange: Exchange): Promise<Answer | DoorRefusal> => {
  const moment = momentIn(exchange);
  if (isRefusal(moment)) return moment;
  const document = await exchange.controlPlane.document(exchange.path['name'] ?? '', moment);
  if (isRefusal(document)) return document;
  const network = await networkOf(exchange);
  if (isRefusal(network)) return network;
  const headers = headersOf(document, network.position);
  if (hasSeen(exchange, etagOf(document.digest))) return { kind: 'empty', status: 304, headers };
  const { byteLength, pieces } = document;
  return { kind: 'pieces', type: 'application/xml; charset=utf-8', byteLength, pieces, headers };
};

const reportSchema = object(
  {
    node: forms.nodeName,
    epoch: whole('Epoch of the versions', 0),
    accepted: orNull(position('Newest document it took')),
    applied: orNull(position('Newest document it has in force')),
    agent: choice('Who applies documents there', ['kernel', 'plan', 'none', 'unknown']),
    at: whole('When the node said so, ms since 1970', 0),
    ageMs: whole('How long ago that was by the clock of who reports', 0),
    said: object(
      {
        by: text('The process that reports', { pattern: '^[0-9A-Za-z-]{1,64}$' }),
        turn: whole('How many reports it had made before', 0),
      },
      ['by', 'turn'],
    ),
    traceparent: text('Trace context of the newest document it took', {
      pattern: '^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$',
    }),
    refusal: object({ reason: text('Stable word'), detail: { type: 'string', maxLength: 4096 } }, ['reason', 'detail']),
  },
  ['node', 'epoch', 'accepted', 'applied', 'agent', 'at'],
  { title: 'NodeReport' },
);

const reportRoute: Route = {
  id: 'postReports',
  method: 'POST',
  path: '/v1/clusters/{name}/reports',
  tag,
  summary: 'Say how far the nodes of a cluster have got',
  access: operators,
  parameters,
  body: jsonBody(list(reportSchema, 10_000, 'Reports of nodes', { title: 'NodeReports' })),
  responses: jsonAnswer(record('Received', { received: whole('Reports taken', 0) })),
  problems: ['cluster-not-found'],
  answer: async (exchange) => {
    const network = await exchange.controlPlane.network();
    if (isRefusal(network)) return network;
    const known = shownCluster(network, exchange);
    if (isRefusal(known)) return known;
    const reports = exchange.body as readonly NodeReport[];
    exchange.controlPlane.report(exchange.path['name'] ?? '', reports);
    return { kind: 'json', body: { received: reports.length } };
  },
};

const reads: readonly Route[] = [
  {
    id: 'listClusters',
    method: 'GET',
    path: '/v1/clusters',
    tag,
    summary: 'All clusters',
    access: everyone,
    query: { ...atQuery, ...pageQuery },
    responses: jsonAnswer(pageSchema('Clusters', clusterSchema)),
    responseHeaders: freshnessHeaders,
    answer: read((network, exchange) => pageOf(exchange, recordCollection('clusters', network.clusters), clusterBody)),
  },
  {
    id: 'getCluster',
    method: 'GET',
    path: '/v1/clusters/{name}',
    tag,
    summary: 'One cluster',
    access: everyone,
    parameters,
    query: atQuery,
    responses: jsonAnswer(clusterSchema),
    responseHeaders: resourceHeaders,
    problems: ['cluster-not-found'],
    answer: readResource(shownCluster),
  },
  {
    id: 'getDocument',
    method: 'GET',
    path: '/v1/clusters/{name}/document',
    tag,
    summary: 'The network document of the cluster, as it is pushed',
    access: everyone,
    parameters,
    query: atQuery,
    requestHeaders: { 'If-None-Match': text('Answer 304 if the document still has this ETag') },
    responses: { 200: { 'application/xml': { type: 'string' } }, 304: {} },
    responseHeaders: documentHeaders,
    problems: ['cluster-not-found'],
    answer: answerDocument,
  },
];

const post = (form: Parameters<typeof commandRoute>[0], id: string, path: string): Route =>
  commandRoute(form, { id, method: 'POST', path: `/v1/clusters/{name}/${path}`, tag, fromPath });

export const clusterRoutes: readonly Route[] = [
  commandRoute(forms.registerCluster, {
    id: 'postCluster',
    method: 'POST',
    path: '/v1/clusters',
    tag,
    input: ({ body }) => body as object,
  }),
  commandRoute(forms.deregisterCluster, {
    id: 'deleteCluster',
    method: 'DELETE',
    path: '/v1/clusters/{name}',
    tag,
    fromPath,
  }),
  commandRoute(forms.reportNodes, {
    id: 'putNodes',
    method: 'PUT',
    path: '/v1/clusters/{name}/nodes',
    tag,
    fromPath,
  }),
  post(forms.enableCluster, 'enableCluster', 'enable'),
  post(forms.disableCluster, 'disableCluster', 'disable'),
  post(forms.forgetNodes, 'forgetNodes', 'nodes/forget'),
  post(forms.reportMode, 'reportMode', 'mode'),
  post(forms.reportInstances, 'reportInstances', 'instances/report'),
  post(forms.reportAddresses, 'reportAddresses', 'addresses/report'),
  reportRoute,
  ...reads,
];
