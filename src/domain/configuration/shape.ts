/**
 * The form of the configuration document: which members there are and of which JSON type (cloud spec 1.3). Finds the first
 * wrong place in the order of the text; says nothing about whether the values make sense, which is `parse.ts`.
 */
import type { Json } from '../eventStore.ts';
import { type Refusal, refuse } from '../refusals.ts';
import { pathText } from '../strictJson.ts';
import type { ConfigurationProfile } from './members.ts';

type Members = { readonly [name: string]: Shape };
type Shape = 'text' | 'texts' | 'integer' | { readonly members: Members } | { readonly listOf: Members };

const subnet: Members = { Name: 'text', Subnet: 'text', Netmask: 'text', Gateway: 'text' };

const members40: Members = {
  InstanceDnsDomain: 'text',
  InstanceDnsServers: 'texts',
  MacPrefix: 'text',
  PublicIps: 'texts',
  PrivateIps: 'texts',
  Subnets: { listOf: subnet },
  Clusters: { listOf: { Name: 'text', MacPrefix: 'text', Subnet: { members: subnet }, PrivateIps: 'texts' } },
};

const gateway44: Members = {
  GatewayIP: 'text',
  GatewayHost: 'text',
  GatewayInterface: 'text',
  Ip: 'text',
  ExternalCidr: 'text',
  ExternalDevice: 'text',
  ExternalIp: 'text',
  ExternalRouterIp: 'text',
  BgpPeerIp: 'text',
  BgpPeerAsn: 'text',
  BgpAdRoutes: 'texts',
};

const members44: Members = {
  ...members40,
  Mode: 'text',
  PublicGateway: 'text',
  Mido: {
    members: {
      EucanetdHost: 'text',
      GatewayHost: 'text',
      GatewayIP: 'text',
      GatewayInterface: 'text',
      PublicNetworkCidr: 'text',
      PublicGatewayIP: 'text',
      Gateways: { listOf: gateway44 },
      BgpAsn: 'text',
    },
  },
  ManagedSubnet: {
    members: {
      Name: 'text',
      Subnet: 'text',
      Netmask: 'text',
      MinVlan: 'integer',
      MaxVlan: 'integer',
      SegmentSize: 'integer',
    },
  },
};

type Path = readonly (string | number)[];

/** The first member that is unknown or of the wrong type, or undefined. `null` for a member equals its absence. */
export const wrongShape = (json: Json, profile: ConfigurationProfile): Refusal | undefined =>
  wrongMembers(json, profile === '4.4' ? members44 : members40, []);

const wrongMembers = (json: Json, known: Members, path: Path): Refusal | undefined => {
  if (!isObject(json)) return wrongType(json, 'an object', path);
  for (const [name, value] of Object.entries(json)) {
    const shape = Object.hasOwn(known, name) ? known[name] : undefined;
    if (shape === undefined) return unknownMember([...path, name], known);
    const wrong = value === null ? undefined : wrongValue(value, shape, [...path, name]);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
};

const wrongValue = (value: Json, shape: Shape, path: Path): Refusal | undefined => {
  if (shape === 'text') return typeof value === 'string' ? undefined : wrongType(value, 'a string', path);
  if (shape === 'integer') return Number.isInteger(value) ? undefined : wrongType(value, 'an integer', path);
  if (shape === 'texts') return wrongItems(value, (item, at) => wrongValue(item, 'text', at), path);
  if ('members' in shape) return wrongMembers(value, shape.members, path);
  return wrongItems(value, (item, at) => wrongMembers(item, shape.listOf, at), path);
};

type ItemCheck = (item: Json, path: Path) => Refusal | undefined;

const wrongItems = (value: Json, check: ItemCheck, path: Path): Refusal | undefined => {
  if (!Array.isArray(value)) return wrongType(value, 'a list', path);
  for (const [index, item] of value.entries()) {
    const wrong = check(item, [...path, index]);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
};

const unknownMember = (path: Path, known: Members): Refusal => {
  const member = pathText(path);
  return refuse('json.unknown-field', `${member} is not a member here; known are ${Object.keys(known).join(', ')}`, {
    member,
  });
};

const wrongType = (value: Json, wanted: string, path: Path): Refusal => {
  const member = pathText(path);
  const place = member === '' ? 'the configuration' : member;
  return refuse('json.type', `${place} must be ${wanted}, not ${typeName(value)}`, {
    member,
    value: shownValue(value),
  });
};

const typeName = (value: Json): string => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
};

const shownValue = (value: Json): string => {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length <= 80 ? text : `${text.slice(0, 77)}...`;
};

/** The same value without members that are null, at every depth. */
export const withoutNulls = (json: Json): Json => {
  if (Array.isArray(json)) return json.map(withoutNulls);
  if (!isObject(json)) return json;
  const present = Object.entries(json).filter(([, value]) => value !== null);
  return Object.fromEntries(present.map(([name, value]) => [name, withoutNulls(value)]));
};

const isObject = (json: Json): json is { readonly [member: string]: Json } =>
  typeof json === 'object' && json !== null && !Array.isArray(json);
