/**
 * What the translations on the way make of a sender: with which addresses and as member of which groups it stands before the
 * filter of the destination's node, or before the outside world. The order of translation and filter is the nodes' (see
 * `../reachability.ts`).
 */
import { type Ipv4, parseIpv4 } from '../../domain/ipv4.ts';
import { groupsOf, type Seen } from './admission.ts';
import type { Beyond, InstanceSender, Sender, Target } from './ends.ts';
import type { HopCode } from './explanation.ts';
import { isPrivate, type Surroundings } from './surroundings.ts';
import type { Trail } from './trail.ts';

/** Undefined when the packet is dropped before any group is asked; the trail says why. */
export const seenAt = (around: Surroundings, sender: Sender, target: Target, trail: Trail): Seen | undefined =>
  sender.kind === 'instance' ? fromInstance(around, sender, target, trail) : fromOutside(around, sender, target, trail);

type OutsideSender = Extract<Sender, { readonly kind: 'outside' }>;

const fromOutside = (
  around: Surroundings,
  { address, wire }: OutsideSender,
  { instance, elastic }: Target,
  trail: Trail,
): Seen | undefined => {
  const isToldApart = around.options.wires === 'two' && wire === 'public';
  if (isToldApart && isPrivate(around, address)) {
    return dropped(trail, 'private-source-on-public-wire', 'Private sources never enter from the public side.');
  }
  if (isToldApart && elastic === undefined) {
    const text = `From the public side only elastic addresses are reached, and ${instance.id} is not asked by one.`;
    return dropped(trail, 'private-from-public', text);
  }
  return { groups: [], addresses: [address], hidden: false };
};

const dropped = (trail: Trail, code: HopCode, text: string): undefined => {
  trail.add({ code, text });
  return undefined;
};

const fromInstance = (
  around: Surroundings,
  sender: InstanceSender,
  { instance, elastic }: Target,
  trail: Trail,
): Seen | undefined => {
  const own = addresses(sender.instance.privateAddress);
  const groups = groupsOf(around.network, sender.instance).map(({ id }) => id);
  const asItself: Seen = { groups, addresses: own, hidden: false };
  if (elastic === undefined || isPrivateText(around, elastic)) return asItself;
  const sameNode = sender.instance.node === instance.node && sender.instance.cluster === instance.cluster;
  if (sender.elastic !== undefined) {
    showTranslation(sender, sender.elastic, trail);
    const shown = addresses(sender.elastic);
    return { ...asItself, addresses: sameNode ? [...own, ...shown] : shown };
  }
  return sameNode ? asItself : withoutElastic(around, sender, asItself, trail);
};

/** Towards another node's elastic address without an elastic address of its own. */
const withoutElastic = (
  { options }: Surroundings,
  sender: InstanceSender,
  asItself: Seen,
  trail: Trail,
): Seen | undefined => {
  if (options.masquerade) {
    showMasquerade(sender, trail);
    return { groups: [], addresses: [], hidden: true };
  }
  if (options.wires === 'one') return asItself;
  const text = `${sender.instance.id} has no elastic address, so its private one would come from the public side.`;
  return dropped(trail, 'private-source-on-public-wire', text);
};

/** The last hops of what leaves for addresses outside the cloud. */
export const leave = (around: Surroundings, { sender, address }: Beyond, trail: Trail): void => {
  const text = `No instance has ${address}; what instances send is not filtered.`;
  trail.add({ code: 'destination-is-outside', text, subject: address });
  if (isPrivateText(around, address)) return;
  if (sender.elastic !== undefined) showTranslation(sender, sender.elastic, trail);
  else if (around.options.masquerade) showMasquerade(sender, trail);
};

const showTranslation = ({ instance }: InstanceSender, elastic: string, trail: Trail): void => {
  const text = `${instance.id} is seen as ${elastic} beyond its own node.`;
  trail.add({ code: 'elastic-translation', text, subject: elastic, at: instance.publicAt ?? instance.at });
};

const showMasquerade = ({ instance }: InstanceSender, trail: Trail): void => {
  const text = `${instance.id} is seen with the public address of its node, ${instance.node}.`;
  trail.add({ code: 'masquerade', text, subject: instance.id });
};

const isPrivateText = (around: Surroundings, text: string): boolean => {
  const address = parseIpv4(text);
  return address !== undefined && isPrivate(around, address);
};

const addresses = (text: string): readonly Ipv4[] => {
  const address = parseIpv4(text);
  return address === undefined ? [] : [address];
};
