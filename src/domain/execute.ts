/**
 * Carries out wishes: decides them in one unit of work, records refused ones with their actor, and answers a wish that was
 * carried out before with its first answer. It knows no transport.
 */
import type { Command } from './commands.ts';
import { executeParts } from './executeParts.ts';
import { createFirstAnswers, type Executed, type FirstAnswersPorts } from './firstAnswers.ts';
import type { CommandContext } from './recorded.ts';
import { isRefusal, type Refusal } from './refusals.ts';
import type { Transacted, Transactor } from './transact.ts';
import { partsOf } from './wishes/parts.ts';
import type { Result, Surroundings } from './wishes/scene.ts';
import { createWishUnits, type Precondition } from './wishUnits.ts';

export type { Executed, PriorReceipt } from './firstAnswers.ts';
export type { Precondition } from './wishUnits.ts';

export type ExecutorPorts = FirstAnswersPorts & {
  readonly transactor: Transactor;
  readonly surroundings: Surroundings;
};

export type Executor = {
  readonly execute: (
    command: Command,
    context: CommandContext,
    precondition?: Precondition,
  ) => Promise<Executed | Refusal>;
  /** The events it would make, without making them. */
  readonly rehearse: (command: Command, context: CommandContext) => Promise<Transacted<Result> | Refusal>;
};

type Execute = Executor['execute'];

/** The same wish twice at once: the second waits for the first and then gets its recorded answer, or tries itself. */
const oneAtATime = (execute: Execute): Execute => {
  const underway = new Map<string, Promise<Executed | Refusal>>();
  return (command, context, precondition) => {
    const known = underway.get(context.commandId);
    if (known !== undefined) return known.then(() => execute(command, context, precondition));
    const answer = execute(command, context, precondition);
    underway.set(context.commandId, answer);
    const done = (): boolean => underway.delete(context.commandId);
    answer.then(done, done);
    return answer;
  };
};

export const createExecutor = (ports: ExecutorPorts): Executor => {
  const { transactor, surroundings } = ports;
  const firstAnswers = createFirstAnswers(ports);
  const units = createWishUnits(ports);

  /** A "no" may mean that the wish was carried out elsewhere, and so does "it was carried out already". */
  const decide: Execute = async (command, context, precondition) => {
    const answer = await units.carryOut(command, context, precondition);
    if (!isRefusal(answer)) return answer;
    const first = await firstAnswers.elsewhere(context);
    if (first !== undefined) return first;
    if (answer.refused !== 'command-repeated') await units.noteRefused(command, context, answer);
    return answer;
  };
  const partsPorts = { decide, firstAnswer: firstAnswers.recorded, transactor, surroundings };

  const execute: Execute = async (command, context, precondition) => {
    const remembered = firstAnswers.remembered(context);
    if (remembered !== undefined) return remembered;
    const recorded = firstAnswers.recorded(context);
    const before = recorded && (await recorded);
    if (before !== undefined) return before;
    const parts = partsOf(command, surroundings);
    const answer =
      parts.rest.length === 0
        ? await decide(command, context, precondition)
        : await executeParts(partsPorts, parts, { context, precondition });
    if (isRefusal(answer)) return answer;
    // Nothing to do may mean that another control plane has just carried out this very wish.
    if (answer.events === 0) return (await firstAnswers.elsewhere(context)) ?? answer;
    firstAnswers.keep(context, answer);
    return answer;
  };

  const rehearse: Executor['rehearse'] = async (command, context) => {
    const { head, rest } = partsOf(command, surroundings);
    const first = await transactor.rehearse(context, units.bodyOf(head));
    if (isRefusal(first)) return first;
    const events = [...first.events];
    for (const part of rest) {
      const made = await transactor.rehearse(context, units.bodyOf(part));
      if (!isRefusal(made)) events.push(...made.events);
    }
    return { ...first, events };
  };

  return { execute: oneAtATime(execute), rehearse };
};
