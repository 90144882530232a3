/**
 * Keeps outgoing calls to the addresses an operator named. The check is made on the resolved address at the moment of
 * connecting, so a name that changes its mind between check and use gains nothing.
 */
import { lookup as resolveName } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';

export type MayConnect = (address: string) => boolean;

const notAllowed = (address: string): Error =>
  Object.assign(new Error(`the address ${address} is not allowed`), { code: 'ENOTALLOWED' });

/** A URL's host as the resolver wants it, an address of IPv6 without its brackets. */
export const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '');

/** Why a host that is a literal address may not be connected to; names are looked at when they are resolved. */
export const hostRefused = (host: string, mayConnect: MayConnect): string | undefined =>
  isIP(host) !== 0 && !mayConnect(host) ? notAllowed(host).message : undefined;

export const literalRefused = (url: URL, mayConnect: MayConnect): string | undefined =>
  hostRefused(hostOf(url), mayConnect);

/** A resolver that leaves out what is not allowed, and fails if nothing is left. */
export const guardedLookup =
  (mayConnect: MayConnect): LookupFunction =>
  (hostname, options, callback) => {
    resolveName(hostname, { ...options, all: true }, (error, addresses) => {
      const allowed = error === null ? addresses.filter(({ address }) => mayConnect(address)) : [];
      const [first] = allowed;
      if (error !== null) callback(error, '');
      else if (first === undefined) callback(notAllowed(addresses[0]?.address ?? hostname), '');
      else if (options.all) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
