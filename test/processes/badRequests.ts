/** Requests that must be answered with one clear problem each, and what that problem must say. */
import { configuration } from './load.ts';

export type BadRequest = {
  readonly what: string;
  readonly method: string;
  readonly path: string;
  readonly body?: string | Uint8Array;
  readonly headers?: Record<string, string>;
  readonly status: number;
  readonly code: string;
  /** The member the problem names; absent where the request as a whole is wrong, or its path. */
  readonly member?: string;
};

type Expected = readonly [status: number, code: string, member?: string];
type Configuration = {
  Clusters: { [member: string]: unknown; Subnet: { [member: string]: unknown } }[];
};

const of = (what: string, method: string, path: string, [status, code, member]: Expected): BadRequest => ({
  ...{ what, method, path, status, code },
  ...(member === undefined ? {} : { member }),
});

const raw = (what: string, body: string | Uint8Array, expected: Expected): BadRequest => ({
  ...of(what, 'PUT', '/v1/configuration', expected),
  body,
});

const text = JSON.stringify(configuration);

/** The good configuration with one thing changed. */
const changed = (what: string, change: (copy: Configuration) => void, expected: Expected): BadRequest => {
  const copy = structuredClone(configuration) as unknown as Configuration;
  change(copy);
  return raw(what, JSON.stringify(copy), expected);
};

/** With one member given another value, at the top, in the cluster, or in the cluster's subnet. */
const given = (what: string, member: string, value: unknown, expected: Expected): BadRequest =>
  changed(what, (copy) => Object.assign(copy, { [member]: value }), expected);

const ofCluster = (what: string, member: string, value: unknown, expected: Expected): BadRequest =>
  changed(what, ({ Clusters }) => Object.assign(Clusters[0] ?? {}, { [member]: value }), expected);

const ofSubnet = (what: string, member: string, value: unknown, expected: Expected): BadRequest =>
  changed(what, ({ Clusters }) => Object.assign(Clusters[0]?.Subnet ?? {}, { [member]: value }), expected);

const publicIps = (what: string, value: unknown, code: string): BadRequest =>
  given(what, 'PublicIps', value, [422, code, 'PublicIps[0]']);

const texts: readonly BadRequest[] = [
  raw('no body', '', [400, 'missing-body']),
  raw('a beginning of JSON', '{', [400, 'json.syntax', '']),
  raw('something after the JSON', `${text} x`, [400, 'json.syntax', '']),
  raw('a list', '[]', [422, 'json.type', '']),
  raw('null', 'null', [422, 'json.type', '']),
  raw('bytes that are not UTF-8', Buffer.from('{"PublicIps":["\xff\xfe"]}', 'latin1'), [400, 'invalid-utf8']),
  raw('a member twice', text.replace('"MacPrefix"', '"MacPrefix":"d0:0d","MacPrefix"'), [
    ...([400, 'json.duplicate-member'] as const),
    'Clusters[0].MacPrefix',
  ]),
  raw('a member twice, written differently', text.replace('"MacPrefix"', '"Mac\\u0050refix":"d0:0d","MacPrefix"'), [
    ...([400, 'json.duplicate-member'] as const),
    'Clusters[0].MacPrefix',
  ]),
  raw('__proto__', text.replace('{', '{"__proto__":{"PublicIps":[]},'), [400, 'json.forbidden-member', '__proto__']),
  raw('constructor', text.replace('{', '{"constructor":{},'), [400, 'json.forbidden-member', 'constructor']),
  raw('a number beyond 2^53', text.replace('{', '{"Mode":9007199254740993,'), [400, 'json.unsafe-number', 'Mode']),
  // Only announced: the answer comes before anything of it is read.
  { ...raw('nine megabytes', '{', [413, 'body-too-large']), headers: { 'content-length': String(9 << 20) } },
];

const configurations: readonly BadRequest[] = [
  given('an unknown member', 'Weather', 1, [422, 'json.unknown-field', 'Weather']),
  ofCluster('an unknown member further in', 'Colour', 1, [422, 'json.unknown-field', 'Clusters[0].Colour']),
  given('a text for a list', 'PublicIps', 'x', [422, 'json.type', 'PublicIps']),
  ofCluster('a list for an object', 'Subnet', [], [422, 'json.type', 'Clusters[0].Subnet']),
  given('without public addresses', 'PublicIps', undefined, [422, 'property.required', 'PublicIps']),
  publicIps('an octal address', ['010.0.0.1'], 'property.invalid.range'),
  publicIps('a short address', ['10.1'], 'property.invalid.range'),
  publicIps('a hexadecimal address', ['0x0a.0.0.1'], 'property.invalid.range'),
  publicIps('an address as a number', [167772161], 'json.type'),
  publicIps('an address as a number in text', ['167772161'], 'property.invalid.range'),
  publicIps('a range backwards', ['10.0.0.9-10.0.0.1'], 'property.invalid.range'),
  ofCluster(
    'a private range backwards',
    'PrivateIps',
    ['10.111.1.9-10.111.1.1'],
    [...([422, 'property.invalid.range'] as const), 'Clusters[0].PrivateIps[0]'],
  ),
  ofCluster(
    'a private range outside',
    'PrivateIps',
    ['192.168.0.1'],
    [...([422, 'semantic.private-ips'] as const), 'Clusters[0].PrivateIps[0]'],
  ),
  ofCluster('a MAC prefix that is none', 'MacPrefix', 'zz:zz', [
    ...([422, 'property.invalid.regex'] as const),
    'Clusters[0].MacPrefix',
  ]),
  ofSubnet('a gateway outside', 'Gateway', '10.112.0.1', [422, 'property.invalid.subnet', 'Clusters[0].Subnet']),
  ofSubnet('an octal gateway', 'Gateway', '10.111.0.01', [422, 'property.invalid.ip', 'Clusters[0].Subnet.Gateway']),
  ofSubnet('a netmask with holes', 'Netmask', '255.0.255.0', [
    ...([422, 'property.invalid.netmask'] as const),
    'Clusters[0].Subnet.Netmask',
  ]),
  ofSubnet('a subnet with host bits', 'Subnet', '10.111.0.5', [422, 'property.invalid.subnet', 'Clusters[0].Subnet']),
];

const post = (what: string, path: string, body: string, expected: Expected): BadRequest => ({
  ...of(what, 'POST', path, expected),
  body,
});

const group = '/v1/security-groups';
const deep = `${'['.repeat(70)}${']'.repeat(70)}`;

const commands: readonly BadRequest[] = [
  post('a member nobody knows', group, '{"name":"a","description":"d","x":1}', [422, 'unknown-member', 'x']),
  post('a number for a text', group, '{"name":1,"description":"d"}', [422, 'wrong-type', 'name']),
  post('a member missing', group, '{"description":"d"}', [422, 'missing-member', 'name']),
  post('__proto__ in a command', group, '{"name":"a","description":"d","__proto__":{}}', [
    ...([400, 'json.forbidden-member'] as const),
    '__proto__',
  ]),
  post('nested too deep', group, deep, [400, 'json.too-deep', '[0]'.repeat(64)]),
  post('an unknown cluster', '/v1/instances', '{"cluster":"NOWHERE"}', [404, 'cluster-not-found', 'cluster']),
  post('a count beyond 2^53', '/v1/instances', '{"cluster":"PARTI00","count":9007199254740993}', [
    ...([400, 'json.unsafe-number'] as const),
    'count',
  ]),
  post('a negative count', '/v1/instances', '{"cluster":"PARTI00","count":-1}', [422, 'invalid-member', 'count']),
  post('half an instance', '/v1/instances', '{"cluster":"PARTI00","count":1.5}', [422, 'wrong-type', 'count']),
  post('an unknown group', '/v1/instances', '{"cluster":"PARTI00","groups":["sg-0000ffff"]}', [
    ...([404, 'invalid-group-not-found'] as const),
    'groupId',
  ]),
  post('an unknown instance', '/v1/instances/i-0000ffff/stop', '{}', [404, 'instance-not-found']),
  post('an instance id that is none', '/v1/instances/i-xyz/stop', '{}', [404, 'instance-not-found']),
  post('a short address', '/v1/addresses', '{"address":"10.1"}', [404, 'address-not-found', 'address']),
  post('an octal address', '/v1/addresses', '{"address":"010.111.200.1"}', [404, 'address-not-found', 'address']),
  post('rules for an unknown group', `${group}/sg-0000ffff/ingress`, '{"permissions":[{"protocol":"tcp"}]}', [
    ...([404, 'invalid-group-not-found'] as const),
    'groupId',
  ]),
  { ...of('an unknown address', 'DELETE', '/v1/addresses/10.99.99.99', [404, 'address-not-found', 'address']) },
  { ...of('an unknown group', 'DELETE', `${group}/sg-0000ffff`, [404, 'invalid-group-not-found', 'groupId']) },
  {
    ...of('an unknown property', 'PUT', '/v1/properties/no.such', [404, 'property.unknown', 'no.such']),
    body: '{"value":"1"}',
  },
  {
    ...of('a property of another kind', 'PUT', '/v1/properties/edgelog.dirty_limit', [
      ...([422, 'property.invalid'] as const),
      'edgelog.dirty_limit',
    ]),
    body: '{"value":"soon"}',
  },
  {
    ...of('nodes without names', 'PUT', '/v1/clusters/PARTI00/nodes', [422, 'wrong-type', 'nodes[0].name']),
    body: '{"nodes":[{"name":5}]}',
  },
  { ...of('an unknown route', 'GET', '/v1/nothing', [404, 'no-such-page']) },
  { ...of('another method', 'PATCH', '/v1/configuration', [405, 'method-not-allowed']), body: '{}' },
  { ...of('a parameter of another kind', 'GET', '/v1/instances?limit=x', [422, 'invalid-parameter', 'limit']) },
  { ...of('an unknown parameter', 'GET', '/v1/instances?colour=red', [422, 'unknown-parameter', 'colour']) },
  { ...of('a moment to come', 'GET', '/v1/instances?at=99999999', [404, 'moment-not-found', 'at']) },
  {
    ...of('a tag that is none', 'PUT', '/v1/configuration', [422, 'invalid-header', 'If-Match']),
    body: text,
    headers: { 'if-match': 'x' },
  },
  {
    ...of('a key that is too long', 'POST', '/v1/addresses', [422, 'invalid-header', 'Idempotency-Key']),
    body: '{}',
    headers: { 'idempotency-key': 'x'.repeat(1000) },
  },
];

export const badRequests: readonly BadRequest[] = [...texts, ...configurations, ...commands];
