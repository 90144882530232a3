/** By which URLs a listening endpoint is meant, so that a message signed for another one is not taken (verifier.ts). */
import { hostname, networkInterfaces } from 'node:os';

const isWildcard = (host: string): boolean => host === '0.0.0.0' || host === '::' || host === '';

const ownNames = (): readonly string[] => [
  hostname().toLowerCase(),
  'localhost',
  ...Object.values(networkInterfaces()).flatMap((addresses) => (addresses ?? []).map(({ address }) => address)),
];

export type Listening = {
  readonly host: string;
  /** 0: any, because it is known only later. */
  readonly port: number;
  readonly path: string;
  /** Further names others use for this machine. */
  readonly knownAs: readonly string[];
};

/** A listener on all addresses is meant by each of them. */
export const addressedTo = ({ host, port, path, knownAs }: Listening): ((to: string) => boolean) => {
  const names = new Set([host, ...knownAs, ...(isWildcard(host) ? ownNames() : [])].map((name) => name.toLowerCase()));
  return (to) => {
    if (!URL.canParse(to)) return false;
    const url = new URL(to);
    const meantPort = Number(url.port || 80);
    const meantHost = url.hostname.replace(/^\[|\]$/g, '').toLowerCase();
    return (port === 0 || meantPort === port) && url.pathname === path && names.has(meantHost);
  };
};
