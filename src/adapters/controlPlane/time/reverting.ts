/** Undoing one event by new events: what would be wished, its plan, and doing it with a reason that stays with the events. */
import type { Command } from '../../../domain/commands.ts';
import type { DomainEvent } from '../../../domain/events.ts';
import type { CommandContext, Recorded } from '../../../domain/recorded.ts';
import { isRefusal, type Refusal, refuse } from '../../../domain/refusals.ts';
import { defaultEdgeOptions } from '../../../projections/reachability/explanation.ts';
import { revertOf } from '../../../projections/timeMachine/revert.ts';
import { type PlanReport, reportOf } from './impact.ts';
import { type Applied, apply, type PlanScene, rehearse } from './planning.ts';

export type RevertQuery = {
  /** Event id or position. */
  readonly event: string;
  readonly reason: string;
  readonly planId: string;
  readonly context: CommandContext;
};

export type Reverting = { readonly commands: readonly Command[]; readonly plan: PlanReport };

const eventOf = async ({ lookup, index }: PlanScene, written: string): Promise<Recorded<DomainEvent> | Refusal> => {
  const position = index.positionOf(written) ?? (/^[0-9]{1,15}$/.test(written) ? Number(written) : -1);
  const event = await lookup.eventAt(position);
  return (
    event ?? refuse('event-not-found', `There is no event ${written} in the log.`, { member: 'id', value: written })
  );
};

const contextOf = ({ context, reason }: RevertQuery, event: Recorded<DomainEvent>): CommandContext => ({
  ...context,
  causationId: event.id,
  source: 'revert',
  reason,
});

type Prepared = Reverting & { readonly context: CommandContext };

const prepare = async (scene: PlanScene, query: RevertQuery): Promise<Prepared | Refusal> => {
  const event = await eventOf(scene, query.event);
  if (isRefusal(event)) return event;
  const before = await scene.history.networkAt(event.position - 1);
  const commands = revertOf(event, before);
  if (isRefusal(commands)) return commands;
  const context = contextOf(query, event);
  const rehearsal = await rehearse(scene, { planId: query.planId, commands, context });
  if (isRefusal(rehearsal))
    return refuse('cannot-revert', `It cannot be undone now: ${rehearsal.detail}`, {
      member: 'event',
      value: query.event,
    });
  if (rehearsal.events.length === 0) {
    return refuse(
      'nothing-to-revert',
      'The network is already as it was before that event, as far as it is concerned.',
      {
        member: 'event',
        value: query.event,
      },
    );
  }
  return {
    commands,
    context,
    plan: reportOf(scene, query.planId, rehearsal, { sources: [], edge: defaultEdgeOptions }),
  };
};

export const planRevert = async (scene: PlanScene, query: RevertQuery): Promise<Reverting | Refusal> => {
  const prepared = await prepare(scene, query);
  if (isRefusal(prepared)) return prepared;
  const { commands, plan } = prepared;
  return { commands, plan };
};

export const revert = async (
  scene: PlanScene,
  query: RevertQuery,
): Promise<(Reverting & { readonly applied: Applied }) | Refusal> => {
  const prepared = await prepare(scene, query);
  if (isRefusal(prepared)) return prepared;
  const { commands, plan, context } = prepared;
  const applied = await apply(scene, { planId: query.planId, commands, context, token: plan.token });
  return isRefusal(applied) ? applied : { commands, plan, applied };
};
