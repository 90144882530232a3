/** What the tests of both pools share: folding events as a log would give them, and a plain source of random numbers. */

import { randomSequence } from '../../src/domain/addressPool/randomSequence.ts';
import type { Aggregate, Decision } from '../../src/domain/decider.ts';
import type { Recorded } from '../../src/domain/recorded.ts';
import { isRefusal, type Refusal } from '../../src/domain/refusals.ts';

export type Moment = { readonly time?: number; readonly commandId?: string };

/** Folds in place; revisions count on from `from`. */
export const foldInto = <S, E>(
  aggregate: Aggregate<S, E>,
  state: S,
  events: readonly E[],
  { from = 0, time = 0, commandId = '' }: Moment & { readonly from?: number } = {},
): S => {
  for (const [index, event] of events.entries()) {
    const recorded: Recorded<E> = {
      event,
      id: `e-${from + index}`,
      stream: `${aggregate.category}-test`,
      revision: from + index,
      position: from + index,
      time,
      actor: 'test',
      correlationId: 'c',
      causationId: 'c',
      commandId,
    };
    aggregate.apply(state, event, recorded);
  }
  return state;
};

/** The events of a decision that must not be refused. */
export const decided = <T extends object>(decision: T | Refusal): T => {
  if (isRefusal(decision)) throw new Error(`expected a decision, got refusal ${decision.refused}: ${decision.detail}`);
  return decision;
};

export const refusedAs = (decision: unknown): string => (isRefusal(decision) ? decision.refused : 'not refused');

export const typesOf = <E extends { readonly type: string }>(decision: Decision<E>): readonly string[] =>
  decided(decision).map(({ type }) => type);

/** The same numbers for the same seed. */
export const dice = (seed: number) => {
  const random = randomSequence(seed);
  return {
    below: random.below,
    pick: <T>(list: readonly T[]): T => {
      const item = list[random.below(list.length)];
      if (item === undefined) throw new Error('expected a list with something in it, got an empty one');
      return item;
    },
  };
};
