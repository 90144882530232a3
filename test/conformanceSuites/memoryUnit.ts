/**
 * Units of work on plain memory: what a body wrote is folded in when it ended well, and forgotten when it refused. It is
 * for scripts that play one command after the other; nothing here is durable or concurrent.
 */
import { type Aggregate, streamOf } from '../../src/domain/decider.ts';
import type { DomainEvent } from '../../src/domain/events.ts';
import type { CommandContext, Recorded } from '../../src/domain/recorded.ts';
import { isRefusal } from '../../src/domain/refusals.ts';
import type { Unit } from '../../src/domain/transact.ts';

export type MemoryUnits = {
  /** Runs the body; `events` are those written, none when the body refused. */
  readonly run: <R>(body: (unit: Unit) => R, admin?: boolean) => { result: R; events: readonly DomainEvent[] };
};

const contextOf = (admin: boolean): CommandContext => ({
  commandId: 'script',
  actor: 'script',
  admin,
  at: 0,
  correlationId: 'script',
});

export const createMemoryUnits = (): MemoryUnits => {
  const states = new Map<string, unknown>();
  const revisions = new Map<string, number>();

  const stateOf = <S, E>(aggregate: Aggregate<S, E>, id: string): S => {
    const stream = streamOf(aggregate.category, id);
    if (!states.has(stream)) states.set(stream, aggregate.initial());
    return states.get(stream) as S;
  };

  const run: MemoryUnits['run'] = (body, admin = false) => {
    const folds: (() => void)[] = [];
    const events: DomainEvent[] = [];
    const unit: Unit = {
      context: contextOf(admin),
      read: stateOf,
      revision: (aggregate, id) => revisions.get(streamOf(aggregate.category, id)) ?? -1,
      write: (aggregate, id, written) => {
        events.push(...written);
        const state = stateOf(aggregate, id);
        const stream = streamOf(aggregate.category, id);
        folds.push(() => revisions.set(stream, (revisions.get(stream) ?? -1) + written.length));
        for (const event of written) folds.push(() => aggregate.apply(state, event, recorded(event, stream)));
      },
    };
    const result = body(unit);
    if (isRefusal(result)) return { result, events: [] };
    for (const fold of folds) fold();
    return { result, events };
  };

  return { run };
};

const recorded = <E>(event: E, stream: string): Recorded<E> => ({
  event,
  id: '',
  stream,
  revision: 0,
  position: 0,
  time: 0,
  actor: 'script',
  correlationId: 'script',
  causationId: 'script',
  commandId: 'script',
});
