/** One state and one tree drawn from it, at most once for each picture the screen shows. */
import { patch } from './patch.ts';
import type { State } from './state.ts';
import { frame } from './views/frame.ts';
import { ROOM } from './views/networkPanel.ts';

export type Stage = {
  readonly state: () => State;
  readonly change: (to: Partial<State>) => void;
  /** Looks again how much room there is. */
  readonly measure: () => void;
};

/** Draws the first state at once. */
export const createStage = (root: HTMLElement, first: State): Stage => {
  let state = first;
  let isDrawing = false;

  const draw = (): void => {
    isDrawing = false;
    patch(root, frame(state));
    measure();
  };

  const change = (to: Partial<State>): void => {
    state = { ...state, ...to };
    if (isDrawing) return;
    isDrawing = true;
    requestAnimationFrame(draw);
  };

  /** The picture is drawn as wide as there is room for it. */
  const measure = (): void => {
    const width = document.getElementById(ROOM)?.clientWidth ?? 0;
    if (width > 200 && width !== state.width) change({ width });
  };

  draw();
  return { state: () => state, change, measure };
};
