/**
 * One wish as one unit of work: its precondition, its decision, and the note in the audit when it is refused. It never answers
 * for what was decided before, nor takes a wish apart.
 */
import { revisionIn } from './aggregates.ts';
import { commandAuditAggregate, noteRefusal } from './commandAudit.ts';
import type { Command } from './commands.ts';
import type { DomainEvent } from './events.ts';
import type { Executed } from './firstAnswers.ts';
import type { CommandContext } from './recorded.ts';
import { isRefusal, type Refusal, refuse } from './refusals.ts';
import type { Transactor } from './transact.ts';
import { carryOut } from './wishes/carryOut.ts';
import { resultOf } from './wishes/resultOf.ts';
import type { Outcome, Result, Scene, Surroundings } from './wishes/scene.ts';

/** The wish holds only while this stream is at this revision; without an id it is the cloud's own stream of the category. */
export type Precondition = { readonly category: string; readonly id?: string; readonly revision: number };

export type WishUnitsPorts = { readonly transactor: Transactor; readonly surroundings: Surroundings };

export type WishUnits = {
  /** What the unit of work does for the wish. */
  readonly bodyOf: (command: Command, precondition?: Precondition) => (unit: Scene['unit']) => Outcome;
  readonly carryOut: (
    command: Command,
    context: CommandContext,
    precondition?: Precondition,
  ) => Promise<Executed | Refusal>;
  /** Writes down who was refused what, under an id that follows from the wish's own. */
  readonly noteRefused: (command: Command, context: CommandContext, refusal: Refusal) => Promise<void>;
};

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

export const createWishUnits = ({ transactor, surroundings }: WishUnitsPorts): WishUnits => {
  const isStale = (unit: Scene['unit'], { category, id, revision }: Precondition): Refusal | undefined => {
    const actual = revisionIn(unit, category, id ?? surroundings.cloud);
    if (actual === revision) return undefined;
    return refuse('stale-revision', `It is at revision ${actual ?? -1} now, not at ${revision}. Read it again.`);
  };

  const bodyOf: WishUnits['bodyOf'] = (command, precondition) => (unit) =>
    (precondition === undefined ? undefined : isStale(unit, precondition)) ?? carryOut(command, { unit, surroundings });

  return {
    bodyOf,
    carryOut: async (command, context, precondition) => {
      const done = await transactor.transact(context, bodyOf(command, precondition), unsaid);
      if (isRefusal(done)) return done;
      const result = { ...resultOf(done.events), ...done.result };
      return { accepted: true, position: done.position, events: done.events.length, result, repeated: false };
    },
    noteRefused: async (command, context, refusal) => {
      const audited = { ...context, commandId: `${context.commandId}/refused` };
      await transactor.transact(audited, (unit) => {
        unit.read(commandAuditAggregate, surroundings.cloud);
        unit.write(commandAuditAggregate, surroundings.cloud, noteRefusal(command.type, subjectOf(command), refusal));
        return {};
      });
    },
  };
};
