/**
 * What a list of wishes would do, and doing exactly that later. A plan is decided on an overlay of the log; applying it decides
 * again, compares, and appends all its events in one go at the revisions they rest on. If anything they rest on has changed,
 * nothing happens and the answer says that the world has moved.
 */
import { createHash } from 'node:crypto';
import { decodeRecorded, encode, metadataOf } from '../../../domain/codec.ts';
import type { Command } from '../../../domain/commands.ts';
import type { DomainEvent } from '../../../domain/events.ts';
import { createExecutor } from '../../../domain/execute.ts';
import type { CommandContext, Recorded } from '../../../domain/recorded.ts';
import { isRefusal, type Refusal, refuse } from '../../../domain/refusals.ts';
import { createTransactor } from '../../../domain/transact.ts';
import { advance } from '../../../projections/network/runner.ts';
import type { Network } from '../../../projections/network/views.ts';
import { surroundingsOf } from '../surroundings.ts';
import { createOverlay, type Overlay } from './overlay.ts';
import type { TimeScene } from './scene.ts';

export type PlanScene = TimeScene & { readonly cloud: string; readonly reached: (position: number) => Promise<void> };

/** `planId` names the plan and is the command id of everything it does. */
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

const appendAll = async (
  scene: PlanScene,
  rehearsal: Rehearsal,
  context: CommandContext,
): Promise<Applied | Refusal> => {
  const metadata = metadataOf(context);
  const writes = rehearsal.overlay.streams().map(({ stream, revision, events }) => ({
    stream,
    expected: revision,
    events: events.map((stored) => encode(decodeRecorded(stored).event, metadata)),
  }));
  const changing = writes.filter(({ events }) => events.length > 0);
  if (changing.length === 0) return { position: rehearsal.before.position, events: 0, repeated: false };
  if (!scene.store.atomicAcrossStreams && changing.length > 1) {
    const detail = `The plan changes ${changing.length} streams, and this event store cannot append to several at once. Send its wishes one by one.`;
    return refuse('plan-not-atomic', detail);
  }
  const done = await scene.store.append(context.commandId, writes);
  if (done.outcome === 'conflict') return moved(`${done.stream} was changed meanwhile.`);
  await scene.reached(done.position);
  return { position: done.position, events: rehearsal.events.length, repeated: false };
};

/** Does what the plan with this token said, or nothing. */
export const apply = async (
  scene: PlanScene,
  query: PlanQuery & { readonly token: string },
): Promise<Applied | Refusal> => {
  const receipt = scene.index.receipt(query.planId);
  if (receipt !== undefined) return { position: receipt.last, events: 0, repeated: true };
  const rehearsal = await rehearse(scene, query);
  if (isRefusal(rehearsal)) return moved(`It can no longer be carried out: ${rehearsal.detail}`);
  if (rehearsal.token !== query.token) return moved('What the plan rests on has changed since it was made.');
  return appendAll(scene, rehearsal, { ...query.context, commandId: query.planId, correlationId: query.planId });
};
