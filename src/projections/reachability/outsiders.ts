/** Addresses outside the cloud as senders: the blocks they lie in, and by which address they reach an instance, if at all. */
import { parseIpv4 } from '../../domain/ipv4.ts';
import type { Rulebook, Selector, Station } from './classes.ts';
import { holderOf, isPrivate } from './surroundings.ts';

export type Outsider = {
  readonly blocks: readonly Selector[];
  readonly wire: 'public' | 'private';
  /** Nodes of this network drop it before any group is asked. */
  readonly isDropped: boolean;
};

/** Undefined when an instance holds the address in this network: then it is no outsider there. */
export const outsiderOf = (
  { around }: Rulebook,
  address: string,
  blocks: readonly Selector[],
): Outsider | undefined => {
  const number = parseIpv4(address);
  if (number === undefined || holderOf(around, address) !== undefined) return undefined;
  const isInside = isPrivate(around, number);
  const wire = around.options.sourceWire ?? (isInside ? 'private' : 'public');
  return { blocks, wire, isDropped: around.options.wires === 'two' && wire === 'public' && isInside };
};

/** The address an outsider reaches the instance by; undefined when there is none for it. */
export const wayFromOutside = (
  { around }: Rulebook,
  { wire, isDropped }: Outsider,
  { elastic }: Station,
): { readonly elastic?: string } | undefined => {
  if (isDropped) return undefined;
  if (wire === 'private') return {};
  if (elastic !== undefined) return { elastic };
  return around.options.wires === 'one' ? {} : undefined;
};
