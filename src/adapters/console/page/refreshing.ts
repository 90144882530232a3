/** Looks again when something has happened: no more often than the server takes lightly, and only while somebody looks. */
import type { Loader } from './loading.ts';
import type { Stage } from './stage.ts';
import { boundTo, isShutOut, shownPosition } from './state.ts';

/** What an event may have changed of what is shown. */
const reload = async ({ state }: Stage, loader: Loader): Promise<void> => {
  const { place } = state();
  await Promise.all([
    loader.now(),
    loader.load('network', 'why'),
    place.to === undefined && loader.load('difference'),
    place.select !== undefined && loader.load('history'),
    place.trace !== undefined && loader.load('trace'),
  ]);
};

export type Refreshing = {
  /** Something happened. */
  readonly soon: () => void;
  /** Reports of nodes are no events, and keys of an account see none: now and then somebody has to look. */
  readonly lookAgain: () => Promise<void>;
};

export const createRefreshing = (stage: Stage, loader: Loader): Refreshing => {
  const { state } = stage;
  let waiting: ReturnType<typeof setTimeout> | undefined;

  const soon = (): void => {
    if (waiting !== undefined || shownPosition(state()) !== undefined || document.hidden) return;
    waiting = setTimeout(async () => {
      await loader.paced(() => reload(stage, loader));
      waiting = undefined;
    }, loader.breakMs());
  };

  const lookAgain = async (): Promise<void> => {
    const { needsKey, live } = state();
    const isBound = boundTo(state()) !== undefined;
    if (document.hidden || needsKey || isShutOut(state()) || (live === 'off' && !isBound)) return;
    await loader.now();
    if (isBound || state().newest > (state().network.value?.position ?? 0)) soon();
  };

  return { soon, lookAgain };
};
