/**
 * What a list of wishes would do, and doing exactly that later. A plan is decided on an overlay of the log; applying it decides
 * again, compares, and appends wish by wish at the revisions the plan rests on; the first append checks all of them. If any of
 * them has changed, nothing happens and the answer says that the world has moved.
 */
import { createHash } from 'node:crypto';
import { decodeRecorded } from '../../../domain/codec.ts';
import type { Command } from '../../../domain/commands.ts';
import type { DomainEvent } from '../../../domain/events.ts';
import { createExecutor } from '../../../domain/execute.ts';
import type { CommandContext, Recorded } from '../../../domain/recorded.ts';
import { isRefusal, type Refusal, refuse } from '../../../domain/refusals.ts';
import { createTransactor } from '../../../domain/transact.ts';
import { advance } from '../../../projections/network/runner.ts';
import type { Network } from '../../../projections/network/views.ts';
import { surroundingsOf } from '../surroundings.ts';
import { type Append, createOverlay, type Overlay } from './overlay.ts';
import type { TimeScene } from './scene.ts';

export type PlanScene = TimeScene & { readonly cloud: string; readonly reached: (position: number) => Promise<void> };

/** `planId` names the plan; everything it does is correlated by it. */
export type PlanQuery = {
  readonly planId: string;
  readonly commands: readonly Command[];
  readonly context: CommandContext;
};

export type Rehearsal = {
  readonly before: Network;
  readonly after: Network;
  readonly events: readonly Recorded<DomainEvent>[];
  readonly overlay: Overlay;
  /** The same as long as nothing the plan rests on has changed and it would do the same. */
  readonly token: string;
};

const tokenOf = (overlay: Overlay, events: readonly Recorded<DomainEvent>[]): string => {
  const rests = overlay.streams().map(({ stream, revision }) => `${stream} ${revision}`);
  const digest = createHash('sha256').update(rests.sort().join('\n'));
  for (const { event, stream } of events) digest.update(`\n${stream} ${JSON.stringify(event)}`);
  return digest.digest('hex').slice(0, 32);
};

/** A refusal names the wish by its place in the plan. */
export const rehearse = async (
  scene: PlanScene,
  { planId, commands, context }: PlanQuery,
): Promise<Rehearsal | Refusal> => {
  const before = scene.network();
  const overlay = createOverlay(scene.store, before.position);
  const transactor = createTransactor(overlay.store);
  let after = before;
  const surroundings = surroundingsOf(scene.cloud, () => after);
  const executor = createExecutor({ store: overlay.store, transactor, surroundings, prior: () => undefined });
  const events: Recorded<DomainEvent>[] = [];
  for (const [i, command] of commands.entries()) {
    const done = await executor.execute(command, { ...context, commandId: `${planId}/${i}`, correlationId: planId });
    if (isRefusal(done)) return { ...done, detail: `Wish ${i + 1} of the plan (${command.type}): ${done.detail}` };
    const fresh = overlay.events().slice(events.length).map(decodeRecorded);
    events.push(...fresh);
    after = advance(after, fresh);
  }
  return { before, after, events, overlay, token: tokenOf(overlay, events) };
};

const moved = (detail: string): Refusal => refuse('world-moved', `${detail} Plan again.`, { member: 'token' });

export type Applied = { readonly position: number; readonly events: number; readonly repeated: boolean };

/** The first append also checks every other stream the plan rests on; the rest expect the revisions the plan gave them. */
const withChecks = ({ commandId, writes }: Append, overlay: Overlay): Append => {
  const named = new Set(writes.map(({ stream }) => stream));
  const checks = overlay.streams().filter(({ stream }) => !named.has(stream));
  return {
    commandId,
    writes: [...writes, ...checks.map(({ stream, revision }) => ({ stream, expected: revision, events: [] }))],
  };
};

const appendAll = async (scene: PlanScene, { overlay, before, events }: Rehearsal): Promise<Applied | Refusal> => {
  let { position } = before;
  for (const [i, append] of overlay.appends().entries()) {
    const { commandId, writes } = i === 0 ? withChecks(append, overlay) : append;
    const done = await scene.store.append(commandId, writes);
    if (done.outcome === 'conflict' && i === 0) return moved(`${done.stream} was changed meanwhile.`);
    if (done.outcome === 'conflict') {
      const detail = `Somebody changed ${done.stream} in between: ${i} of ${overlay.appends().length} steps are done and stay, the others are not.`;
      return refuse('plan-half-applied', detail);
    }
    position = done.position;
  }
  await scene.reached(position);
  return { position, events: events.length, repeated: false };
};

/** Does what the plan with this token said, or nothing. Repeated after a lost answer it does nothing again. */
export const apply = async (
  scene: PlanScene,
  query: PlanQuery & { readonly token: string },
): Promise<Applied | Refusal> => {
  const done = scene.index.positions('correlationId', query.planId);
  if (done.length > 0) return { position: done.at(-1) ?? -1, events: done.length, repeated: true };
  const rehearsal = await rehearse(scene, query);
  if (isRefusal(rehearsal)) return moved(`It can no longer be carried out: ${rehearsal.detail}`);
  if (rehearsal.token !== query.token) return moved('What the plan rests on has changed since it was made.');
  return appendAll(scene, rehearsal);
};
