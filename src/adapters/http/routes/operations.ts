/** Routes of those who run the cloud: how things stand, how far every cluster and node has got, and the log's epoch. */
import { isRefusal } from '../../../domain/refusals.ts';
import type { Network } from '../../../projections/network/views.ts';
import { size } from '../../../projections/trie.ts';
import { commandRoute } from '../commandRoute.ts';
import { clusterName } from '../forms/clusters.ts';
import { raiseEpoch } from '../forms/configuration.ts';
import type { ClusterConvergence } from '../ports.ts';
import { freshness, freshnessHeaders, isoTime, notFound } from '../reads.ts';
import type { DoorRefusal } from '../refusal.ts';
import { type Answer, type Exchange, everyone, jsonAnswer, type Route } from '../route.ts';
import { choice, instant, list, name, object, orNull, position, record, whole, yesNo } from '../schema.ts';
import { clusterConvergenceSchema, convergenceSchema } from '../shapes/convergence.ts';

const tag = 'operations';

export const checksSchema = list(
  record('Check', { name: name('What was looked at'), ok: yesNo('Whether it is well'), detail: { type: 'string' } }),
  1000,
  'What was looked at',
);

const statusSchema = record('Status', {
  live: yesNo('Whether the process works'),
  ready: yesNo('Whether it is in sync and takes commands'),
  checks: checksSchema,
  position: position('Newest event folded in'),
  time: orNull(instant('When that event happened')),
  epoch: whole('Epoch of the log', 1),
  configured: yesNo('Whether there is a network configuration'),
  counts: object(
    Object.fromEntries(
      ['clusters', 'instances', 'securityGroups', 'publicAddresses', 'privateAddresses'].map((it) => [
        it,
        whole(it, 0),
      ]),
    ),
    [],
    { title: 'Counts' },
  ),
  converged: orNull(yesNo('Whether every cluster has applied what is wanted; null when some cannot tell')),
  clusters: list(
    record('ClusterStatus', {
      cluster: name('Cluster'),
      converged: orNull(yesNo('Whether it has applied what is wanted')),
      state: choice('State', ['registered', 'enabled', 'disabled', 'unknown']),
    }),
    100_000,
    'All clusters',
  ),
});

const countsOf = (network: Network): object => ({
  clusters: Object.keys(network.clusters).length,
  instances: size(network.instances),
  securityGroups: size(network.groups),
  publicAddresses: size(network.publicAddresses),
  privateAddresses: size(network.privateAddresses),
});

/** Unknown is never good: one cluster that cannot tell makes the whole unknown, one that lags makes it false. */
const allConverged = (clusters: readonly ClusterConvergence[]): boolean | null => {
  if (clusters.some(({ converged }) => converged === false)) return false;
  return clusters.every(({ converged }) => converged === true) ? true : null;
};

const answerStatus = async ({ controlPlane }: Exchange): Promise<Answer | DoorRefusal> => {
  const network = await controlPlane.network();
  if (isRefusal(network)) return network;
  const clusters = controlPlane.convergence();
  const body = {
    ...controlPlane.health(),
    position: network.position,
    time: network.position < 0 ? null : isoTime(network.time),
    epoch: network.epoch,
    configured: network.configuration !== null,
    counts: countsOf(network),
    converged: allConverged(clusters),
    clusters: clusters.map(({ cluster, converged }) => ({
      cluster,
      converged,
      state: Object.hasOwn(network.clusters, cluster) ? network.clusters[cluster]?.state : 'unknown',
    })),
  };
  return { kind: 'json', body, headers: freshness(network) };
};

const answerAll = async ({ controlPlane }: Exchange): Promise<Answer | DoorRefusal> => {
  const network = await controlPlane.network();
  if (isRefusal(network)) return network;
  const clusters = controlPlane.convergence();
  return { kind: 'json', body: { converged: allConverged(clusters), clusters }, headers: freshness(network) };
};

const answerOne = async ({ controlPlane, path }: Exchange): Promise<Answer | DoorRefusal> => {
  const cluster = path['name'] ?? '';
  const network = await controlPlane.network();
  if (isRefusal(network)) return network;
  const found = controlPlane.convergence(cluster)[0];
  return found === undefined
    ? notFound('cluster', cluster, 'cluster-not-found')
    : { kind: 'json', body: found, headers: freshness(network) };
};

export const operationRoutes: readonly Route[] = [
  {
    id: 'getStatus',
    method: 'GET',
    path: '/v1/status',
    tag,
    summary: 'How things stand, in one answer',
    access: everyone,
    responses: jsonAnswer(statusSchema),
    responseHeaders: freshnessHeaders,
    answer: answerStatus,
  },
  {
    id: 'listConvergence',
    method: 'GET',
    path: '/v1/convergence',
    tag,
    summary: 'How far every cluster and node has got: wanted, published, delivered, applied',
    access: everyone,
    responses: jsonAnswer(convergenceSchema),
    responseHeaders: freshnessHeaders,
    answer: answerAll,
  },
  {
    id: 'getConvergence',
    method: 'GET',
    path: '/v1/clusters/{name}/convergence',
    tag,
    summary: 'How far one cluster and its nodes have got',
    access: everyone,
    parameters: { name: clusterName },
    responses: jsonAnswer(clusterConvergenceSchema),
    responseHeaders: freshnessHeaders,
    problems: ['cluster-not-found'],
    answer: answerOne,
  },
  commandRoute(raiseEpoch, { id: 'postEpoch', method: 'POST', path: '/v1/epoch', tag }),
];
