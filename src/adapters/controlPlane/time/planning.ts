/**
 * What a list of wishes would do, and doing exactly that later. A plan is decided on an overlay of the log; applying it decides
 * again, compares, and appends all of it at once at the revisions the plan rests on. If any of them has changed, nothing happens
 * and the answer says that the world has moved. Where a store cannot append to several streams at once, or where the order
 * between streams matters, it is appended wish by wish, the first append checking everything; see `resuming.ts`.
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
import { goOn, halfApplied, marked, stillHalfApplied, whatIsLeft, withToken } from './resuming.ts';
import type { TimeScene } from './scene.ts';
import { type WholeAppend, wholeAppendOf } from './wholeAppend.ts';

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
  /** All of it as one append, where that comes to the same. */
  readonly whole: WholeAppend | undefined;
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
  const whole = scene.store.atomicAcrossStreams ? wholeAppendOf(overlay, before, after) : undefined;
  const made = whole ?? { after, events };
  return { before, after: made.after, events: made.events, overlay, whole, token: tokenOf(overlay, made.events) };
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

const appendWhole = async (
  scene: PlanScene,
  { planId, token }: ApplyQuery,
  { writes, events }: WholeAppend,
): Promise<Applied | Refusal> => {
  const done = await scene.store.append(planId, withToken(writes, token));
  if (done.outcome === 'conflict') return moved(`${done.stream} was changed meanwhile.`);
  await scene.reached(done.position);
  return { position: done.position, events: events.length, repeated: false };
};

const appendOneByOne = async (
  scene: PlanScene,
  { planId, token }: ApplyQuery,
  { overlay, before, events }: Rehearsal,
): Promise<Applied | Refusal> => {
  let { position } = before;
  const appends = overlay.appends();
  for (const [i, append] of appends.entries()) {
    const step = i === 0 ? withChecks(append, overlay) : append;
    const { commandId, writes } = marked(step, token, i + 1, appends.length);
    const done = await scene.store.append(commandId, writes);
    if (done.outcome === 'conflict' && i === 0) return moved(`${done.stream} was changed meanwhile.`);
    if (done.outcome === 'conflict') {
      await scene.reached(position);
      return halfApplied(planId, appends, i, `somebody changed ${done.stream} in between`);
    }
    position = done.position;
  }
  await scene.reached(position);
  return { position, events: events.length, repeated: false };
};

export type ApplyQuery = PlanQuery & {
  readonly token: string;
  /** Where only a part of it was done: decide the rest anew, on the world as it is. */
  readonly resume?: boolean;
};

/**
 * Does what the plan with this token said, or nothing. Repeated after a lost answer it does nothing again; where a part of it
 * was done it says which, and goes on when that is wished.
 */
export const apply = async (scene: PlanScene, query: ApplyQuery): Promise<Applied | Refusal> => {
  const { planId } = query;
  const done = scene.index.positions('correlationId', planId);
  const last = done.at(-1);
  if (last !== undefined) {
    const known = await whatIsLeft(scene, last, query.token);
    if (isRefusal(known)) return known;
    const { left } = known;
    if (left === 0) return { position: last, events: done.length, repeated: true };
    return query.resume === true ? goOn(scene, query) : stillHalfApplied(planId, left);
  }
  const rehearsal = await rehearse(scene, query);
  if (isRefusal(rehearsal)) return moved(`It can no longer be carried out: ${rehearsal.detail}`);
  if (rehearsal.token !== query.token) return moved('What the plan rests on has changed since it was made.');
  if (rehearsal.events.length === 0) return { position: rehearsal.before.position, events: 0, repeated: false };
  return rehearsal.whole === undefined
    ? appendOneByOne(scene, query, rehearsal)
    : appendWhole(scene, query, rehearsal.whole);
};
