/** The route table itself: nothing missing, nothing twice, nothing without a policy. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { commandForms, internalCommands } from '../../../src/adapters/http/forms/all.ts';
import { routeTable } from '../../../src/adapters/http/server.ts';
import type { CommandType } from '../../../src/domain/commands.ts';

const table = routeTable('0');
const places = table.map(({ method, path }) => `${method} ${path}`);

/** Every command of the domain, named here so that a new one makes its author say how it comes in. */
const commands = [
  'AbortRun',
  'AdoptAddress',
  'AllocateAddress',
  'AssociateAddress',
  'AuthorizeIngress',
  'ChangeProperties',
  'ChangeProperty',
  'ClearConfiguration',
  'CompleteAddress',
  'CreateSecurityGroup',
  'DeleteSecurityGroup',
  'DeregisterCluster',
  'DisableCluster',
  'DisassociateAddress',
  'EnableCluster',
  'ExpireImpending',
  'ExpireInstance',
  'ExpireReservation',
  'ForgetNodes',
  'FreeAddress',
  'MarkRunning',
  'MarkStopped',
  'MarkTerminated',
  'MissInstance',
  'PlaceInstance',
  'PostConfiguration',
  'RaiseEpoch',
  'ReclaimAddress',
  'RegisterCluster',
  'ReleaseAddress',
  'ReportAddresses',
  'ReportInstance',
  'ReportInstances',
  'ReportMode',
  'ReportNodes',
  'ResetProperty',
  'ResolveCluster',
  'RevokeIngress',
  'RunInstances',
  'StartInstance',
  'StopInstance',
  'TerminateInstance',
] as const satisfies readonly CommandType[];

/** Does not compile when a command is missing above. */
const isComplete: Exclude<CommandType, (typeof commands)[number]> extends never ? true : false = true;

const promised = [
  'PUT /v1/configuration',
  'GET /v1/configuration',
  'DELETE /v1/configuration',
  'GET /v1/properties',
  'GET /v1/properties/{name}',
  'PUT /v1/properties',
  'PUT /v1/properties/{name}',
  'DELETE /v1/properties/{name}',
  'POST /v1/clusters',
  'GET /v1/clusters',
  'DELETE /v1/clusters/{name}',
  'POST /v1/clusters/{name}/enable',
  'POST /v1/clusters/{name}/disable',
  'PUT /v1/clusters/{name}/nodes',
  'POST /v1/clusters/{name}/reports',
  'POST /v1/clusters/{name}/instances/report',
  'POST /v1/clusters/{name}/addresses/report',
  'GET /v1/clusters/{name}/document',
  'GET /v1/clusters/{name}/convergence',
  'GET /v1/convergence',
  'POST /v1/addresses',
  'GET /v1/addresses',
  'DELETE /v1/addresses/{ip}',
  'POST /v1/addresses/{ip}/associate',
  'POST /v1/addresses/{ip}/disassociate',
  'POST /v1/addresses/{ip}/free',
  'GET /v1/private-addresses',
  'GET /v1/address-pools',
  'POST /v1/security-groups',
  'GET /v1/security-groups',
  'GET /v1/security-groups/{id}',
  'DELETE /v1/security-groups/{id}',
  'POST /v1/security-groups/{id}/ingress',
  'POST /v1/security-groups/{id}/revoke',
  'POST /v1/instances',
  'GET /v1/instances',
  'GET /v1/instances/{id}',
  ...['place', 'running', 'stop', 'stopped', 'start', 'terminate', 'terminated', 'abort'].map(
    (it) => `POST /v1/instances/{id}/${it}`,
  ),
  'GET /v1/events',
  'GET /v1/events/stream',
  'POST /v1/batch',
  'POST /v1/epoch',
  'GET /v1/status',
  'GET /v1/caller',
  'GET /healthz',
  'GET /readyz',
  'GET /metrics',
  'GET /openapi.json',
  'GET /',
];

test('all promised routes are there', () => {
  assert.deepEqual(
    promised.filter((place) => !places.includes(place)),
    [],
  );
});

test('no route is there twice, by place or by name', () => {
  assert.equal(new Set(places).size, places.length);
  assert.equal(new Set(table.map(({ id }) => id)).size, table.length);
});

test('every route has a policy, every parameter of a path a schema, every command route a form', () => {
  for (const route of table) {
    if (route.access !== 'anyone') assert.ok(route.access.roles.length > 0, route.id);
    const named = [...route.path.matchAll(/\{([^}]+)\}/g)].map((match) => match[1]);
    assert.deepEqual(Object.keys(route.parameters ?? {}).sort(), named.sort(), route.id);
    if (route.command !== undefined) assert.deepEqual(commandForms.get(route.command)?.access, route.access, route.id);
    if (route.method !== 'GET' && route.access === 'anyone') assert.fail(`${route.id} changes something for anyone`);
  }
});

test('what anyone may see is only what the door says about itself, and probes', () => {
  const open = table.filter(({ access }) => access === 'anyone').map(({ path }) => path);
  assert.deepEqual(open.sort(), ['/', '/healthz', '/openapi.json', '/problems', '/problems/{code}', '/readyz']);
});

test('every command comes in by a route and by the batch, or is the house’s own', () => {
  assert.ok(isComplete);
  const carried = new Set(table.map(({ command }) => command));
  for (const command of commands) {
    const internal = internalCommands.includes(command);
    assert.equal(commandForms.has(command), !internal, command);
    assert.equal(carried.has(command), !internal, command);
  }
  assert.equal(commands.length, commandForms.size + internalCommands.length);
});

test('roles and commands: viewers and auditors change nothing, administrators may all', () => {
  for (const { access, type } of commandForms.values()) {
    assert.ok(access !== 'anyone', type);
    assert.ok(!access.roles.includes('viewer') && !access.roles.includes('auditor'), type);
    assert.ok(access.roles.includes('admin'), type);
  }
});
