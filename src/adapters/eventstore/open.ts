/**
 * An event store by its address: `sqlite:PATH`, `memory:`, `kurrentdb://…` (also `kurrentdb+discover://`, `esdb://`). Nothing is
 * loaded that the address does not ask for.
 */
import { StoreFault } from '../../domain/eventStore.ts';
import type { ImportTarget } from './importTarget.ts';
import { isKurrentUrl, kurrentAddressOf } from './kurrentAddress.ts';

export type OpenStoreOptions = {
  /** Allows plain or unverified transport and default passwords. */
  readonly insecure?: boolean;
  /** Stream categories that are ours (KurrentDB only, where others may write to the same log). */
  readonly categories?: readonly string[];
};

/** Throws StoreFault: `unsupported` for an address of another kind, and whatever opening that store may throw. */
export const openStore = async (url: string, options: OpenStoreOptions = {}): Promise<ImportTarget> => {
  if (url === 'memory:') return (await import('./memory.ts')).createMemoryStore();
  if (url.startsWith('sqlite:') && url.length > 'sqlite:'.length) {
    return (await import('./sqlite.ts')).openSqliteStore({ file: url.slice('sqlite:'.length) });
  }
  if (isKurrentUrl(url)) return (await import('./kurrentStore.ts')).openKurrentStore({ ...options, url });
  const scheme = url.slice(0, url.indexOf(':') + 1);
  throw new StoreFault(
    'unsupported',
    `Expected an event store such as sqlite:/var/lib/edgelog/events.db, memory: or kurrentdb://host:2113, got "${scheme}"`,
  );
};

/** An address as it may be shown: without the password. */
export const shownStore = (url: string): string => (isKurrentUrl(url) ? kurrentAddressOf(url, true).shown : url);
