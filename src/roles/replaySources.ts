/** Where a replay gets its events: the log of a data folder, opened for reading only, or a bundle that begins with the log. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { checkBundle } from '../adapters/audit/bundleProof.ts';
import { openReadOnlyLog } from '../adapters/eventstore/sqliteReadOnly.ts';
import type { ReplaySource } from '../adapters/replay/replaySource.ts';
import type { StoredEvent } from '../domain/eventStore.ts';
import { type Refusal, refuse } from '../domain/refusals.ts';

export type OpenedSource = ReplaySource & { readonly close: () => void };

const PAGE = 1000;

/**
 * Positions of this store are dense and begin at 1, so the newest one is the number of events. What is written while the
 * replay runs is left for the next one: every walk sees the same log.
 */
export const dataFolderSource = (folder: string): OpenedSource => {
  const log = openReadOnlyLog(join(folder, 'events.db'));
  const until = log.head()?.position ?? 0;
  return {
    total: until,
    events: async function* () {
      for (let after = 0; after < until; ) {
        const page = log.readAll(after, Math.min(PAGE, until - after));
        yield* page;
        after = page.at(-1)?.position ?? until;
        await nextTurn();
      }
    },
    close: log.close,
  };
};

const objectIn = (line: string | undefined): { readonly [member: string]: unknown } => {
  try {
    const value: unknown = JSON.parse(line ?? '');
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
};

/** A piece from the middle cannot be folded: what stood before it is not known. */
const headFlaw = (file: string, head: { readonly [member: string]: unknown }): Refusal | undefined => {
  if (head['edgelog'] !== 'audit-bundle') return refuse('not-a-bundle', `${file} is not an audit bundle.`);
  if (head['version'] !== 1) {
    return refuse('bundle-newer', `${file} has format ${JSON.stringify(head['version'])}, this program reads 1.`);
  }
  if (head['first'] === 0) return undefined;
  const detail = `${file} begins after ${String(head['first'])} events; a replay needs a bundle from the first event on.`;
  return refuse('bundle-partial', detail);
};

/** With the public key (PEM) the bundle is verified before a line of it is believed. */
export const bundleSource = async (file: string, publicKey: string | undefined): Promise<OpenedSource | Refusal> => {
  const bytes = await readFile(file);
  const lines = bytes.toString('utf8').split('\n').slice(0, -1);
  const flaw = headFlaw(file, objectIn(lines[0]));
  if (flaw !== undefined) return flaw;
  if (publicKey !== undefined) {
    const checked = checkBundle(bytes, publicKey);
    if (!checked.ok) return refuse('bundle-broken', `${file} does not hold: ${checked.why}`);
  }
  const events = lines.slice(1, -1).map(objectIn);
  const bad = events.findIndex(({ type, position }) => typeof type !== 'string' || !Number.isSafeInteger(position));
  if (bad >= 0) return refuse('not-a-bundle', `Line ${bad + 2} of ${file} is no event.`);
  return {
    total: events.length,
    events: async function* () {
      yield* events as unknown as readonly StoredEvent[];
    },
    close: () => undefined,
  };
};
