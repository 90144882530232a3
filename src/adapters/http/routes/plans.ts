/** Routes of plans: what a list of wishes would do, doing exactly that, and undoing one event. Roles are checked for each wish. */
import type { Command } from '../../../domain/commands.ts';
import type { CommandContext } from '../../../domain/recorded.ts';
import { isRefusal } from '../../../domain/refusals.ts';
import { accountOf } from '../accounts.ts';
import { idsFor } from '../carryOut.ts';
import { itemOf } from '../commandForm.ts';
import { edgeIn, edgeMembers } from '../edgeQuery.ts';
import { commandForms } from '../forms/all.ts';
import { derivedUuid } from '../ids.ts';
import { type DoorRefusal, refuseRequest } from '../refusal.ts';
import { type Answer, admins, type Exchange, json, jsonAnswer, jsonBody, operators, type Route } from '../route.ts';
import { list, object, text, yesNo } from '../schema.ts';
import * as shapes from '../shapes/timeMachine.ts';
import type { Shown, TimeMachinePort } from '../timePorts.ts';
import { itemIn } from './batch.ts';

const tag = 'time machine';
const MOST_WISHES = 1_000;

const items = list({ oneOf: [...commandForms.values()].map(itemOf) }, MOST_WISHES, 'Wishes in order, as in a batch', {
  minItems: 1,
});
const sources = list(text('IPv4 address', { maxLength: 15 }), 64, 'Addresses outside whose flows are looked at, too');
const edge = object(edgeMembers, [], { title: 'EdgeOptions', description: 'How the nodes are built, for the flows' });
const planId = text('Names the plan; made up where left out', { maxLength: 64, pattern: '^[A-Za-z0-9._-]+$' });

type PlanBody = {
  readonly commands: readonly unknown[];
  readonly sources?: readonly string[];
  readonly edge?: { readonly [member: string]: unknown };
  readonly planId?: string;
  readonly token?: string;
  readonly resume?: boolean;
};

const contextOf = ({ caller, now, requestId }: Exchange, id: string): CommandContext => ({
  commandId: id,
  actor: caller.actor,
  admin: caller.role === 'admin',
  at: now(),
  correlationId: requestId,
  source: 'http',
});

const commandOf = async (value: unknown, commandId: string, exchange: Exchange): Promise<Command | DoorRefusal> => {
  const item = itemIn(value, exchange);
  if (isRefusal(item)) return item;
  const account = accountOf(exchange, (item.input as { readonly account?: string }).account);
  if (isRefusal(account)) return account;
  const { controlPlane, resolveHost } = exchange;
  return item.form.make(item.input, {
    account,
    resolveHost,
    freshIds: (prefix, count) => idsFor(controlPlane, commandId, prefix, count),
  });
};

/** The same plan id gives the same ids for what it makes, whenever it is asked. */
const commandsOf = async (
  values: readonly unknown[],
  id: string,
  exchange: Exchange,
): Promise<readonly Command[] | DoorRefusal> => {
  const commands: Command[] = [];
  for (const [i, value] of values.entries()) {
    const command = await commandOf(value, derivedUuid('plan', id, String(i)), exchange);
    if (isRefusal(command))
      return { ...command, member: `commands[${i}]${command.member === undefined ? '' : `.${command.member}`}` };
    commands.push(command);
  }
  return commands;
};

const answered = (found: Shown | DoorRefusal): Answer | DoorRefusal =>
  isRefusal(found) ? found : json(shapes.shownTimes(found));

const answerPlan =
  (time: TimeMachinePort) =>
  async (exchange: Exchange): Promise<Answer | DoorRefusal> => {
    const body = exchange.body as PlanBody;
    const id = body.planId ?? derivedUuid('plan', exchange.requestId, String(exchange.now()));
    const commands = await commandsOf(body.commands, id, exchange);
    if (isRefusal(commands)) return commands;
    const query = { planId: id, commands, context: contextOf(exchange, id) };
    return answered(await time.plan(query, body.sources ?? [], edgeIn(body.edge ?? {})));
  };

const answerApply =
  (time: TimeMachinePort) =>
  async (exchange: Exchange): Promise<Answer | DoorRefusal> => {
    const { commands: values, planId: id = '', token = '', resume = false } = exchange.body as PlanBody;
    const commands = await commandsOf(values, id, exchange);
    if (isRefusal(commands)) return commands;
    return answered(await time.apply({ planId: id, commands, token, resume, context: contextOf(exchange, id) }));
  };

const answerRevert =
  (time: TimeMachinePort) =>
  async (exchange: Exchange): Promise<Answer | DoorRefusal> => {
    const { reason } = exchange.body as { readonly reason: string };
    const event = exchange.path['id'] ?? '';
    const key = exchange.headers['idempotency-key'];
    if (Array.isArray(key))
      return refuseRequest('invalid-header', 'One Idempotency-Key is enough.', { member: 'Idempotency-Key' });
    const id = derivedUuid('revert', event, key ?? exchange.requestId);
    const query = { event, reason, planId: id, context: contextOf(exchange, id) };
    return answered(await (exchange.query['dryRun'] === true ? time.planRevert(query) : time.revert(query)));
  };

export const planRoutes = (time: TimeMachinePort): readonly Route[] => [
  {
    id: 'postPlan',
    method: 'POST',
    path: '/v1/plans',
    tag,
    summary: 'What a list of wishes would do: events, documents, flows gained and lost, addresses orphaned',
    access: operators,
    body: jsonBody(object({ commands: items, sources, edge, planId }, ['commands'], { title: 'PlanRequest' })),
    responses: jsonAnswer(shapes.planAnswer),
    problems: ['unknown-command'],
    answer: answerPlan(time),
  },
  {
    id: 'postPlanApply',
    method: 'POST',
    path: '/v1/plans/apply',
    tag,
    summary: 'Do exactly what a plan said, or nothing if the world has moved since',
    access: operators,
    body: jsonBody(
      object(
        {
          ...{ commands: items, sources, planId, token: text('Token of the plan', { maxLength: 64 }) },
          resume: yesNo('Where a part of it was done: decide the rest anew, on the world as it is'),
        },
        ['commands', 'planId', 'token'],
        {
          title: 'ApplyRequest',
        },
      ),
    ),
    responses: jsonAnswer(shapes.appliedAnswer),
    problems: ['unknown-command', 'world-moved', 'plan-half-applied', 'idempotency-key-reused'],
    answer: answerApply(time),
  },
  {
    id: 'postRevert',
    method: 'POST',
    path: '/v1/events/{id}/revert',
    tag,
    summary: 'Undo one event by new events, where that is possible; the reason stays with them',
    access: admins,
    parameters: { id: text('Event id or position', { maxLength: 64 }) },
    query: { dryRun: yesNo('Only say what would happen') },
    requestHeaders: { 'Idempotency-Key': text('Names the wish: repeated with the same key it is carried out once') },
    body: jsonBody(object({ reason: text('Why', { maxLength: 500 }) }, ['reason'], { title: 'RevertRequest' })),
    responses: jsonAnswer(shapes.revertAnswer),
    problems: ['event-not-found', 'cannot-revert', 'nothing-to-revert', 'world-moved'],
    answer: answerRevert(time),
  },
];
