/**
 * Whether a first packet towards a local instance is let in, and by which rule: the groups' part of the rules, evaluated on
 * the plan instead of in the kernel. The lab compares the two on real packets.
 */
import { cidrContains, parseCidr, parseRuleCidr } from '../../domain/cidr.ts';
import { parseIpv4 } from '../../domain/ipv4.ts';
import type { RuleEntry } from '../document/model.ts';
import type { LocalInstance, Plan, PlannedRule } from './model.ts';

/** A flow's first packet as it arrives: `originalTo` is what it was sent to, `to` what that was translated to. */
export type Flow = {
  readonly protocol: number;
  readonly source: string;
  readonly originalTo: string;
  readonly to: string;
  /** Destination port of tcp and udp. */
  readonly port: number;
  readonly icmpType: number;
  readonly icmpCode: number;
};

export type Admission =
  | { readonly by: 'rule'; readonly groupId: string; readonly rule: PlannedRule }
  | { readonly by: 'same-group'; readonly groupId: string };

export const localByAddress = (plan: Plan, address: string): LocalInstance | undefined => {
  for (const { instance } of plan.instances.values()) if (instance.privateIp === address) return instance;
  return undefined;
};

export const localByPublicAddress = (plan: Plan, address: string): LocalInstance | undefined => {
  for (const { instance } of plan.instances.values()) if (instance.publicIp === address) return instance;
  return undefined;
};

export const isPrivate = (plan: Plan, address: string): boolean => {
  const number = parseIpv4(address);
  return (
    number !== undefined &&
    plan.network.privateCidrs.some((text) => {
      const cidr = parseCidr(text);
      return cidr !== undefined && cidrContains(cidr, number);
    })
  );
};

/** The first rule, group by group as the kernel goes through them, that lets the flow in. */
export const admission = (plan: Plan, instance: LocalInstance, flow: Flow): Admission | undefined => {
  for (const groupId of instance.groups) {
    const group = plan.groups.get(groupId);
    if (group === undefined) continue;
    if (plan.options.sameGroupTraffic && isMember(plan, groupId, flow.source)) return { by: 'same-group', groupId };
    const rule = group.rules.find((planned) => planned.match !== undefined && admits(plan, planned.entry, flow));
    if (rule !== undefined) return { by: 'rule', groupId, rule };
  }
  return undefined;
};

export const isAdmitted = (plan: Plan, flow: Flow): boolean => {
  const instance = localByAddress(plan, flow.to);
  return instance !== undefined && admission(plan, instance, flow) !== undefined;
};

const isMember = (plan: Plan, groupId: string, address: string): boolean =>
  plan.groups.get(groupId)?.members?.addresses.has(address) === true;

const admits = (plan: Plan, entry: RuleEntry, flow: Flow): boolean =>
  matchesProtocol(entry, flow) && matchesSource(plan, entry, flow);

const matchesProtocol = ({ protocol, low, high }: RuleEntry, flow: Flow): boolean => {
  if (protocol !== flow.protocol) return false;
  if (protocol === 6 || protocol === 17) return low === -1 || (flow.port >= low && flow.port <= high);
  if (protocol === 1) return low === -1 || (low === flow.icmpType && (high === -1 || high === flow.icmpCode));
  return true;
};

const matchesSource = (plan: Plan, { source }: RuleEntry, flow: Flow): boolean => {
  if (source.kind === 'group') return isMember(plan, source.groupId, flow.source);
  const block = parseRuleCidr(source.cidr);
  if (block === undefined) return false;
  const holds = (address: string): boolean => cidrContains(block, parseIpv4(address) ?? 0);
  if (holds(flow.source)) return true;
  const elastic = localByAddress(plan, flow.source)?.publicIp;
  return elastic !== undefined && !isPrivate(plan, flow.originalTo) && holds(elastic);
};
