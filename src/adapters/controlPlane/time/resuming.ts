/**
 * Plans that could only be appended step by step, and of which somebody stopped a part: which steps are done, said in words and
 * beside the events, and going on with the rest. What is done is never done again: its commands are in the log.
 */
import type { EventMetadata, StreamWrite } from '../../../domain/eventStore.ts';
import { createExecutor } from '../../../domain/execute.ts';
import { isRefusal, type Refusal, refuse } from '../../../domain/refusals.ts';
import { createTransactor } from '../../../domain/transact.ts';
import { surroundingsOf } from '../surroundings.ts';
import type { Append } from './overlay.ts';
import type { Applied, PlanQuery, PlanScene } from './planning.ts';

/** Beside an event of a plan that is appended in steps: which step of how many. */
const STEP = 'planStep';

/** Beside every event of a plan: the token of what was planned, so that no other plan passes for it. */
const TOKEN = 'planToken';

const noted = (writes: readonly StreamWrite[], more: EventMetadata): readonly StreamWrite[] =>
  writes.map((write) => ({
    ...write,
    events: write.events.map((event) => ({ ...event, metadata: { ...event.metadata, ...more } })),
  }));

export const withToken = (writes: readonly StreamWrite[], token: string): readonly StreamWrite[] =>
  noted(writes, { [TOKEN]: token });

/** Which step this is, on each of its events. */
export const marked = ({ commandId, writes }: Append, token: string, step: number, of: number): Append => ({
  commandId,
  writes: noted(writes, { [TOKEN]: token, [STEP]: `${step}/${of}` }),
});

/** Number of a wish in its plan, from 1. */
const wishOf = (planId: string, { commandId }: Append): string =>
  String(Number(commandId.slice(planId.length + 1).split('/')[0]) + 1);

const refused = (detail: string): Refusal =>
  refuse('plan-half-applied', `${detail} To go on with the rest on the world as it is, apply it again with resume.`);

export const halfApplied = (planId: string, appends: readonly Append[], done: number, why: string): Refusal => {
  const wishes = [...new Set(appends.slice(0, done).map((append) => wishOf(planId, append)))].join(', ');
  const left = [...new Set(appends.slice(done).map((append) => wishOf(planId, append)))].join(', ');
  return refused(
    `${done} of ${appends.length} steps are done and stay (wishes ${wishes}), those of wishes ${left} are not: ${why}.`,
  );
};

export const stillHalfApplied = (planId: string, left: number): Refusal =>
  refused(`Plan ${planId} was done in part: ${left} of its steps are left.`);

/**
 * Steps of a plan behind the one that its newest event belongs to; 0 when it was appended as a whole. Refused when that event
 * is of another plan with the same id.
 */
export const whatIsLeft = async (
  { store }: Pick<PlanScene, 'store'>,
  newest: number,
  token: string,
): Promise<{ readonly left: number } | Refusal> => {
  const [stored] = await store.readAll(newest - 1, 1);
  const { [TOKEN]: done, [STEP]: place = '' } = stored?.metadata ?? {};
  if (done !== undefined && done !== token) {
    return refuse('idempotency-key-reused', 'This plan id was used before for another plan.', { member: 'planId' });
  }
  const [, step = '0', of = '0'] = /^([0-9]+)\/([0-9]+)$/.exec(place) ?? [];
  return { left: Number(of) - Number(step) };
};

/** Every wish in order, decided on the world as it is; those in the log are answered from there. Stops at the first refusal. */
export const goOn = async (scene: PlanScene, { planId, commands, context }: PlanQuery): Promise<Applied | Refusal> => {
  const executor = createExecutor({
    store: scene.store,
    transactor: createTransactor(scene.store),
    surroundings: surroundingsOf(scene.cloud, scene.network),
    prior: scene.index.receipt,
  });
  let { position } = scene.network();
  let events = 0;
  for (const [i, command] of commands.entries()) {
    const mine = { ...context, commandId: `${planId}/${i}`, correlationId: planId };
    const done = await executor.execute(command, mine);
    if (isRefusal(done)) {
      return refused(
        `Wishes 1 to ${i} are done and stay; wish ${i + 1} (${command.type}) is refused now: ${done.detail}`,
      );
    }
    if (!done.repeated) events += done.events;
    if (done.position >= 0) await scene.reached(done.position);
    position = Math.max(position, done.position);
  }
  return { position, events, repeated: false };
};
