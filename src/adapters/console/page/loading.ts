/**
 * Loads what the state needs and puts it there. Of two answers to the same question only the newest counts; what takes long
 * is asked for less often, so that a large cloud is not asked all the time.
 */
import { type Api, isProblem } from './api.ts';
import { questions, type SlotName } from './questions.ts';
import type { State } from './state.ts';

export type Loading = {
  readonly api: Api;
  readonly state: () => State;
  readonly change: (change: Partial<State>) => void;
  readonly now: () => number;
};

/** Breaks between two loads of everything shown, at least: this long, and this many times what the last one took. */
const LEAST_BREAK_MS = 700;
const BREAK_FACTOR = 6;

export type Loader = {
  readonly load: (...names: readonly SlotName[]) => Promise<void>;
  /** How things stand, and how far the log reaches. */
  readonly now: () => Promise<void>;
  /** Does the work and remembers how long it took. */
  readonly paced: (work: () => Promise<unknown>) => Promise<void>;
  /** How long to wait until the next paced work, ms. */
  readonly breakMs: () => number;
};

export const createLoader = ({ api, state, change, now }: Loading): Loader => {
  const serials = new Map<SlotName, number>();
  let lastEnd = 0;
  let lastTook = 0;

  /** Where nothing is asked, what is still on its way no longer counts. */
  const loadOne = async (name: SlotName): Promise<void> => {
    const serial = (serials.get(name) ?? 0) + 1;
    serials.set(name, serial);
    const answered = await questions[name](api, state());
    if (serials.get(name) !== serial) return;
    if (answered === undefined) change({ [name]: {} });
    else if (!isProblem(answered)) change({ [name]: { value: answered.value } });
    else if (answered.problem.status === 401) change({ needsKey: true, keyRefused: state().hasKey });
    else change({ [name]: { problem: answered.problem } });
  };

  const load: Loader['load'] = async (...names) => {
    await Promise.all(names.map(loadOne));
  };

  return {
    load,
    now: async () => {
      await load('status', 'convergence');
      const position = state().status.value?.position ?? 0;
      if (position > state().newest) change({ newest: position });
    },
    paced: async (work) => {
      const began = now();
      await work();
      lastEnd = now();
      lastTook = lastEnd - began;
    },
    breakMs: () => Math.max(0, lastEnd + Math.max(LEAST_BREAK_MS, BREAK_FACTOR * lastTook) - now()),
  };
};
