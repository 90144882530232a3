/**
 * Loads what the state needs and puts it there. Of two answers to the same question only the newest counts; what takes long
 * is asked for less often, so that a large cloud is not asked all the time.
 */
import type * as answers from './answers.ts';
import { type Answered, type Api, isProblem, type Query } from './api.ts';
import type { Place } from './place.ts';
import {
  comparison,
  isFiltering,
  type LogWindow,
  type Network,
  type Slot,
  type State,
  shownPosition,
  WINDOW,
} from './state.ts';

export type Loading = {
  readonly api: Api;
  readonly state: () => State;
  readonly change: (change: Partial<State>) => void;
  readonly now: () => number;
};

type SlotName =
  | 'status'
  | 'convergence'
  | 'network'
  | 'log'
  | 'found'
  | 'moment'
  | 'difference'
  | 'trace'
  | 'why'
  | 'history';

/** More of anything is not drawn. */
const MOST_THINGS = 20_000;
/** Breaks between two loads of everything shown, at least: this long, and this many times what the last one took. */
const LEAST_BREAK_MS = 700;
const BREAK_FACTOR = 6;

export type Loader = {
  readonly now: () => Promise<void>;
  readonly network: () => Promise<void>;
  readonly log: () => Promise<void>;
  readonly found: () => Promise<void>;
  readonly moment: () => Promise<void>;
  readonly difference: () => Promise<void>;
  readonly trace: () => Promise<void>;
  readonly why: () => Promise<void>;
  readonly history: () => Promise<void>;
  /** Does the work and remembers how long it took. */
  readonly paced: (work: () => Promise<unknown>) => Promise<void>;
  /** How long to wait until the next paced work, ms. */
  readonly breakMs: () => number;
};

export const createLoader = ({ api, state, change, now }: Loading): Loader => {
  const serials = new Map<SlotName, number>();
  let lastEnd = 0;
  let lastTook = 0;

  const into = async <T>(name: SlotName, asked: Promise<Answered<T>>): Promise<void> => {
    const serial = (serials.get(name) ?? 0) + 1;
    serials.set(name, serial);
    const answered = await asked;
    if (serials.get(name) !== serial) return;
    if (!isProblem(answered)) change({ [name]: { value: answered.value } });
    else if (answered.problem.status === 401) change({ needsKey: true, keyRefused: state().hasKey });
    else change({ [name]: { problem: answered.problem } satisfies Slot<T> });
  };

  /** Nothing is asked: what is still on its way no longer counts. */
  const forget = async (name: SlotName): Promise<void> => {
    serials.set(name, (serials.get(name) ?? 0) + 1);
    change({ [name]: {} });
  };

  const at = (): Query => ({ at: shownPosition(state()) });

  return {
    now: async () => {
      await Promise.all([
        into('status', api.get<answers.Status>('/v1/status')),
        into('convergence', api.get<answers.Convergence>('/v1/convergence')),
      ]);
      const position = state().status.value?.position ?? 0;
      if (position > state().newest) change({ newest: position });
    },
    network: () => into('network', networkOf(api, shownPosition(state()))),
    log: () => into('log', windowOf(api, shownPosition(state()), state().newest)),
    found: () => (isFiltering(state().place) ? into('found', filtered(api, state())) : forget('found')),
    moment: () => {
      const position = shownPosition(state());
      return position === undefined
        ? forget('moment')
        : into('moment', api.get<answers.Moment>(`/v1/moments/${position}`));
    },
    difference: () => {
      const { from, to } = comparison(state());
      return into('difference', api.get<answers.Difference>('/v1/diff', { from, to }));
    },
    trace: () => {
      const id = state().place.trace;
      return id === undefined
        ? forget('trace')
        : into('trace', api.get<answers.Trace>(`/v1/trace/${encodeURIComponent(id)}`));
    },
    why: () => {
      const { source, destination, traffic = 'tcp/22' } = state().place;
      return source === undefined || destination === undefined
        ? forget('why')
        : into('why', api.get<answers.Why>('/v1/why', { source, destination, traffic, ...at() }));
    },
    history: () => {
      const id = state().place.select;
      return id === undefined
        ? forget('history')
        : into('history', api.get<answers.History>(`/v1/history/${encodeURIComponent(id)}`, { limit: 1000 }));
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

/** All parts of the picture; the first problem among them is the answer. */
const networkOf = async (api: Api, at: number | undefined): Promise<Answered<Network>> => {
  const collection = <T>(path: string) => api.all<T>(path, { at }, MOST_THINGS);
  const [clusters, instances, groups, pools] = await Promise.all([
    collection<answers.Cluster>('/v1/clusters'),
    collection<answers.Instance>('/v1/instances'),
    collection<answers.Group>('/v1/security-groups'),
    api.get<answers.AddressPools>('/v1/address-pools', { at }),
  ]);
  if (isProblem(clusters)) return clusters;
  if (isProblem(instances)) return instances;
  if (isProblem(groups)) return groups;
  if (isProblem(pools)) return pools;
  const value: Network = {
    at,
    position: instances.position,
    clusters: clusters.value.items,
    instances: instances.value.items,
    groups: groups.value.items,
    pools: pools.value,
    isCut: [clusters, instances, groups].some(({ value: { isCut } }) => isCut),
  };
  return { value, position: instances.position };
};

type EventPage = { readonly events: readonly answers.LogEvent[]; readonly next: number | null };

/** The newest events before a position that pass, oldest first as the page keeps them. */
const newestBefore = async (
  api: Api,
  before: number | undefined,
  { subject, actor, type }: Place,
): Promise<Answered<EventPage>> => {
  const query = { order: 'newest', before, limit: WINDOW, subject, actor, type };
  const answered = await api.get<EventPage>('/v1/events', query);
  if (isProblem(answered)) return answered;
  const { events, next } = answered.value;
  return { ...answered, value: { events: events.toReversed(), next } };
};

/** The newest events, or those around the moment shown. */
const windowOf = async (api: Api, at: number | undefined, newest: number): Promise<Answered<LogWindow>> => {
  const end = at === undefined || at + WINDOW / 2 >= newest ? undefined : at + WINDOW / 2 + 1;
  const answered = await newestBefore(api, end, {});
  if (isProblem(answered)) return answered;
  const { events, next } = answered.value;
  return { ...answered, value: { events, isFiltered: false, isCut: next !== null || end !== undefined } };
};

/** What passes of the log up to the moment shown. */
const filtered = async (api: Api, state: State): Promise<Answered<LogWindow>> => {
  const at = shownPosition(state);
  const answered = await newestBefore(api, at === undefined ? undefined : at + 1, state.place);
  if (isProblem(answered)) return answered;
  const { events, next } = answered.value;
  return { ...answered, value: { events, isFiltered: true, isCut: next !== null } };
};
