/**
 * Keeps the proof of the log: grows the tree with every event, holds what it finds against the checkpoints signed earlier,
 * and signs new ones. A log that is not what was signed for is said loudly and stays so; nothing is signed over it.
 */
import type { StoredEvent } from '../../domain/eventStore.ts';
import type { AuditKey } from './auditKey.ts';
import { canonicalEvent } from './canonical.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { CheckpointFile } from './checkpointFile.ts';
import { emptyFrontier, type Frontier, grow, leafHash, rootOf } from './merkle.ts';

/** Where the log parts from what was signed: behind `after`, up to and including `position`. */
export type Mismatch = { readonly after: number; readonly position: number; readonly detail: string };

export type LogProofOptions = {
  readonly key: AuditKey;
  readonly file: CheckpointFile;
  /** A checkpoint is due after so many events. */
  readonly everyEvents: number;
  readonly now: () => number;
  readonly onCheckpoint: (checkpoint: Checkpoint) => void;
  readonly onMismatch: (mismatch: Mismatch) => void;
  readonly onFault: (fault: unknown) => void;
};

export type LogProof = {
  /** Every event of the log, in order, from the first. */
  readonly observe: (events: readonly StoredEvent[]) => void;
  /** The log was read to its end: a checkpoint beyond it speaks of events that are gone. */
  readonly caughtUp: () => void;
  /** Signs what is known now, unless the newest checkpoint says it already. Undefined when nothing may be signed. */
  readonly checkpoint: () => Promise<Checkpoint | undefined>;
  readonly checkpoints: () => readonly Checkpoint[];
  readonly size: () => number;
  readonly health: () => { readonly ok: boolean; readonly detail: string };
};

export const createLogProof = (options: LogProofOptions): LogProof => {
  const { file, now } = options;
  const earlier = [...file.all()];
  let frontier: Frontier = emptyFrontier;
  let position = -1;
  let agreed = -1;
  let next = 0;
  let isRead = false;
  let signedSize = earlier.at(-1)?.size ?? 0;
  let mismatch: Mismatch | undefined;
  let signing: Promise<Checkpoint | undefined> | undefined;

  const found = (one: Mismatch): void => {
    if (mismatch !== undefined) return;
    mismatch = one;
    options.onMismatch(one);
  };

  /** Earlier checkpoints of exactly this size, one after the other. */
  const compare = (): void => {
    for (let due = earlier[next]; due !== undefined && due.size <= frontier.size; due = earlier[next]) {
      next += 1;
      if (due.size < frontier.size) continue;
      if (due.root === rootOf(frontier).toString('hex') && due.position === position) agreed = due.position;
      else
        found({ after: agreed, position: due.position, detail: 'the events there are not those that were signed for' });
    }
  };

  const sign = async (): Promise<Checkpoint | undefined> => {
    const newest = file.all().at(-1);
    if (mismatch !== undefined || !isRead || file.flaw !== undefined) return undefined;
    if (newest?.size === frontier.size) return newest;
    const claim = { size: frontier.size, root: rootOf(frontier).toString('hex'), position, time: now() };
    const checkpoint = await file.append(claim);
    signedSize = checkpoint.size;
    options.onCheckpoint(checkpoint);
    return checkpoint;
  };

  const checkpoint = (): Promise<Checkpoint | undefined> => {
    signing ??= sign().finally(() => {
      signing = undefined;
    });
    return signing;
  };

  const signIfDue = (): void => {
    if (isRead && frontier.size - signedSize >= options.everyEvents) checkpoint().catch(options.onFault);
  };

  compare();
  return {
    observe: (events) => {
      for (const event of events) {
        frontier = grow(frontier, leafHash(canonicalEvent(event)));
        ({ position } = event);
        if (next < earlier.length) compare();
      }
      signIfDue();
    },
    caughtUp: () => {
      isRead = true;
      const beyond = earlier.at(-1);
      if (beyond !== undefined && beyond.size > frontier.size) {
        const detail = `${beyond.size} events were signed for, ${frontier.size} are there`;
        found({ after: Math.min(agreed, position), position: beyond.position, detail });
      }
      signIfDue();
    },
    checkpoint,
    checkpoints: file.all,
    size: () => frontier.size,
    health: () => {
      if (file.flaw !== undefined) return { ok: false, detail: file.flaw };
      if (mismatch !== undefined) {
        const { after, position: upTo, detail } = mismatch;
        return { ok: false, detail: `positions ${after + 1} to ${upTo}: ${detail}` };
      }
      const detail = `${frontier.size} events agree with ${next} earlier checkpoints${isRead ? '' : ' so far'}`;
      return { ok: true, detail };
    },
  };
};
