/**
 * The log's Merkle tree as it grows: signed checkpoints now and then, bundles of any piece, and the check of the whole log against
 * all checkpoints. It reads the log and writes only its own file of checkpoints.
 */
import type { EventStore } from '../../domain/eventStore.ts';
import { type Refusal, refuse } from '../../domain/refusals.ts';
import { type Place, placeOf, start, walk } from './auditWalk.ts';
import { bundleLines } from './bundle.ts';
import { rootOf } from './bundleProof.ts';
import { type Checkpoint, isGenuine, readCheckpoints, signed, writeCheckpoint } from './checkpoints.ts';
import { checkLog, type LogCheck } from './logCheck.ts';
import type { SigningKey } from './signingKey.ts';

export type { Break, LogCheck } from './logCheck.ts';

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

/** The checkpoints signed so far, and how one is added. */
const createSigned = ({ cloud, key, file, onCheckpoint }: AuditTrailOptions, isoNow: () => string) => {
  const { checkpoints, broken } = readCheckpoints(file);
  let all: readonly Checkpoint[] = checkpoints;
  return {
    broken,
    all: () => all,
    /** The newest genuine one that suits. */
    newest: (suits: (one: Checkpoint) => boolean = () => true): Checkpoint | undefined =>
      all.findLast((one) => suits(one) && isGenuine(one, key.publicKey)),
    sign: ({ peaks, position }: Place): Checkpoint => {
      const body = { cloud, size: peaks.size, position, root: rootOf(peaks), peaks: peaks.hashes, signedAt: isoNow() };
      const checkpoint = signed(key, body);
      writeCheckpoint(file, checkpoint);
      all = [...all, checkpoint];
      onCheckpoint?.(checkpoint);
      return checkpoint;
    },
  };
};

type Signed = ReturnType<typeof createSigned>;

const placeFrom = (checkpoint: Checkpoint | undefined): Place =>
  checkpoint === undefined ? start : placeOf(checkpoint);

/** Follows the log, one after the other, and signs what is due. */
const createCheckpointing = ({ store, every = 10_000 }: AuditTrailOptions, checkpoints: Signed) => {
  let here = placeFrom(checkpoints.newest());
  /** Whoever waits for a checkpoint makes one that is under way in the background hurry up. */
  let waiting = 0;
  let underway: Promise<unknown> = Promise.resolve();

  const catchUp = async (): Promise<Checkpoint | undefined> => {
    let signedSize = checkpoints.all().at(-1)?.size ?? 0;
    const onPlace = (place: Place): boolean => {
      if (every > 0 && place.peaks.size - signedSize >= every) {
        checkpoints.sign(place);
        signedSize = place.peaks.size;
      }
      return true;
    };
    here = await walk(store, here, onPlace, () => waiting > 0);
    return here.peaks.size > signedSize ? checkpoints.sign(here) : undefined;
  };

  return (inBackground = false): Promise<Checkpoint | undefined> => {
    const weight = inBackground ? 0 : 1;
    waiting += weight;
    const next = underway.then(catchUp).finally(() => {
      waiting -= weight;
    });
    underway = next.catch(() => undefined);
    return next;
  };
};

const emptyBundle = (from: number, to: number): Refusal =>
  refuse('empty-bundle', `No event lies between positions ${from} and ${to}.`, { member: 'from', value: String(from) });

export const createAuditTrail = (options: AuditTrailOptions): AuditTrail => {
  const { store, cloud, key, now } = options;
  const { publicKey } = key;
  const isoNow = (): string => new Date(now()).toISOString();
  const checkpoints = createSigned(options, isoNow);

  /** The tree just before a position, from the nearest genuine checkpoint. */
  const placeBefore = (position: number): Promise<Place> => {
    const near = placeFrom(checkpoints.newest((one) => one.position < position));
    return walk(store, near, (next) => next.position < position);
  };

  return {
    publicKey,
    checkpoint: createCheckpointing(options, checkpoints),
    checkpoints: checkpoints.all,
    bundle: async (from, to) => {
      const [first] = await store.readAll(from - 1, 1);
      if (first === undefined || first.position > to) return emptyBundle(from, to);
      return bundleLines(store, { cloud, key, before: await placeBefore(from), from, to, isoNow });
    },
    check: (onProgress, inBackground = false) => {
      const held = { checkpoints: checkpoints.all(), broken: checkpoints.broken, publicKey };
      return checkLog(store, held, { onProgress, inBackground });
    },
  };
};
