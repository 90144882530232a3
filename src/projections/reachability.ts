/**
 * Why traffic is allowed or denied, from the network as it should be: a pure function of the network and the question. It
 * follows a first packet the way nodes do (routed edge: the sender's node translates, the destination's node decides):
 *
 * - What leaves an instance is never filtered; the node of the destination decides on ingress, by the union of the
 *   destination's groups. No rule, no way in.
 * - A group as a source means the private and the elastic addresses of all its live members, in the whole cloud.
 * - A block as a source is compared with the address that arrives. Between private addresses nothing is translated, so that
 *   is the private one. Towards an elastic address outside the private subnets the sender is translated, too: another node
 *   sees its elastic address. On the same node the filter comes before that translation and sees the private address;
 *   blocks that hold the sender's elastic address are made to mean it there as well, so both count.
 * - A sender without an elastic address reaches elastic addresses of other nodes with its node's own public address
 *   (masquerade), which is in no group and which only a block for everybody surely holds; without masquerade its private
 *   address arrives on the public wire and is dropped there, or on the only wire and is looked at.
 * - From the public side only elastic addresses are reached.
 *
 * Answers are about filters and translations of a first packet, not about cables, routes or what listens in a guest.
 * Established flows go on after a rule is gone; that is not asked here.
 */
import { describeRule } from '../domain/rule.ts';
import type { GroupView, InstanceView, Network } from './network/views.ts';
import { type Admittance, admit, groupsOf } from './reachability/admission.ts';
import { leave, seenAt } from './reachability/arrival.ts';
import { type Sender, senderOf, type Target, targetOf } from './reachability/ends.ts';
import {
  defaultEdgeOptions,
  type EdgeOptions,
  type Explanation,
  type Hop,
  type RuleAt,
} from './reachability/explanation.ts';
import { describeTraffic, type Question, type Traffic } from './reachability/question.ts';
import { type Surroundings, surroundingsOf } from './reachability/surroundings.ts';
import { createTrail, type Trail } from './reachability/trail.ts';
import { peek } from './trie.ts';

export const why = (network: Network, question: Question, options: EdgeOptions = defaultEdgeOptions): Explanation =>
  whyIn(surroundingsOf(network, options), question);

/** The same for many questions about one network. */
export const whyIn = (around: Surroundings, { source, destination, traffic }: Question): Explanation => {
  const trail = createTrail();
  const sender = senderOf(around, source, trail);
  if (sender === undefined) return trail.end('denied');
  const target = targetOf(around, sender, { destination, traffic }, trail);
  if (typeof target === 'string') return trail.end(target);
  if (target.kind === 'beyond') {
    leave(around, target, trail);
    return trail.end('allowed');
  }
  const seen = seenAt(around, sender, target, trail);
  if (seen === undefined) return trail.end('denied', { target: target.instance });
  const groups = groupsOf(around.network, target.instance);
  const admittance = admit(groups, seen, traffic, around.options.sameGroupTraffic);
  return answer({ groups, target, sender, traffic }, admittance, trail);
};

type Decided = {
  readonly groups: readonly GroupView[];
  readonly target: Target;
  readonly sender: Sender;
  readonly traffic: Traffic;
};

const answer = (decided: Decided, { admission, partly }: Admittance, trail: Trail): Explanation => {
  const target = decided.target.instance;
  if (admission?.by === 'same-group') {
    trail.add(sameGroup(decided, admission.groupId));
    return trail.end('allowed', { target });
  }
  if (admission?.by === 'rule') {
    trail.add(matched(decided, admission.rule));
    return trail.end('allowed', { target, rule: admission.rule });
  }
  if (partly !== undefined) trail.add(onlyPartly(partly, decided.traffic));
  trail.add(defaultDeny(decided));
  return trail.end('denied', { target });
};

const joinedAt = (group: GroupView | undefined, instance: InstanceView): number =>
  (group === undefined ? undefined : peek(group.members, instance.id)) ?? instance.createdAt;

const sameGroup = ({ groups, target, sender }: Decided, groupId: string): Hop => {
  const group = groups.find(({ id }) => id === groupId);
  const members = sender.kind === 'instance' ? [target.instance, sender.instance] : [target.instance];
  const at = Math.max(...members.map((member) => joinedAt(group, member)));
  return {
    code: 'same-group',
    text: `Both are members of ${groupId}, whose members reach each other.`,
    subject: groupId,
    at,
  };
};

const matched = ({ sender }: Decided, { groupId, rule, at }: RuleAt): Hop => {
  const text = `${groupId} allows ${describeRule(rule)}.`;
  if (rule.source.kind === 'cidr') return { code: 'cidr-match', text, subject: groupId, at };
  const joined = sender.kind === 'instance' ? sender.instance.createdAt : at;
  return { code: 'source-group', text, subject: groupId, at: Math.max(at, joined) };
};

const onlyPartly = ({ groupId, rule, at }: RuleAt, traffic: Traffic): Hop => ({
  code: 'partly-allowed',
  text: `${groupId} allows ${describeRule(rule)}, which is a part of ${describeTraffic(traffic)}.`,
  subject: groupId,
  at,
});

/** Rests on the newest change of the groups: that is where a rule would have to be. */
const defaultDeny = ({ groups, target, traffic }: Decided): Hop => {
  const names = groups.map(({ id }) => id).join(', ') || 'no group';
  return {
    code: 'default-deny',
    text: `No rule of ${names} lets ${describeTraffic(traffic)} in to ${target.instance.id}.`,
    subject: target.instance.id,
    at: Math.max(target.instance.createdAt, ...groups.map((group) => group.at)),
  };
};
