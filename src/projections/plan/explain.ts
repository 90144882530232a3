/**
 * Which rule decides a frame, and what an event must have set for it: the node's whole rule path evaluated on the plan, step
 * by step as the kernel takes it. A pure function of plan and frame; it never asks the kernel.
 */
import { admission, type Flow, isPrivate, localByAddress, localByPublicAddress } from './admission.ts';
import { unset } from './census.ts';
import type { GuardName, LocalInstance, Plan, PlannedRule } from './model.ts';

export type Frame = {
  /** The interface it comes in by: an instance's port, the public or the private uplink. */
  readonly in: string;
  readonly sourceMac?: string;
  readonly ether: 'ip' | 'arp' | 'other';
  /** For ARP the sender's and the target's addresses. */
  readonly source: string;
  readonly destination: string;
  readonly arpSenderMac?: string;
  readonly protocol: number;
  readonly sourcePort?: number;
  readonly port?: number;
  readonly icmpType?: number;
  readonly icmpCode?: number;
  /** Client hardware address inside a DHCP message. */
  readonly chaddr?: string;
  readonly state: 'new' | 'established';
};

/** What an event may have set. */
export type ExplainedSubject =
  | { readonly kind: 'rule'; readonly groupId: string; readonly rule: PlannedRule }
  | { readonly kind: 'membership'; readonly instanceId: string; readonly groupId: string }
  | { readonly kind: 'elastic'; readonly instanceId: string; readonly publicIp: string }
  | { readonly kind: 'instance'; readonly instanceId: string };

export type Decision = {
  readonly verdict: 'accepted' | 'dropped';
  /** The rule as a sentence, with the group's rule text where one decides. */
  readonly rule: string;
  readonly guard?: GuardName;
  readonly subject?: ExplainedSubject;
};

export type Explanation = Decision & { readonly steps: readonly string[] };

export const explain = (plan: Plan, frame: Frame): Explanation => {
  const steps: string[] = [];
  return { ...decide(plan, frame, steps), steps };
};

const dropped = (guard: GuardName, rule: string, subject?: ExplainedSubject): Decision => ({
  verdict: 'dropped',
  guard,
  rule,
  ...(subject === undefined ? {} : { subject }),
});

const decide = (plan: Plan, frame: Frame, steps: string[]): Decision => {
  const isPort = frame.in.startsWith(plan.options.portPrefix);
  const stopped = isPort ? atPort(plan, frame, steps) : atUplink(plan, frame, steps);
  return stopped ?? routed(plan, frame, isPort, steps);
};

const portOwner = (plan: Plan, port: string): LocalInstance | undefined => {
  for (const { instance } of plan.instances.values()) if (instance.port === port) return instance;
  return undefined;
};

const atPort = (plan: Plan, frame: Frame, steps: string[]): Decision | undefined => {
  const owner = portOwner(plan, frame.in);
  if (owner === undefined) return dropped('unprogrammedPort', `port ${frame.in} belongs to no instance of this node`);
  const subject: ExplainedSubject = { kind: 'instance', instanceId: owner.id };
  steps.push(`port ${frame.in} is ${owner.id}, ${owner.mac}, ${owner.privateIp}`);
  const mac = frame.sourceMac?.toLowerCase() ?? owner.mac;
  if (mac !== owner.mac) return dropped('sourceMac', `source MAC ${mac} is not ${owner.mac}`, subject);
  switch (frame.ether) {
    case 'other':
      return dropped('etherTypes', 'only IPv4 and ARP leave an instance', subject);
    case 'arp':
      return atPortArp(frame, owner, subject);
    case 'ip':
      return atPortIp(frame, owner, subject, steps);
  }
};

const atPortArp = (frame: Frame, owner: LocalInstance, subject: ExplainedSubject): Decision => {
  const senderMac = frame.arpSenderMac?.toLowerCase() ?? owner.mac;
  const probe = frame.source === unset && frame.destination === owner.privateIp;
  if (senderMac === owner.mac && (frame.source === owner.privateIp || probe)) {
    return { verdict: 'accepted', rule: 'ARP from its own addresses, answered by the node', subject };
  }
  return dropped(
    'arpSender',
    `ARP sender ${senderMac} ${frame.source} is not ${owner.mac} ${owner.privateIp}`,
    subject,
  );
};

const atPortIp = (
  frame: Frame,
  owner: LocalInstance,
  subject: ExplainedSubject,
  steps: string[],
): Decision | undefined => {
  const isUdp = frame.protocol === 17;
  if (isUdp && frame.sourcePort === 67) return dropped('dhcpServer', 'an instance is no DHCP server', subject);
  if (isUdp && frame.port === 67) {
    const chaddr = frame.chaddr?.toLowerCase() ?? owner.mac;
    if (chaddr !== owner.mac)
      return dropped('dhcpChaddr', `DHCP asks for ${chaddr}, the port is ${owner.mac}`, subject);
    if (frame.source === unset) return { verdict: 'accepted', rule: 'DHCP question to the node', subject };
  }
  if (frame.source !== owner.privateIp) {
    return dropped('sourceIp', `source ${frame.source} is not ${owner.privateIp}`, subject);
  }
  steps.push('source MAC and address are its own');
  return undefined;
};

const atUplink = (plan: Plan, frame: Frame, steps: string[]): Decision | undefined => {
  const { publicInterface, privateInterface } = plan.options;
  const twoWires = publicInterface !== privateInterface;
  const ownElastic = localByPublicAddress(plan, frame.source) !== undefined;
  if (frame.in === publicInterface && twoWires && (isPrivate(plan, frame.source) || ownElastic)) {
    return dropped('publicSpoof', `${frame.source} cannot come from the public side`);
  }
  if (frame.in === privateInterface && (ownElastic || localByAddress(plan, frame.source) !== undefined)) {
    return dropped('fabricSpoof', `${frame.source} is an instance of this node and cannot come from the fabric`);
  }
  steps.push(`source ${frame.source} may come from ${frame.in}`);
  return undefined;
};

const metadata = '169.254.169.254';

const routed = (plan: Plan, frame: Frame, isPort: boolean, steps: string[]): Decision => {
  if (isPort && frame.destination === metadata && frame.protocol === 6 && frame.port === 80) {
    const { network, options } = plan;
    return { verdict: 'accepted', rule: `metadata, redirected to ${network.metadataAddress}:${options.metadataPort}` };
  }
  const elastic = localByPublicAddress(plan, frame.destination);
  if (elastic !== undefined) steps.push(`${frame.destination} is translated to ${elastic.privateIp} of ${elastic.id}`);
  const to = elastic?.privateIp ?? frame.destination;
  const target = localByAddress(plan, to);
  if (target !== undefined) return towards(plan, frame, target, elastic !== undefined, steps);
  if (isPort) return fromInstance(plan, frame);
  return dropped('transit', `${to} is not an instance of this node, which forwards for nobody else`);
};

const fromInstance = (plan: Plan, frame: Frame): Decision => {
  const { gateway } = plan.network;
  if (frame.destination === gateway && frame.protocol === 1)
    return { verdict: 'accepted', rule: 'ping of the gateway' };
  if (frame.destination === gateway && frame.protocol === 17 && frame.port === 67) {
    return { verdict: 'accepted', rule: 'DHCP question to the node' };
  }
  if (frame.destination === gateway)
    return dropped('nodeInput', 'the node offers instances DHCP and ping, nothing else');
  return { verdict: 'accepted', rule: 'an instance may send anywhere; the node of the destination decides' };
};

const towards = (plan: Plan, frame: Frame, target: LocalInstance, translated: boolean, steps: string[]): Decision => {
  if (frame.state === 'established') return { verdict: 'accepted', rule: 'it belongs to a flow that was let in' };
  const { publicInterface, privateInterface } = plan.options;
  if (frame.in === publicInterface && publicInterface !== privateInterface && !translated) {
    return dropped('publicDirect', 'from the public side only elastic addresses are reached');
  }
  const found = admission(plan, target, flowOf(frame, target));
  if (found === undefined) {
    const groups = target.groups.join(', ') || 'no group';
    return dropped('defaultDeny', `no rule of ${groups} admits it to ${target.id}`, {
      kind: 'instance',
      instanceId: target.id,
    });
  }
  steps.push(`${target.id} is in ${target.groups.join(', ')}`);
  if (found.by === 'same-group') {
    return {
      verdict: 'accepted',
      rule: `members of ${found.groupId} reach each other`,
      subject: { kind: 'membership', instanceId: target.id, groupId: found.groupId },
    };
  }
  const rule = `${found.groupId} rule ${found.rule.index}: ${`${found.rule.match ?? ''} accept`.trim()}`;
  return { verdict: 'accepted', rule, subject: { kind: 'rule', groupId: found.groupId, rule: found.rule } };
};

const flowOf = (frame: Frame, target: LocalInstance): Flow => ({
  protocol: frame.protocol,
  source: frame.source,
  originalTo: frame.destination,
  to: target.privateIp,
  port: frame.port ?? 0,
  icmpType: frame.icmpType ?? 8,
  icmpCode: frame.icmpCode ?? 0,
});
