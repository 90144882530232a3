/**
 * Carries out wishes: decides them in one unit of work, records refused ones with their actor, and answers a wish that was
 * carried out before with its first answer. It knows no transport.
 */

import { revisionIn } from './aggregates.ts';
import { decodeRecorded } from './codec.ts';
import { commandAuditAggregate, noteRefusal } from './commandAudit.ts';
import type { Command } from './commands.ts';
import type { EventMetadata, EventStore } from './eventStore.ts';
import type { DomainEvent } from './events.ts';
import { executeParts } from './executeParts.ts';
import type { CommandContext } from './recorded.ts';
import { isRefusal, type Refusal, refuse } from './refusals.ts';
import type { Transacted, Transactor } from './transact.ts';
import { carryOut } from './wishes/carryOut.ts';
import { partsOf } from './wishes/parts.ts';
import { resultOf } from './wishes/resultOf.ts';
import type { Outcome, Result, Scene, Surroundings } from './wishes/scene.ts';

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

export type ExecutorPorts = {
  readonly store: Pick<EventStore, 'readAll'>;
  readonly transactor: Transactor;
  readonly surroundings: Surroundings;
  readonly prior: (commandId: string) => PriorReceipt | undefined;
  /** Resolves when the receipts know all that was in the log when asked, or after a while. Absent: nobody else writes. */
  readonly caughtUp?: () => Promise<void>;
};

/** The wish holds only while this stream is at this revision; without an id it is the cloud's own stream of the category. */
export type Precondition = { readonly category: string; readonly id?: string; readonly revision: number };

export type Executor = {
  readonly execute: (
    command: Command,
    context: CommandContext,
    precondition?: Precondition,
  ) => Promise<Executed | Refusal>;
  /** The events it would make, without making them. */
  readonly rehearse: (command: Command, context: CommandContext) => Promise<Transacted<Result> | Refusal>;
};

/** Those the receipts do not have yet, which lag by moments, and some more. */
const KEPT_ANSWERS = 2_000;

const keyReused = (): Refusal =>
  refuse('idempotency-key-reused', 'This idempotency key was used before for a different request.');

/** What a command is about, for the audit. */
const subjectOf = (command: Command): string => {
  if (command.type === 'ReportInstance') return command.instance.instanceId;
  const named = command as { readonly [member: string]: unknown };
  for (const member of ['instanceId', 'address', 'groupId', 'cluster', 'name']) {
    const value = named[member];
    if (typeof value === 'string' && value !== '') return value;
  }
  return '';
};

/** What of a result does not follow from its events, as text to be kept beside them: the first answer is the answer. */
const unsaid = (result: Result, events: readonly DomainEvent[]): string | undefined => {
  const said = Object.entries(result);
  if (said.length === 0) return undefined;
  const follows = resultOf(events);
  const rest = said.filter(([member, value]) => JSON.stringify(value) !== JSON.stringify(follows[member]));
  return rest.length === 0 ? undefined : JSON.stringify(Object.fromEntries(rest));
};

/** The note that ends a report stands for all that its parts have made. */
const madeBy = (events: readonly DomainEvent[]): number => {
  const [first] = events;
  return first?.type === 'ReportFollowed' ? first.changes : events.length;
};

const answerIn = (metadata: EventMetadata): Result => JSON.parse(metadata['answer'] ?? '{}') as Result;

export const createExecutor = (ports: ExecutorPorts): Executor => {
  const { store, transactor, surroundings, prior } = ports;
  const underway = new Map<string, Promise<Executed | Refusal>>();
  /** Accepted a moment ago; the receipts come from the log and may not have them yet. */
  const recent = new Map<string, { readonly answer: Executed; readonly fingerprint: string | undefined }>();

  const keep = (context: CommandContext, answer: Executed): void => {
    recent.set(context.commandId, { answer, fingerprint: context.fingerprint });
    if (recent.size <= KEPT_ANSWERS) return;
    const oldest = recent.keys().next().value;
    if (oldest !== undefined) recent.delete(oldest);
  };

  const isStale = (unit: Scene['unit'], { category, id, revision }: Precondition): Refusal | undefined => {
    const actual = revisionIn(unit, category, id ?? surroundings.cloud);
    if (actual === revision) return undefined;
    return refuse('stale-revision', `It is at revision ${actual ?? -1} now, not at ${revision}. Read it again.`);
  };

  const bodyOf =
    (command: Command, precondition?: Precondition) =>
    (unit: Scene['unit']): Outcome =>
      (precondition === undefined ? undefined : isStale(unit, precondition)) ??
      carryOut(command, { unit, surroundings });

  const recordRefusal = async (command: Command, context: CommandContext, refusal: Refusal): Promise<void> => {
    const audited = { ...context, commandId: `${context.commandId}/refused` };
    await transactor.transact(audited, (unit) => {
      unit.read(commandAuditAggregate, surroundings.cloud);
      unit.write(commandAuditAggregate, surroundings.cloud, noteRefusal(command.type, subjectOf(command), refusal));
      return {};
    });
  };

  /** Undefined when the command has no events there after all. */
  const answerAgain = async (
    { first, last }: PriorReceipt,
    { commandId, fingerprint }: CommandContext,
  ): Promise<Executed | Refusal | undefined> => {
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

  const firstAnswer = async (context: CommandContext): Promise<Executed | Refusal | undefined> => {
    const receipt = prior(context.commandId);
    return receipt && (await answerAgain(receipt, context));
  };

  const carryOutOne = async (
    command: Command,
    context: CommandContext,
    precondition?: Precondition,
  ): Promise<Executed | Refusal> => {
    const done = await transactor.transact(context, bodyOf(command, precondition), unsaid);
    if (isRefusal(done)) return done;
    const result = { ...resultOf(done.events), ...done.result };
    return { accepted: true, position: done.position, events: done.events.length, result, repeated: false };
  };

  /** The answer another control plane may have given to this very wish a moment ago. */
  const answerElsewhere = async (context: CommandContext): Promise<Executed | Refusal | undefined> => {
    await ports.caughtUp?.();
    return firstAnswer(context);
  };

  /** A "no" may mean that the wish was carried out elsewhere, and so does "it was carried out already". */
  const orRecorded = async (command: Command, context: CommandContext, precondition?: Precondition) => {
    const answer = await carryOutOne(command, context, precondition);
    if (!isRefusal(answer)) return answer;
    const first = await answerElsewhere(context);
    if (first !== undefined) return first;
    if (answer.refused !== 'command-repeated') await recordRefusal(command, context, answer);
    return answer;
  };

  const fresh = async (
    command: Command,
    context: CommandContext,
    precondition?: Precondition,
  ): Promise<Executed | Refusal> => {
    const known = recent.get(context.commandId);
    if (known !== undefined) {
      return known.fingerprint === context.fingerprint ? { ...known.answer, repeated: true } : keyReused();
    }
    const receipt = prior(context.commandId);
    const before = receipt && (await answerAgain(receipt, context));
    if (before !== undefined) return before;
    const parts = partsOf(command, surroundings);
    const answer =
      parts.rest.length === 0
        ? await orRecorded(command, context, precondition)
        : await executeParts({ decide: orRecorded, firstAnswer, transactor, surroundings }, parts, {
            context,
            precondition,
          });
    if (isRefusal(answer)) return answer;
    // Nothing to do may mean that another control plane has just carried out this very wish.
    if (answer.events === 0) return (await answerElsewhere(context)) ?? answer;
    keep(context, answer);
    return answer;
  };

  return {
    execute: (command, context, precondition) => {
      const known = underway.get(context.commandId);
      // The same wish twice at once: the second waits for the first and then gets its recorded answer, or tries itself.
      if (known !== undefined) return known.then(() => fresh(command, context, precondition));
      const answer = fresh(command, context, precondition);
      underway.set(context.commandId, answer);
      const done = (): boolean => underway.delete(context.commandId);
      answer.then(done, done);
      return answer;
    },
    rehearse: async (command, context) => {
      const { head, rest } = partsOf(command, surroundings);
      const first = await transactor.rehearse(context, bodyOf(head));
      if (isRefusal(first)) return first;
      const events = [...first.events];
      for (const part of rest) {
        const made = await transactor.rehearse(context, bodyOf(part));
        if (!isRefusal(made)) events.push(...made.events);
      }
      return { ...first, events };
    },
  };
};
