/** Where a replay gets its events: the log of a data folder, opened for reading only, or a bundle that begins with the log. */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { checkBundleStream } from '../adapters/audit/bundleProof.ts';
import { openReadOnlyLog } from '../adapters/eventstore/sqliteReadOnly.ts';
import type { ReplaySource } from '../adapters/replay/replaySource.ts';
import type { StoredEvent } from '../domain/eventStore.ts';
import { type Refusal, refuse } from '../domain/refusals.ts';

export type OpenedSource = ReplaySource & { readonly close: () => void };

const PAGE = 1000;
const CHUNK = 1024 * 1024;
/** No event is longer. */
const LONGEST_LINE = 64 * 1024 * 1024;

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

type Flaw = { readonly flaw: Refusal };

/** Lines of a file, one at a time; what stands after the last line break is none. */
async function* linesOf(file: string): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of createReadStream(file, { encoding: 'utf8', highWaterMark: CHUNK })) {
    const lines = `${rest}${chunk as string}`.split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > LONGEST_LINE) throw new Error(`${file}: a line is longer than ${LONGEST_LINE} characters.`);
    yield* lines;
  }
}

/** Every line between the head and the foot, as events, each looked at before it is handed on. */
async function* eventsOf(file: string): AsyncGenerator<StoredEvent | Flaw> {
  let number = 0;
  let last: string | undefined;
  for await (const line of linesOf(file)) {
    number += 1;
    const flaw = number === 1 ? headFlaw(file, objectIn(line)) : undefined;
    if (flaw !== undefined) yield { flaw };
    if (last !== undefined) {
      const event = objectIn(last);
      const isEvent = typeof event['type'] === 'string' && Number.isSafeInteger(event['position']);
      if (!isEvent) yield { flaw: refuse('not-a-bundle', `Line ${number - 1} of ${file} is no event.`) };
      else yield event as unknown as StoredEvent;
    }
    if (number > 1) last = line;
  }
  if (number === 0) yield { flaw: refuse('not-a-bundle', `${file} is not an audit bundle.`) };
}

const isFlaw = (one: StoredEvent | Flaw): one is Flaw => 'flaw' in one;

const verified = async (file: string, publicKey: string): Promise<Refusal | undefined> => {
  const checked = await checkBundleStream(createReadStream(file, { highWaterMark: CHUNK }), publicKey);
  return checked.ok ? undefined : refuse('bundle-broken', `${file} does not hold: ${checked.why}`);
};

/** What is read again must be what was looked at. */
const markOf = async (file: string): Promise<string> => {
  const { size, mtimeMs, ino } = await stat(file);
  return `${ino} ${size} ${mtimeMs}`;
};

/**
 * With the public key (PEM) the bundle is verified before a line of it is believed. It is read from the file again for each walk,
 * one line at a time, so that it may be larger than memory.
 */
export const bundleSource = async (file: string, publicKey: string | undefined): Promise<OpenedSource | Refusal> => {
  const mark = await markOf(file);
  let total = 0;
  for await (const one of eventsOf(file)) {
    if (isFlaw(one)) return one.flaw;
    total += 1;
  }
  const broken = publicKey === undefined ? undefined : await verified(file, publicKey);
  if (broken !== undefined) return broken;
  return {
    total,
    events: async function* () {
      if ((await markOf(file)) !== mark) throw new Error(`${file} was changed while it was replayed.`);
      for await (const one of eventsOf(file)) {
        if (isFlaw(one)) throw new Error(one.flaw.detail);
        yield one;
      }
    },
    close: () => undefined,
  };
};
