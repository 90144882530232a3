/** Routes of instances. */
import { canonicalInstanceId } from '../../../domain/identifiers.ts';
import { isRefusal } from '../../../domain/refusals.ts';
import type { InstanceView, Network } from '../../../projections/network/views.ts';
import { get } from '../../../projections/trie.ts';
import { accountIn } from '../accounts.ts';
import type { CommandForm } from '../commandForm.ts';
import { commandRoute } from '../commandRoute.ts';
import * as forms from '../forms/instances.ts';
import {
  atQuery,
  freshnessHeaders,
  notFound,
  pageOf,
  pageQuery,
  pageSchema,
  read,
  readResource,
  resourceHeaders,
  trieCollection,
} from '../reads.ts';
import { type Exchange, everyoneInAccount, jsonAnswer, type Route } from '../route.ts';
import { account, choice, name } from '../schema.ts';
import { instanceBody, instanceSchema, instanceStates } from '../shapes/instances.ts';

const tag = 'instances';

const shownInstance = (network: Network, exchange: Exchange) => {
  const wanted = exchange.path['id'] ?? '';
  const owner = accountIn(exchange);
  if (isRefusal(owner)) return owner;
  const view = get(network.instances, canonicalInstanceId(wanted) ?? wanted);
  return view === undefined || (owner !== undefined && view.account !== owner)
    ? notFound('instance', wanted, 'instance-not-found')
    : { body: instanceBody(view), revision: view.revision };
};

const listed = (network: Network, exchange: Exchange): unknown => {
  const { cluster, state, group, node } = exchange.query;
  const owner = accountIn(exchange);
  if (isRefusal(owner)) return owner;
  const wanted = (view: InstanceView): boolean =>
    (cluster === undefined || view.cluster === cluster) &&
    (state === undefined || view.state === state) &&
    (node === undefined || view.node === node) &&
    (owner === undefined || view.account === owner) &&
    (group === undefined || view.groups.includes(String(group)));
  return pageOf(exchange, trieCollection('instances', network.instances), (view) =>
    wanted(view) ? instanceBody(view) : undefined,
  );
};

const step = (form: CommandForm, id: string, verb: string): Route =>
  commandRoute(form, { id, method: 'POST', path: `/v1/instances/{id}/${verb}`, tag, fromPath: { id: 'instanceId' } });

export const instanceRoutes: readonly Route[] = [
  commandRoute(forms.runInstances, { id: 'postInstances', method: 'POST', path: '/v1/instances', tag }),
  {
    id: 'listInstances',
    method: 'GET',
    path: '/v1/instances',
    tag,
    summary: 'Instances, by cluster, node, state, account or group',
    access: everyoneInAccount,
    query: {
      ...atQuery,
      ...pageQuery,
      cluster: name('Only of this cluster'),
      node: name('Only on this node'),
      state: choice('Only in this state', instanceStates),
      account: account('Only of this account'),
      group: name('Only in this group (id)'),
    },
    responses: jsonAnswer(pageSchema('Instances', instanceSchema)),
    responseHeaders: freshnessHeaders,
    answer: read(listed),
  },
  {
    id: 'getInstance',
    method: 'GET',
    path: '/v1/instances/{id}',
    tag,
    summary: 'One instance',
    access: everyoneInAccount,
    parameters: { id: name('Instance', 64) },
    query: atQuery,
    responses: jsonAnswer(instanceSchema),
    responseHeaders: resourceHeaders,
    problems: ['instance-not-found'],
    answer: readResource(shownInstance),
  },
  step(forms.placeInstance, 'placeInstance', 'place'),
  step(forms.markRunning, 'markRunning', 'running'),
  step(forms.stopInstance, 'stopInstance', 'stop'),
  step(forms.markStopped, 'markStopped', 'stopped'),
  step(forms.startInstance, 'startInstance', 'start'),
  step(forms.terminateInstance, 'terminateInstance', 'terminate'),
  step(forms.markTerminated, 'markTerminated', 'terminated'),
  step(forms.abortRun, 'abortRun', 'abort'),
];
