/** Waiting until this process has read all that is in the log now: what others have just written is decided on by nobody else. */
import type { Projector } from '../adapters/projector/projector.ts';
import type { EventStore } from '../domain/eventStore.ts';

export type CaughtUpPorts = {
  readonly store: Pick<EventStore, 'head'>;
  readonly projector: Pick<Projector, 'reached'>;
};

const PATIENCE_MS = 2_000;

/** Resolves when this process has read all that was in the log when asked, or after a while. Never rejects. */
export const caughtUp = async ({ store, projector }: CaughtUpPorts): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MS);
  });
  const read = store.head().then(
    (head) => (head === undefined ? undefined : projector.reached(head.position)),
    () => undefined,
  );
  await Promise.race([read, late]);
  clearTimeout(timer);
};
