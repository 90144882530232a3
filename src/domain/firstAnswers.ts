/**
 * The first answer is the answer: what a wish that was carried out before was answered with, from memory when that was a moment
 * ago, from the log ever after. It reads and remembers; it never carries anything out.
 */
import { decodeRecorded } from './codec.ts';
import type { EventMetadata, EventStore } from './eventStore.ts';
import type { DomainEvent } from './events.ts';
import type { CommandContext } from './recorded.ts';
import { type Refusal, refuse } from './refusals.ts';
import { resultOf } from './wishes/resultOf.ts';
import type { Result } from './wishes/scene.ts';

export type Executed = {
  readonly accepted: true;
  /** Of the last event the command made, -1 when it made none. */
  readonly position: number;
  readonly events: number;
  readonly result: Result;
  readonly repeated: boolean;
};

/** Where to look for a command's events: they lie between these positions, with others' perhaps. */
export type PriorReceipt = { readonly first: number; readonly last: number };

export type FirstAnswersPorts = {
  readonly store: Pick<EventStore, 'readAll'>;
  readonly prior: (commandId: string) => PriorReceipt | undefined;
  /** Resolves when the receipts know all that was in the log when asked, or after a while. Absent: nobody else writes. */
  readonly caughtUp?: () => Promise<void>;
};

type Said = Executed | Refusal | undefined;

/** Undefined: it was not carried out, as far as is known there. A refusal: the key was used for a different request. */
export type FirstAnswers = {
  /** From memory; at once. */
  readonly remembered: (context: CommandContext) => Said;
  /** From the log, by the receipt; undefined without asking anybody when there is none. */
  readonly recorded: (context: CommandContext) => Promise<Said> | undefined;
  /** What another control plane may have answered to this very wish a moment ago. */
  readonly elsewhere: (context: CommandContext) => Promise<Said>;
  readonly keep: (context: CommandContext, answer: Executed) => void;
};

/** Those the receipts do not have yet, which lag by moments, and some more. */
const KEPT_ANSWERS = 2_000;

const keyReused = (): Refusal =>
  refuse('idempotency-key-reused', 'This idempotency key was used before for a different request.');

/** The note that ends a report stands for all that its parts have made. */
const madeBy = (events: readonly DomainEvent[]): number => {
  const [first] = events;
  return first?.type === 'ReportFollowed' ? first.changes : events.length;
};

const answerIn = (metadata: EventMetadata): Result => JSON.parse(metadata['answer'] ?? '{}') as Result;

export const createFirstAnswers = ({ store, prior, caughtUp }: FirstAnswersPorts): FirstAnswers => {
  /** Accepted a moment ago; the receipts come from the log and may not have them yet. */
  const recent = new Map<string, { readonly answer: Executed; readonly fingerprint: string | undefined }>();

  /** Undefined when the command has no events there after all. */
  const answerAgain = async (
    { first, last }: PriorReceipt,
    { commandId, fingerprint }: CommandContext,
  ): Promise<Said> => {
    const between = await store.readAll(first - 1, last - first + 1);
    const own = between.filter((one) => one.metadata['commandId'] === commandId);
    const newest = own.at(-1);
    if (newest === undefined) return undefined;
    const wished = newest.metadata['fingerprint'];
    if (wished !== undefined && wished !== fingerprint) return keyReused();
    const events = own.map((one) => decodeRecorded(one).event);
    return {
      ...{ accepted: true, position: newest.position, events: madeBy(events) },
      ...{ result: { ...resultOf(events), ...answerIn(newest.metadata) }, repeated: true },
    };
  };

  const recorded: FirstAnswers['recorded'] = (context) => {
    const receipt = prior(context.commandId);
    return receipt && answerAgain(receipt, context);
  };

  return {
    recorded,
    remembered: ({ commandId, fingerprint }) => {
      const known = recent.get(commandId);
      if (known === undefined) return undefined;
      return known.fingerprint === fingerprint ? { ...known.answer, repeated: true } : keyReused();
    },
    elsewhere: async (context) => {
      await caughtUp?.();
      return recorded(context);
    },
    keep: ({ commandId, fingerprint }, answer) => {
      recent.set(commandId, { answer, fingerprint });
      if (recent.size <= KEPT_ANSWERS) return;
      const oldest = recent.keys().next().value;
      if (oldest !== undefined) recent.delete(oldest);
    },
  };
};
