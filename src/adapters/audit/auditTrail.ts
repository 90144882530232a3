/**
 * The log's Merkle tree as it grows: signed checkpoints now and then, bundles of any piece, and the check of the whole log against
 * all checkpoints. It reads the log and writes only its own file of checkpoints.
 */
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import type { EventStore } from '../../domain/eventStore.ts';
import { type Refusal, refuse } from '../../domain/refusals.ts';
import { canonical, leafHash, noPeaks, type Peaks, rootOf, signedText, withLeaf } from './bundleProof.ts';
import { type Checkpoint, isGenuine, peaksOf, readCheckpoints, signed, writeCheckpoint } from './checkpoints.ts';
import { eventLine } from './eventLine.ts';
import type { SigningKey } from './signingKey.ts';

export type AuditTrailOptions = {
  readonly store: Pick<EventStore, 'readAll'>;
  readonly cloud: string;
  readonly key: SigningKey;
  /** File of the checkpoints. */
  readonly file: string;
  readonly now: () => number;
  /** Events after which a checkpoint is due. */
  readonly every?: number;
  /** Told of every new checkpoint, to carry it where the log's keeper cannot change it. */
  readonly onCheckpoint?: (checkpoint: Checkpoint) => void;
};

/** What is wrong with the log, between which positions. */
export type Break = { readonly after: number; readonly to: number; readonly why: string };

export type LogCheck = {
  readonly events: number;
  readonly root: string;
  readonly checkpoints: number;
  readonly broken: readonly Break[];
};

export type AuditTrail = {
  readonly publicKey: string;
  /** Reads what is new and signs a checkpoint if there is anything new. */
  readonly checkpoint: (inBackground?: boolean) => Promise<Checkpoint | undefined>;
  readonly checkpoints: () => readonly Checkpoint[];
  /** Lines of a bundle of the events at positions `from` to `to`, each with its line break. */
  readonly bundle: (from: number, to: number) => Promise<AsyncIterable<string> | Refusal>;
  /** In the background it takes its time: whoever asks something of this process meanwhile hardly notices. */
  readonly check: (onProgress: (done: number, of: number) => void, inBackground?: boolean) => Promise<LogCheck>;
};

type Place = { readonly peaks: Peaks; readonly position: number };

const PAGE = 1_000;

/** In the background: so few events at a time that nobody waits for them, and a rest that leaves it a twentieth of the time. */
const GENTLE_PAGE = 32;
const REST = 19;
const SHORTEST_REST_MS = 4;

const rested = (isUrgent: boolean, workedMs: number): Promise<unknown> =>
  isUrgent ? nextTurn() : pause(Math.max(SHORTEST_REST_MS, REST * workedMs), undefined, { ref: false });

const start: Place = { peaks: noPeaks, position: -1 };
const placeOf = (checkpoint: Checkpoint): Place => ({ peaks: peaksOf(checkpoint), position: checkpoint.position });

export const createAuditTrail = (options: AuditTrailOptions): AuditTrail => {
  const { store, cloud, key, file, now, every = 10_000 } = options;
  const read = readCheckpoints(file);
  let all: Checkpoint[] = [...read.checkpoints];
  const newest = all.findLast((one) => isGenuine(one, key.publicKey));
  let here: Place = newest === undefined ? start : placeOf(newest);
  const isoNow = (): string => new Date(now()).toISOString();

  /** Walks from a place to the end of the log or to where `onLine` says no. */
  const walk = async (
    from: Place,
    onLine: (place: Place, line: string) => boolean,
    isUrgent: () => boolean = () => true,
  ): Promise<Place> => {
    let place = from;
    for (;;) {
      const begun = performance.now();
      const page = await store.readAll(place.position, isUrgent() ? PAGE : GENTLE_PAGE);
      for (const stored of page) {
        const line = eventLine(stored);
        const next = { peaks: withLeaf(place.peaks, leafHash(line)), position: stored.position };
        if (!onLine(next, line)) return place;
        place = next;
      }
      if (page.length === 0) return place;
      await rested(isUrgent(), performance.now() - begun);
    }
  };

  const keep = ({ peaks, position }: Place): Checkpoint => {
    const body = { cloud, size: peaks.size, position, root: rootOf(peaks), peaks: peaks.hashes, signedAt: isoNow() };
    const checkpoint = signed(key, body);
    writeCheckpoint(file, checkpoint);
    all = [...all, checkpoint];
    options.onCheckpoint?.(checkpoint);
    return checkpoint;
  };

  /** Whoever waits for a checkpoint makes one that is under way in the background hurry up. */
  let waiting = 0;
  const isAwaited = (): boolean => waiting > 0;

  const catchUp = async (): Promise<Checkpoint | undefined> => {
    let signedSize = all.at(-1)?.size ?? 0;
    const onPlace = (place: Place): boolean => {
      if (every > 0 && place.peaks.size - signedSize >= every) {
        keep(place);
        signedSize = place.peaks.size;
      }
      return true;
    };
    here = await walk(here, onPlace, isAwaited);
    return here.peaks.size > signedSize ? keep(here) : undefined;
  };

  let underway: Promise<unknown> = Promise.resolve();
  const checkpoint = (inBackground = false): Promise<Checkpoint | undefined> => {
    const weight = inBackground ? 0 : 1;
    waiting += weight;
    const next = underway.then(catchUp).finally(() => {
      waiting -= weight;
    });
    underway = next.catch(() => undefined);
    return next;
  };

  /** The tree just before a position, from the nearest genuine checkpoint. */
  const placeBefore = (position: number): Promise<Place> => {
    const near = all.findLast((one) => one.position < position && isGenuine(one, key.publicKey));
    return walk(near === undefined ? start : placeOf(near), (next) => next.position < position);
  };

  async function* bundleLines(before: Place, from: number, to: number): AsyncIterable<string> {
    const { size: first, hashes: peaks } = before.peaks;
    const headLine = canonical({ edgelog: 'audit-bundle', version: 1, cloud, first, peaks });
    yield `${headLine}\n`;
    let place = before;
    let begins = -1;
    while (place.position < to) {
      const page = (await store.readAll(Math.max(place.position, from - 1), PAGE)).filter(
        ({ position }) => position <= to,
      );
      if (page.length === 0) break;
      for (const stored of page) {
        const line = eventLine(stored);
        place = { peaks: withLeaf(place.peaks, leafHash(line)), position: stored.position };
        if (begins < 0) begins = stored.position;
        yield `${line}\n`;
      }
    }
    const root = rootOf(place.peaks);
    const foot = { size: place.peaks.size, from: begins, to: place.position, root, key: key.id, signedAt: isoNow() };
    yield `${canonical({ ...foot, signature: key.sign(signedText(headLine, foot)) })}\n`;
  }

  const bundle: AuditTrail['bundle'] = async (from, to) => {
    const [first] = await store.readAll(from - 1, 1);
    if (first === undefined || first.position > to) {
      return refuse('empty-bundle', `No event lies between positions ${from} and ${to}.`, {
        member: 'from',
        value: String(from),
      });
    }
    return bundleLines(await placeBefore(from), from, to);
  };

  const check: AuditTrail['check'] = async (onProgress, inBackground = false) => {
    const broken: Break[] = [];
    if (read.broken > 0) {
      const why = `${read.broken} lines of the file of checkpoints are no checkpoints`;
      broken.push({
        after: -1,
        to: -1,
        why: read.broken === 1 ? 'a line of the file of checkpoints is no checkpoint' : why,
      });
    }
    let next = 0;
    let sound = -1;
    const look = ({ peaks, position }: Place): void => {
      for (let one = all[next]; one !== undefined && one.size <= peaks.size; one = all[next]) {
        next += 1;
        const why = !isGenuine(one, key.publicKey)
          ? 'the checkpoint’s signature is not valid'
          : one.size !== peaks.size || one.position !== position || one.root !== rootOf(peaks)
            ? 'the events are not those that were signed'
            : undefined;
        if (why === undefined) sound = position;
        else broken.push({ after: sound, to: one.position, why });
      }
    };
    const of = all.at(-1)?.size ?? 0;
    const onPlace = (place: Place): boolean => {
      look(place);
      if (place.peaks.size % 10_000 === 0) onProgress(place.peaks.size, Math.max(of, place.peaks.size));
      return true;
    };
    const end = await walk(start, onPlace, () => !inBackground);
    for (const { position } of all.slice(next))
      broken.push({ after: sound, to: position, why: 'the log ends before what was signed: its tail is gone' });
    return { events: end.peaks.size, root: rootOf(end.peaks), checkpoints: all.length, broken };
  };

  return { publicKey: key.publicKey, checkpoint, checkpoints: () => all, bundle, check };
};
