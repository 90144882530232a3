/**
 * The protocol of a permission and its range of ports, or its ICMP type and code, as wished -> as stored (cloud spec 6.5).
 * Eucalyptus 4.0 knows three protocols by name and does not check ICMP; strict AWS also takes numbers and checks all.
 */
import type { PermissionWish } from './commands.ts';
import { refuseGroup } from './groupRefusals.ts';
import type { Refusal } from './refusals.ts';
import { hasPorts, highestPort, icmp, isIcmpNumber, nodesKnowProtocol, type Rule, tcp, udp } from './rule.ts';

export type Range = Pick<Rule, 'protocol' | 'low' | 'high'>;

export type RangeRules = {
  readonly strictAws: boolean;
  /** The permission names source groups: 4.0 then reads 0 to 0 as every port. */
  readonly fromGroups: boolean;
};

/** `path` is that of the permission, for the refusal's member. */
export const rangeOf = (wish: PermissionWish, path: string, rules: RangeRules): Range | Refusal => {
  const protocol = protocolOf(wish.protocol, path, rules.strictAws);
  if (typeof protocol !== 'number') return protocol;
  if (hasPorts(protocol)) return portsOf(protocol, wish, path, rules);
  return protocol === icmp ? icmpOf(wish, path, rules) : otherOf(protocol, wish, path);
};

const names: ReadonlyMap<string, number> = new Map([
  ['icmp', icmp],
  ['tcp', tcp],
  ['udp', udp],
]);

const protocolOf = (text: string | undefined, path: string, strictAws: boolean): number | Refusal => {
  const member = `${path}.protocol`;
  if (text === undefined || text === '') {
    return refuseGroup('invalid-permission-malformed', 'The permission names no protocol.', { member });
  }
  const value = text.slice(0, 80);
  const named = names.get(text);
  if (named !== undefined) return named;
  if (!strictAws || !/^(?:-1|0|[1-9][0-9]{0,2})$/.test(text) || Number(text) > 255) {
    const known = strictAws ? 'tcp, udp, icmp, or a number from 1 to 255' : 'tcp, udp or icmp';
    return refuseGroup('invalid-permission-malformed', `A protocol is ${known}.`, { member, value });
  }
  if (nodesKnowProtocol(Number(text))) return Number(text);
  const detail =
    text === '-1'
      ? 'A rule for all protocols cannot be programmed on EDGE nodes: allow tcp, udp and icmp one by one.'
      : `Nodes cannot program a rule for protocol ${text}.`;
  return refuseGroup('invalid-permission-protocol', detail, { member, value });
};

const portsOf = (protocol: number, wish: PermissionWish, path: string, rules: RangeRules): Range | Refusal => {
  const { fromPort: low, toPort } = wish;
  const everyPort = rules.fromGroups && !rules.strictAws && low === 0 && toPort === 0;
  const high = everyPort ? highestPort : toPort;
  const where = { member: `${path}.fromPort`, value: `${low ?? ''}-${high ?? ''}` };
  if (low === undefined || high === undefined || !isPort(low) || !isPort(high) || low > high) {
    return refuseGroup(
      'invalid-permission-malformed',
      'Ports are two numbers from 0 to 65535, the lower first.',
      where,
    );
  }
  if (rules.strictAws && low === 0 && high < highestPort) {
    const detail = `Nodes would read ${low}-${high} as every port. Say ${high === 0 ? '1-65535' : `1-${high}`} or 0-65535.`;
    return refuseGroup('invalid-permission-port-zero', detail, where);
  }
  return { protocol, low, high };
};

const isPort = (value: number): boolean => Number.isInteger(value) && value >= 0 && value <= highestPort;

const icmpOf = (wish: PermissionWish, path: string, rules: RangeRules): Range | Refusal => {
  const { fromPort: type, toPort: code } = wish;
  const where = { member: `${path}.fromPort`, value: `${type ?? ''}:${code ?? ''}` };
  if (!isWhole(type) || !isWhole(code)) {
    const detail = 'For icmp the lower port is the type and the upper one the code; -1 means any.';
    return refuseGroup('invalid-permission-malformed', detail, where);
  }
  if (!rules.strictAws) {
    return { protocol: icmp, low: type, high: rules.fromGroups && type === 0 && code === 0 ? highestPort : code };
  }
  const wellFormed = type === -1 ? code === -1 : isIcmpNumber(type) && (code === -1 || isIcmpNumber(code));
  return wellFormed
    ? { protocol: icmp, low: type, high: code }
    : refuseGroup(
        'invalid-permission-malformed',
        'ICMP types and codes are -1 or 0 to 255; any type has any code.',
        where,
      );
};

const isWhole = (value: number | undefined): value is number => Number.isInteger(value);

/** Protocols without ports: none may be given, so that nobody believes in a narrower rule than there is. */
const otherOf = (protocol: number, wish: PermissionWish, path: string): Range | Refusal => {
  const given = [wish.fromPort, wish.toPort].find((port) => port !== undefined && port !== -1);
  return given === undefined
    ? { protocol, low: -1, high: -1 }
    : refuseGroup('invalid-permission-malformed', `Protocol ${protocol} has no ports.`, {
        member: `${path}.fromPort`,
        value: String(given),
      });
};
