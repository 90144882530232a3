/**
 * The epoch: raised when the log itself lost its tail or by an operator, so that a corrected document is newer than
 * anything receivers have seen. Stream `epoch-<cloud>`. The first epoch is 1 and needs no event.
 */
import type { Aggregate, Decision } from './decider.ts';

/** Documents from here on are newer than any of an older epoch, whatever their position. */
export type EpochEvent = { readonly type: 'EpochRaised'; readonly epoch: number; readonly reason: string };

export type EpochState = { epoch: number };

export const epochAggregate: Aggregate<EpochState, EpochEvent> = {
  category: 'epoch',
  initial: () => ({ epoch: 1 }),
  apply: (state, event) => {
    state.epoch = event.epoch;
  },
};

/** `atLeast` lets a restore raise the epoch above the newest one seen outside the log. */
export const raiseEpoch = (state: EpochState, reason: string, atLeast = 0): Decision<EpochEvent> => [
  { type: 'EpochRaised', epoch: Math.max(state.epoch + 1, atLeast), reason },
];
