/**
 * How a node is built, from a file an operator writes: interface names, the properties of the data plane, paths of tools.
 * Every member is known and typed; what is unknown or of another type is refused by name, because a misspelt interface would
 * otherwise leave a wire unguarded.
 */
import { isIpv4 } from '../../domain/ipv4.ts';
import { isMacAddress } from '../../domain/mac.ts';
import { type Refusal, refuse } from '../../domain/refusals.ts';
import { defaultNodeOptions, type NodeOptions } from '../../projections/plan/model.ts';
import type { AgentSettings } from './agent/agentModel.ts';
import { defaultTools, type Tools } from './agent/tool.ts';

export type NodeBuild = Pick<AgentSettings, 'options' | 'dhcp' | 'cutRevoked' | 'driftSeconds' | 'tools'>;

type Check = (value: unknown) => boolean;

const device: Check = (value) => typeof value === 'string' && /^[A-Za-z0-9_.-]{1,15}$/.test(value);
const flag: Check = (value) => typeof value === 'boolean';
const between =
  (low: number, high: number): Check =>
  (value) =>
    Number.isInteger(value) && Number(value) >= low && Number(value) <= high;
const oneOf =
  (...words: readonly string[]): Check =>
  (value) =>
    typeof value === 'string' && words.includes(value);
const path: Check = (value) => typeof value === 'string' && /^[A-Za-z0-9_./-]+$/.test(value);

type Expected = { readonly check: Check; readonly words: string };
const expected = (check: Check, words: string): Expected => ({ check, words });

/** Everything an operator may say. `without` is for the lab alone and not here. */
const optionChecks: { readonly [name in keyof Omit<NodeOptions, 'without'>]-?: Expected } = {
  bridge: expected(device, 'an interface name'),
  gatewayMac: expected((value) => typeof value === 'string' && isMacAddress(value), 'a MAC address'),
  publicInterface: expected(device, 'an interface name'),
  privateInterface: expected(device, 'an interface name'),
  portPrefix: expected((value) => device(value) && String(value).length <= 4, 'at most four characters of a name'),
  sameGroupTraffic: expected(flag, 'true or false'),
  masquerade: expected(flag, 'true or false'),
  metadataAddress: expected((value) => typeof value === 'string' && isIpv4(value), 'an IPv4 address'),
  metadataPort: expected(between(1, 65_535), 'a port'),
  fabricRoutes: expected(oneOf('own', 'all', 'none'), 'own, all or none'),
  leaseSeconds: expected(between(60, 4_294_967_294), 'seconds, at least 60'),
  mtu: expected(between(576, 65_535), 'bytes, at least 576'),
};

const agentChecks = {
  dhcp: expected(oneOf('internal', 'dnsmasq', 'off'), 'internal, dnsmasq or off'),
  cutRevoked: expected(flag, 'true or false'),
  driftSeconds: expected(between(0, 86_400), 'seconds, 0 for never'),
} as const;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const wrong = (member: string, words: string, value: unknown): Refusal =>
  refuse('node-options', `${member} is to be ${words}, not ${JSON.stringify(value)}`, { member });

const take = (members: Record<string, unknown>, checks: Readonly<Record<string, Expected>>): Refusal | undefined => {
  for (const [name, { check, words }] of Object.entries(checks)) {
    if (Object.hasOwn(members, name) && !check(members[name])) return wrong(name, words, members[name]);
  }
  return undefined;
};

/** The text of an options file, a JSON object; an empty text means the defaults. */
export const readNodeOptions = (text: string): NodeBuild | Refusal => {
  let members: unknown;
  try {
    members = JSON.parse(text.trim() === '' ? '{}' : text);
  } catch (error) {
    return refuse('node-options', `the options are not JSON: ${(error as Error).message}`);
  }
  if (!isRecord(members)) return wrong('the file', 'an object', members);
  const { tools = {}, ...rest } = members;
  const known = [...Object.keys(optionChecks), ...Object.keys(agentChecks)];
  const unknown = Object.keys(rest).find((name) => !known.includes(name));
  if (unknown !== undefined)
    return wrong(unknown, `absent: known are ${[...known, 'tools'].join(', ')}`, rest[unknown]);
  const refusal = take(rest, optionChecks) ?? take(rest, agentChecks) ?? badTools(tools) ?? clash(rest);
  if (refusal !== undefined) return refusal;
  const pick = (names: readonly string[]) =>
    Object.fromEntries(Object.entries(rest).filter(([name]) => names.includes(name)));
  return {
    ...pick(Object.keys(agentChecks)),
    options: pick(Object.keys(optionChecks)) as Partial<NodeOptions>,
    tools: tools as Partial<Tools>,
  };
};

const badTools = (tools: unknown): Refusal | undefined => {
  if (!isRecord(tools)) return wrong('tools', 'an object', tools);
  const bad = Object.keys(tools).find((name) => !Object.hasOwn(defaultTools, name) || !path(tools[name]));
  return bad === undefined
    ? undefined
    : wrong(`tools.${bad}`, `a path, for one of ${Object.keys(defaultTools).join(', ')}`, tools[bad]);
};

/** An uplink that is the bridge, or whose name looks like an instance's port, would be guarded as what it is not. */
const clash = (given: Record<string, unknown>): Refusal | undefined => {
  const { bridge, publicInterface, privateInterface, portPrefix } = { ...defaultNodeOptions, ...given };
  for (const uplink of [publicInterface, privateInterface]) {
    if (uplink === bridge) return wrong('bridge', 'another device than the uplinks', bridge);
    if (uplink.startsWith(portPrefix)) return wrong('portPrefix', `no beginning of ${uplink}`, portPrefix);
  }
  return bridge.startsWith(portPrefix) ? wrong('portPrefix', `no beginning of ${bridge}`, portPrefix) : undefined;
};
