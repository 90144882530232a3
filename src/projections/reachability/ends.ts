/**
 * Both ends of a question found in the network: who sends, whom it reaches and by which address, or why one of them is
 * nobody. Whether the traffic is let in is not decided here.
 */
import { parseIpv4 } from '../../domain/ipv4.ts';
import type { InstanceView } from '../network/views.ts';
import { peek } from '../trie.ts';
import type { Hop } from './explanation.ts';
import type { Endpoint, Traffic } from './question.ts';
import {
  holderOf,
  isOfPool,
  isPrivate,
  placeAt,
  type Surroundings,
  shownElastic,
  unprogrammed,
} from './surroundings.ts';
import type { Trail, Verdict } from './trail.ts';

export type InstanceSender = {
  readonly kind: 'instance';
  readonly instance: InstanceView;
  readonly elastic: string | undefined;
};

export type Sender =
  | InstanceSender
  | { readonly kind: 'outside'; readonly address: number; readonly wire: 'public' | 'private' };

/** `elastic` is the address it is reached by, when it is not its private one. */
export type Target = { readonly kind: 'instance'; readonly instance: InstanceView; readonly elastic?: string };

/** Nobody of the cloud. Only instances get this far: from outside to outside is nothing to us. */
export type Beyond = { readonly kind: 'beyond'; readonly sender: InstanceSender; readonly address: string };

/** Undefined when nobody can send; the trail says why. */
export const senderOf = (around: Surroundings, source: Endpoint, trail: Trail): Sender | undefined => {
  if (source.kind === 'address') {
    const holder = holderOf(around, source.address);
    return holder === undefined
      ? outside(around, source.address, trail)
      : instanceSender(around, holder.instance, trail);
  }
  const instance = peek(around.network.instances, source.id);
  if (instance !== undefined) return instanceSender(around, instance, trail);
  trail.add({ code: 'no-such-source', text: `There is no instance ${source.id}.`, subject: source.id });
  return undefined;
};

const instanceSender = (around: Surroundings, instance: InstanceView, trail: Trail): Sender | undefined => {
  const problem = unprogrammed(around, instance);
  trail.add(problem ?? standing('source-instance', instance));
  return problem === undefined ? { kind: 'instance', instance, elastic: shownElastic(instance) } : undefined;
};

const outside = (around: Surroundings, text: string, trail: Trail): Sender => {
  const address = parseIpv4(text) ?? 0;
  const wire = around.options.sourceWire ?? (isPrivate(around, address) ? 'private' : 'public');
  const how = `No instance has ${text}; it comes by the ${wire} wire.`;
  trail.add({ code: 'source-is-outside', text: how, subject: text });
  return { kind: 'outside', address, wire };
};

const standing = (code: 'source-instance' | 'destination-instance', view: InstanceView): Hop => ({
  code,
  text: `${view.id} has ${view.privateAddress} and is on ${view.node ?? 'no node'} of ${view.cluster}.`,
  subject: view.id,
  at: placeAt(view),
});

/** A verdict when the question ends here. */
export const targetOf = (
  around: Surroundings,
  sender: Sender,
  { destination, traffic }: { readonly destination: Endpoint; readonly traffic: Traffic },
  trail: Trail,
): Target | Beyond | Verdict => {
  if (destination.kind === 'instance') {
    const instance = peek(around.network.instances, destination.id);
    if (instance !== undefined) return reached(around, sender, byChoice(sender, instance), trail);
    const text = `There is no instance ${destination.id}.`;
    trail.add({ code: 'no-such-destination', text, subject: destination.id });
    return 'denied';
  }
  const { address } = destination;
  const holder = holderOf(around, address);
  if (holder === undefined) return unheld(around, sender, { address, traffic }, trail);
  const { instance, by } = holder;
  return reached(
    around,
    sender,
    { kind: 'instance', instance, ...(by === 'elastic' ? { elastic: address } : {}) },
    trail,
  );
};

/** An instance named by its id is reached by its elastic address from the public side, else by its private one. */
const byChoice = (sender: Sender, instance: InstanceView): Target => {
  const elastic = sender.kind === 'outside' && sender.wire === 'public' ? shownElastic(instance) : undefined;
  return { kind: 'instance', instance, ...(elastic === undefined ? {} : { elastic }) };
};

const reached = (around: Surroundings, sender: Sender, target: Target, trail: Trail): Target | Verdict => {
  const { instance, elastic } = target;
  const problem = unprogrammed(around, instance);
  if (problem !== undefined) {
    trail.add(problem);
    return 'denied';
  }
  if (elastic === undefined && sender.kind === 'instance' && sender.instance.id === instance.id) {
    trail.add({ code: 'loopback', text: 'It never leaves the instance.', subject: instance.id });
    return 'allowed';
  }
  if (elastic !== undefined && !translated(instance, elastic, trail)) return 'denied';
  trail.add(standing('destination-instance', instance));
  return target;
};

/** False while documents withhold the address. */
const translated = (instance: InstanceView, elastic: string, trail: Trail): boolean => {
  const at = instance.publicAt ?? instance.at;
  if (shownElastic(instance) === elastic) {
    const text = `${elastic} is translated to ${instance.privateAddress} of ${instance.id}.`;
    trail.add({ code: 'elastic-translation', text, subject: elastic, at });
    return true;
  }
  const text = `${elastic} is assigned to ${instance.id}, but withheld: an earlier holder's nodes may still answer for it.`;
  trail.add({ code: 'address-dirty', text, subject: elastic, at });
  return false;
};

type Unheld = { readonly address: string; readonly traffic: Traffic };

/** No instance holds the address: the sender's own node, the outside, or nobody at all. */
const unheld = (around: Surroundings, sender: Sender, { address, traffic }: Unheld, trail: Trail): Beyond | Verdict => {
  const byNode = sender.kind === 'instance' ? answeredByNode(around, sender, { address, traffic }, trail) : undefined;
  if (byNode !== undefined) return byNode;
  const pool = isOfPool(around, parseIpv4(address) ?? 0);
  if (pool !== undefined) {
    trail.add(nobodys(around, address, pool));
    return 'denied';
  }
  if (sender.kind === 'instance') return { kind: 'beyond', sender, address };
  const text = 'Neither end is in this cloud, and nodes forward for nobody else.';
  trail.add({ code: 'transit', text, subject: address });
  return 'denied';
};

const nobodys = ({ network }: Surroundings, address: string, pool: 'private' | 'public'): Hop => {
  const at = peek<{ at: number }>(pool === 'public' ? network.publicAddresses : network.privateAddresses, address)?.at;
  return {
    code: pool === 'public' ? 'address-unassigned' : 'no-such-destination',
    text: `${address} belongs to the cloud, and no instance has it.`,
    subject: address,
    ...(at === undefined ? {} : { at }),
  };
};

const metadata = '169.254.169.254';

/** Metadata is redirected to the cloud controller; of itself a node offers DHCP and answers pings of the gateway. */
const answeredByNode = (
  around: Surroundings,
  { instance }: InstanceSender,
  { address, traffic }: Unheld,
  trail: Trail,
): Verdict | undefined => {
  const { protocol, port, type } = traffic;
  if (address === metadata) {
    const isOffered = protocol === 6 && port === 80;
    trail.add({ code: 'metadata-service', text: 'The node redirects tcp/80 to the metadata service, nothing else.' });
    return isOffered ? 'allowed' : 'denied';
  }
  if (address !== around.subnets.get(instance.cluster)?.gateway) return undefined;
  const text = `${address} is the gateway: its node answers pings and DHCP there, nothing else.`;
  trail.add({ code: 'gateway', text, subject: address });
  return (protocol === 1 && type === 8) || (protocol === 17 && port === 67) ? 'allowed' : 'denied';
};
