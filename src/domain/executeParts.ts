/**
 * Wishes that are several decisions, each with an append of its own. The head decides whether anything is done; of the rest
 * each stands for itself. When all are through and something came of it, that is written down under the wish's own id, so that
 * the wish asked again, by whomever and whenever, gets its first answer; cut off before that, it goes on where it stopped.
 */
import { commandAuditAggregate, noteReport } from './commandAudit.ts';
import type { Command } from './commands.ts';
import type { Executed } from './firstAnswers.ts';
import type { CommandContext } from './recorded.ts';
import { isRefusal, type Refusal } from './refusals.ts';
import type { Transactor } from './transact.ts';
import type { Parts } from './wishes/parts.ts';
import type { Surroundings } from './wishes/scene.ts';
import type { Precondition } from './wishUnits.ts';

type Answer = Executed | Refusal;

export type PartsPorts = {
  /** Decides one part and writes its refusal down. */
  readonly decide: (command: Command, context: CommandContext, precondition?: Precondition) => Promise<Answer>;
  /** What the log says of a command id; undefined when it made no event. */
  readonly firstAnswer: (context: CommandContext) => Promise<Answer | undefined> | undefined;
  readonly transactor: Transactor;
  readonly surroundings: Surroundings;
};

/** Of more than these the answer gives only the first; the rest are in the audit stream as each refused wish is. */
const MAX_REFUSED = 500;

/** Not of the part but of the wish: somebody else carries it out, or it is another wish under the same id. */
const concernsAll = (answer: Answer): answer is Refusal =>
  isRefusal(answer) && (answer.refused === 'command-repeated' || answer.refused === 'idempotency-key-reused');

/**
 * Carries a wish out in parts, each under a command id of its own that follows from the whole: asked again, parts that are done
 * answer as they did. The first part decides alone whether the others follow.
 */
export const executeParts = async (
  { decide, firstAnswer, transactor, surroundings }: PartsPorts,
  { head, rest }: Parts,
  asked: { readonly context: CommandContext; readonly precondition: Precondition | undefined },
): Promise<Answer> => {
  const { context, precondition } = asked;
  const part = async (command: Command, number: number): Promise<Answer> => {
    const partly = { ...context, commandId: `${context.commandId}/${number}` };
    return (await firstAnswer(partly)) ?? decide(command, partly, number === 0 ? precondition : undefined);
  };
  const first = await part(head, 0);
  if (isRefusal(first)) return first;
  const answers = await Promise.all(rest.map((one, i) => part(one, i + 1)));
  const elsewhere = answers.find(concernsAll);
  if (elsewhere !== undefined) return elsewhere;
  const refused = answers.filter(isRefusal);
  if (refused.length === rest.length && refused[0] !== undefined) return refused[0];
  const changes = [first, ...answers].reduce((sum, one) => sum + (isRefusal(one) ? 0 : one.events), 0);
  const result = refused.length === 0 ? {} : { refused: refused.slice(0, MAX_REFUSED) };
  if (changes === 0) return { accepted: true, position: -1, events: 0, result, repeated: false };
  const noted = await transactor.transact(
    context,
    (unit) => {
      unit.read(commandAuditAggregate, surroundings.cloud);
      unit.write(commandAuditAggregate, surroundings.cloud, noteReport(head, changes, refused.length));
      return {};
    },
    () => (refused.length === 0 ? undefined : JSON.stringify(result)),
  );
  if (isRefusal(noted)) return noted;
  return { accepted: true, position: noted.position, events: changes, result, repeated: false };
};
