/** Routes of security groups. */
import { type Filter, groupFilter, groupFilterNames } from '../../../domain/filters.ts';
import { canonicalGroupId } from '../../../domain/identifiers.ts';
import { isRefusal } from '../../../domain/refusals.ts';
import type { GroupView, Network } from '../../../projections/network/views.ts';
import { get } from '../../../projections/trie.ts';
import { accountIn } from '../accounts.ts';
import { commandRoute } from '../commandRoute.ts';
import { filterQuery, filtersIn } from '../filterQuery.ts';
import * as forms from '../forms/securityGroups.ts';
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
import { account, name } from '../schema.ts';
import { groupBody, groupSchema } from '../shapes/securityGroups.ts';

const tag = 'security-groups';
const filterNames = groupFilterNames.filter((filter) => !filter.startsWith('tag'));

const factsOf = (view: Readonly<GroupView>) => ({ ...view, rules: view.rules.map(({ rule }) => rule) });

const listed = (network: Network, exchange: Exchange): unknown => {
  const owner = accountIn(exchange);
  if (isRefusal(owner)) return owner;
  const filters: readonly Filter[] = filtersIn(exchange);
  const passes = groupFilter(filters);
  if (isRefusal(passes)) return passes;
  const wantedName = exchange.query['name'];
  const wanted = (view: Readonly<GroupView>): boolean =>
    (owner === undefined || view.account === owner) &&
    (wantedName === undefined || view.name === wantedName) &&
    (filters.length === 0 || passes(factsOf(view)));
  return pageOf(exchange, trieCollection('security-groups', network.groups), (view) =>
    wanted(view) ? groupBody(view) : undefined,
  );
};

const shownGroup = (network: Network, exchange: Exchange) => {
  const wanted = exchange.path['id'] ?? '';
  const owner = accountIn(exchange);
  if (isRefusal(owner)) return owner;
  const view = get(network.groups, canonicalGroupId(wanted) ?? wanted);
  return view === undefined || (owner !== undefined && view.account !== owner)
    ? notFound('security group', wanted, 'invalid-group-not-found')
    : { body: groupBody(view), revision: view.revision };
};

const fromPath = { id: 'groupId' };

export const securityGroupRoutes: readonly Route[] = [
  commandRoute(forms.createSecurityGroup, {
    id: 'postSecurityGroup',
    method: 'POST',
    path: '/v1/security-groups',
    tag,
  }),
  {
    id: 'listSecurityGroups',
    method: 'GET',
    path: '/v1/security-groups',
    tag,
    summary: 'Security groups, by account, name or the filters of EC2',
    access: everyoneInAccount,
    query: {
      ...atQuery,
      ...pageQuery,
      account: account('Only of this account'),
      name: name('Only of this name'),
      ...filterQuery(filterNames),
    },
    responses: jsonAnswer(pageSchema('SecurityGroups', groupSchema)),
    responseHeaders: freshnessHeaders,
    answer: read(listed),
  },
  {
    id: 'getSecurityGroup',
    method: 'GET',
    path: '/v1/security-groups/{id}',
    tag,
    summary: 'One security group with its rules and members',
    access: everyoneInAccount,
    parameters: { id: name('Group id', 64) },
    query: atQuery,
    responses: jsonAnswer(groupSchema),
    responseHeaders: resourceHeaders,
    problems: ['invalid-group-not-found'],
    answer: readResource(shownGroup),
  },
  commandRoute(forms.deleteSecurityGroup, {
    id: 'deleteSecurityGroup',
    method: 'DELETE',
    path: '/v1/security-groups/{id}',
    tag,
    fromPath,
  }),
  commandRoute(forms.deleteSecurityGroup, {
    id: 'deleteSecurityGroupByName',
    method: 'DELETE',
    path: '/v1/security-groups',
    tag,
    query: { name: name('Name of the group in the account') },
    input: ({ query }) => (query['name'] === undefined ? {} : { name: query['name'] }),
  }),
  commandRoute(forms.authorizeIngress, {
    id: 'authorizeIngress',
    method: 'POST',
    path: '/v1/security-groups/{id}/ingress',
    tag,
    fromPath,
  }),
  commandRoute(forms.revokeIngress, {
    id: 'revokeIngress',
    method: 'POST',
    path: '/v1/security-groups/{id}/revoke',
    tag,
    fromPath,
  }),
];
