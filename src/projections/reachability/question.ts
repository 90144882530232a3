/**
 * What can be asked about reachability: from where, to where, and which traffic. Text in, plain data out; nothing here knows
 * a network.
 */
import { canonicalInstanceId } from '../../domain/identifiers.ts';
import { isIpv4 } from '../../domain/ipv4.ts';
import { type Refusal, refuse } from '../../domain/refusals.ts';
import { hasPorts, highestPort, icmp, isIcmpNumber, protocolName, tcp, udp } from '../../domain/rule.ts';

/** An address may be private, elastic or outside the cloud; which of them it is depends on the network. */
export type Endpoint =
  | { readonly kind: 'instance'; readonly id: string }
  | { readonly kind: 'address'; readonly address: string };

/**
 * `protocol` is the IANA number. `port` goes with tcp and udp, `type` and `code` with icmp. What is absent stands for all of
 * it: a question without a port is answered with "allowed" only if a rule allows every port.
 */
export type Traffic = {
  readonly protocol: number;
  readonly port?: number;
  readonly type?: number;
  readonly code?: number;
};

export type Question = { readonly source: Endpoint; readonly destination: Endpoint; readonly traffic: Traffic };

/** `i-0000000a` or `192.0.2.7`; refused as `invalid-endpoint`. */
export const parseEndpoint = (text: string): Endpoint | Refusal => {
  const id = canonicalInstanceId(text);
  if (id !== undefined) return { kind: 'instance', id };
  if (isIpv4(text)) return { kind: 'address', address: text };
  return refuse('invalid-endpoint', 'An end of a flow is an instance id (i-0a1b2c3d) or an IPv4 address.', {
    value: text.slice(0, 80),
  });
};

const named: ReadonlyMap<string, number> = new Map([
  ['icmp', icmp],
  ['tcp', tcp],
  ['udp', udp],
]);

/** `tcp`, `tcp/443`, `udp/53`, `icmp`, `icmp/8`, `icmp/8:0`, `47`; refused as `invalid-traffic`. */
export const parseTraffic = (text: string): Traffic | Refusal => {
  const [, name = '', range] = /^([a-z]+|[0-9]{1,3})(?:\/([0-9:]{1,7}))?$/.exec(text) ?? [];
  const protocol = named.get(name) ?? (/^[0-9]+$/.test(name) ? Number(name) : Number.NaN);
  const traffic = protocol >= 0 && protocol <= 255 ? withRange(protocol, range) : undefined;
  return (
    traffic ??
    refuse(
      'invalid-traffic',
      'Traffic is a protocol with a port or an ICMP type: tcp/443, udp/53, icmp/8:0, icmp, 47.',
      {
        value: text.slice(0, 80),
      },
    )
  );
};

const withRange = (protocol: number, range: string | undefined): Traffic | undefined => {
  if (range === undefined) return { protocol };
  const numbers = range.split(':').map((part) => (/^[0-9]{1,5}$/.test(part) ? Number(part) : Number.NaN));
  const [first = Number.NaN, second] = numbers;
  if (hasPorts(protocol)) return numbers.length === 1 && first <= highestPort ? { protocol, port: first } : undefined;
  if (protocol !== icmp || numbers.length > 2 || !numbers.every(isIcmpNumber)) return undefined;
  return second === undefined ? { protocol, type: first } : { protocol, type: first, code: second };
};

export const describeEndpoint = (end: Endpoint): string => (end.kind === 'instance' ? end.id : end.address);

export const describeTraffic = ({ protocol, port, type, code }: Traffic): string => {
  const name = protocolName(protocol);
  if (port !== undefined) return `${name}/${port}`;
  if (type === undefined) return name;
  return code === undefined ? `${name}/${type}` : `${name}/${type}:${code}`;
};
