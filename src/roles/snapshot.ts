/**
 * The snapshot: everything the cloud controller knows of the log at some moment, so that the next start need not read the log
 * to there. It lies in `cache` of the data folder and may be deleted at any time; it is believed only if it is whole, made by
 * this very program, and of this log. Whether the log before it is still what it was is looked at while the house is running
 * already: a log that is not ends the process, and the snapshot is gone.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { advanceMark, type LogMark } from '../adapters/eventstore/tail.ts';
import { isFlawed } from '../adapters/snapshot/cacheFile.ts';
import { documentOf, readDocument, writeDocument } from '../adapters/snapshot/documentFile.ts';
import { createNetworkBases, type NetworkBases } from '../adapters/snapshot/networkBases.ts';
import { createNetworkFiles, type NetworkFiles } from '../adapters/snapshot/networkFiles.ts';
import { readStart, writeStart } from '../adapters/snapshot/startFile.ts';
import type { EventStore, Json } from '../domain/eventStore.ts';
import type { KeptAudit } from '../projections/audit.ts';
import { entryWriter } from '../projections/documentKeeper.ts';
import type { Standing } from '../projections/keptRecords.ts';
import { wakeNetwork } from '../projections/network/networkLines.ts';
import type { Network } from '../projections/network/views.ts';
import type { Recalled } from '../projections/recalledDocument.ts';
import type { LastDelivered } from './deliveredLog.ts';
import type { Journal } from './journal.ts';

/** What is known of one moment of the log. */
export type Known = {
  readonly network: Network;
  readonly events: number;
  readonly audit: KeptAudit;
  readonly mark: LogMark;
  readonly delivered: LastDelivered;
  /** Undefined when no cluster gets the document of the whole cloud. */
  readonly document?: Standing | undefined;
};

/** What was known when the snapshot was made. Its network and its document sleep, and must not change. */
export type Remembered = Known & { readonly document: Recalled | undefined };

export type Snapshot = {
  /** Also of moments before it, for questions about the past. */
  readonly files: NetworkFiles;
  readonly bases: NetworkBases;
  /** Undefined when there is no snapshot that fits; why, is in the journal. */
  readonly read: () => Promise<Remembered | undefined>;
  /** Writes down what is known, at leisure; never two at a time. */
  readonly write: (known: Known) => Promise<void>;
  /** Reads the log up to the mark at leisure: undefined when it is what the mark says, otherwise what is wrong with it. */
  readonly check: (mark: LogMark, signal: AbortSignal) => Promise<string | undefined>;
  readonly drop: () => Promise<void>;
};

const CHECK_PAGE = 500;
const CHECK_PAUSE_MS = 10;

/**
 * Looks at everything that sleeps in what was remembered, in small steps; throws at what is not what was written down. After
 * it the document's texts are forgotten: from then on they are made of its entries. To be called once; nothing is held then.
 */
export const wakerOf = (remembered: Remembered): (() => Generator<void>) => {
  let left: Remembered | undefined = remembered;
  return function* () {
    if (left === undefined) return;
    const { network, document } = left;
    left = undefined;
    yield* wakeNetwork(network);
    if (document === undefined) return;
    yield* document.check();
    entryWriter(document.kept.parts.dialect).forgetTexts();
  };
};

const reasonOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

export const createSnapshot = (
  data: string,
  store: Pick<EventStore, 'readAll'>,
  code: string,
  journal: Journal,
): Snapshot => {
  const folder = join(data, 'cache');
  const eventAt = async (position: number) => {
    const [event] = await store.readAll(position - 1, 1);
    return event?.position === position ? event : undefined;
  };
  const files = createNetworkFiles({ folder, code, eventAt });
  /** Of the network that the start file rests on. */
  let needed: readonly number[] = [];
  const bases = createNetworkBases({
    ...{ files, needed: () => needed },
    onFault: (fault) => journal.fault('networks of the past cannot be kept on disk', fault),
  });

  const readOrReason = async (): Promise<Remembered | string | undefined> => {
    const reading = readDocument(folder).catch((thrown: unknown) => ({ flaw: reasonOf(thrown) }));
    const start = await readStart(folder, code);
    if (start === undefined) return undefined;
    if (isFlawed(start)) return start.flaw;
    const network = await files.read(start.mark.position);
    if (isFlawed(network)) return `the network of position ${start.mark.position}: ${network.flaw}`;
    const { mark, events, audit, others } = start;
    needed = [mark.position];
    const found = documentOf(await reading, code, network);
    const document = isFlawed(found) ? undefined : found;
    return { network, events, audit, mark, document, delivered: others as unknown as LastDelivered };
  };

  const read: Snapshot['read'] = async () => {
    const read = await readOrReason().catch(reasonOf);
    if (typeof read !== 'string') return read;
    journal.note('the snapshot is left aside, the log is read from its beginning', { reason: read });
    return undefined;
  };

  const check: Snapshot['check'] = async (mark, signal) => {
    let reached: LogMark | undefined;
    try {
      while ((reached?.position ?? -1) < mark.position && !signal.aborted) {
        const page = await store.readAll(reached?.position ?? -1, CHECK_PAGE);
        if (page.length === 0) break;
        reached = advanceMark(
          reached,
          page.filter(({ position }) => position <= mark.position),
        );
        await pause(CHECK_PAUSE_MS, undefined, { ref: false });
      }
    } catch (thrown) {
      return reasonOf(thrown);
    }
    if (signal.aborted || reached?.runningHash === mark.runningHash) return undefined;
    return `up to position ${mark.position} it is not the log the snapshot was made of`;
  };

  let writing: Promise<void> | undefined;
  const writeOne = async ({ network, events, audit, mark, delivered, document }: Known): Promise<void> => {
    await files.write(network);
    if (document !== undefined) await writeDocument(folder, code, document);
    await writeStart(folder, code, { mark, events, audit, others: delivered as unknown as Json });
    needed = [mark.position];
    await files.thinOut(needed);
  };

  return {
    files,
    bases,
    read,
    write: (known) => {
      writing ??= writeOne(known).finally(() => {
        writing = undefined;
      });
      return writing;
    },
    check,
    drop: () => rm(folder, { recursive: true, force: true }),
  };
};
