/**
 * Whom a request was meant for and on whose behalf a browser sends it. A page of another site must not reach a control plane
 * on this machine by a name that resolves to it (DNS rebinding), nor by a form it submits (no preflight there).
 */
import type { IncomingHttpHeaders } from 'node:http';
import { isLoopback } from './auth.ts';
import { type DoorRefusal, refuseRequest, shown } from './refusal.ts';

/** `edgelog.example:8773` -> `edgelog.example`; `[::1]:8773` -> `::1`. */
const nameOf = (host: string): string => {
  const name = host.startsWith('[') ? host.slice(1, host.indexOf(']')) : host.split(':', 1)[0];
  return (name ?? '').toLowerCase();
};

export type HostCheck = (headers: IncomingHttpHeaders) => DoorRefusal | undefined;

/** On loopback only loopback names and the allowed ones; elsewhere any name unless some are listed. */
export const createHostCheck = (bound: string, allowed: readonly string[]): HostCheck => {
  const names = new Set(allowed.map((name) => name.toLowerCase()));
  const strict = isLoopback(bound) || names.size > 0;
  return ({ host }) => {
    if (!strict) return undefined;
    const name = nameOf(host ?? '');
    const known = names.has(name) || (isLoopback(bound) && isLoopback(name)) || name === bound.toLowerCase();
    return known
      ? undefined
      : refuseRequest('misdirected-host', `${shown(host ?? 'No host')} is not a name of this door.`);
  };
};

/** Browsers say on whose behalf they ask; a request that changes something must come from our own pages or from no page. */
export const foreignOrigin = (headers: IncomingHttpHeaders): DoorRefusal | undefined => {
  const { origin, host } = headers;
  const site = headers['sec-fetch-site'];
  const foreign = origin !== undefined ? originHost(origin) !== host : site === 'cross-site' || site === 'same-site';
  return foreign
    ? refuseRequest('foreign-origin', `The request comes from a page of ${shown(origin ?? 'another site')}.`)
    : undefined;
};

const originHost = (origin: string): string | undefined => (URL.canParse(origin) ? new URL(origin).host : undefined);
