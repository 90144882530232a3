/**
 * The subscriptions a store has running, so that closing the store ends them all and leaves no timer or reader behind.
 */
import type { Subscription } from '../../domain/eventStore.ts';

export type SubscriptionSet = {
  readonly add: (subscription: Subscription) => Subscription;
  readonly size: () => number;
  readonly stopAll: () => Promise<void>;
};

export const createSubscriptionSet = (): SubscriptionSet => {
  const running = new Set<Subscription>();
  return {
    add: (subscription) => {
      const tracked: Subscription = {
        stop: async () => {
          running.delete(tracked);
          await subscription.stop();
        },
      };
      running.add(tracked);
      return tracked;
    },
    size: () => running.size,
    stopAll: async () => {
      await Promise.all([...running].map((subscription) => subscription.stop()));
    },
  };
};
