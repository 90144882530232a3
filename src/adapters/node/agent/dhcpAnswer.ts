/**
 * Which answer a DHCP question gets. There are no leases that could go stale: what an instance is told follows from the plan
 * of this moment and from its MAC alone. An unknown MAC gets silence.
 */
import { broadcastAddress } from '../../../projections/plan/leases.ts';
import type { Lease, Plan } from '../../../projections/plan/model.ts';
import { type DhcpQuestion, type DhcpTerms, dhcpKind, readQuestion, writeAnswer, writeRefusal } from './dhcpMessage.ts';

export type DhcpBook = { readonly terms: DhcpTerms; readonly leases: ReadonlyMap<string, Lease> };

export type DhcpAnswer = {
  readonly message: Buffer;
  /** Where it goes: the client's address, or everybody on the bridge, which the rules narrow to the one port. */
  readonly to: string;
};

const everybody = '255.255.255.255';

export const dhcpTerms = ({ network, options }: Plan): DhcpTerms => ({
  server: network.gateway,
  netmask: network.netmask,
  router: network.gateway,
  broadcast: broadcastAddress(network),
  dnsServers: network.dnsServers,
  domain: network.domain,
  leaseSeconds: options.leaseSeconds,
  ...(options.mtu === undefined ? {} : { mtu: options.mtu }),
});

export const answerDhcp = (message: Buffer, book: DhcpBook): DhcpAnswer | undefined => {
  const question = readQuestion(message);
  const lease = question === undefined ? undefined : book.leases.get(question.mac);
  if (question === undefined || lease === undefined) return undefined;
  const to = question.broadcast ? everybody : lease.address;
  const give = (kind: number): DhcpAnswer => ({ message: writeAnswer(question, kind, lease.address, book.terms), to });
  switch (question.kind) {
    case dhcpKind.discover:
      return give(dhcpKind.offer);
    case dhcpKind.inform:
      return question.clientAddress === lease.address ? give(dhcpKind.ack) : undefined;
    case dhcpKind.request:
      return answerRequest(question, lease, book, give);
    default:
      return undefined;
  }
};

/** A request meant for another server is not ours to answer; one for another address is refused aloud. */
const answerRequest = (
  question: DhcpQuestion,
  lease: Lease,
  book: DhcpBook,
  give: (kind: number) => DhcpAnswer,
): DhcpAnswer | undefined => {
  if (question.server !== undefined && question.server !== book.terms.server) return undefined;
  const wanted = question.requested ?? question.clientAddress;
  if (wanted === lease.address) return give(dhcpKind.ack);
  return { message: writeRefusal(question, book.terms.server), to: everybody };
};
