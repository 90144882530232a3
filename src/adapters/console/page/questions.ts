/**
 * What the API is asked for each part of the page, given where somebody is. `undefined` says that there is nothing to ask:
 * nothing is selected, or the key is bound to an account and may not see what belongs to the whole cloud.
 */
import type * as answers from './answers.ts';
import { type Answered, type Api, isProblem } from './api.ts';
import type { Place } from './place.ts';
import {
  boundTo,
  comparison,
  isFiltering,
  type LogWindow,
  type Network,
  type State,
  shownPosition,
  WINDOW,
} from './state.ts';

/** What each slot of the state holds. */
export type Slots = {
  readonly caller: answers.Caller;
  readonly status: answers.Status;
  readonly convergence: answers.Convergence;
  readonly network: Network;
  readonly log: LogWindow;
  readonly found: LogWindow;
  readonly moment: answers.Moment;
  readonly difference: answers.Difference;
  readonly trace: answers.Trace;
  readonly why: answers.Why;
  readonly history: answers.History;
};

export type SlotName = keyof Slots;

type Question<T> = (api: Api, state: State) => Promise<Answered<T>> | undefined;

/** More of anything is not drawn. */
const MOST_THINGS = 20_000;

const ofTheCloud =
  <T>(question: Question<T>): Question<T> =>
  (api, state) =>
    boundTo(state) === undefined ? question(api, state) : undefined;

/** All parts of the picture; the first problem among them is the answer. */
const networkOf = async (api: Api, at: number | undefined): Promise<Answered<Network>> => {
  const collection = <T>(path: string) => api.all<T>(path, { at }, MOST_THINGS);
  const [clusters, pools, own] = await Promise.all([
    collection<answers.Cluster>('/v1/clusters'),
    api.get<answers.AddressPools>('/v1/address-pools', { at }),
    networkOfAccount(api, at, undefined),
  ]);
  if (isProblem(clusters)) return clusters;
  if (isProblem(own)) return own;
  if (isProblem(pools)) return pools;
  const isCut = own.value.isCut || clusters.value.isCut;
  return { ...own, value: { ...own.value, clusters: clusters.value.items, pools: pools.value, isCut } };
};

/** What a key that is bound to an account may see of it: neither clusters nor pools. */
const networkOfAccount = async (
  api: Api,
  at: number | undefined,
  account: string | undefined,
): Promise<Answered<Network>> => {
  const collection = <T>(path: string) => api.all<T>(path, { at }, MOST_THINGS);
  const [instances, groups] = await Promise.all([
    collection<answers.Instance>('/v1/instances'),
    collection<answers.Group>('/v1/security-groups'),
  ]);
  if (isProblem(instances)) return instances;
  if (isProblem(groups)) return groups;
  const { position } = instances;
  const value: Network = {
    ...{ at, account, position, clusters: [], pools: undefined },
    ...{ instances: instances.value.items, groups: groups.value.items },
    isCut: instances.value.isCut || groups.value.isCut,
  };
  return { value, position };
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

const about = (path: string, id: string | undefined): string | undefined =>
  id === undefined ? undefined : `${path}/${encodeURIComponent(id)}`;

export const questions: { readonly [N in SlotName]: Question<Slots[N]> } = {
  caller: (api) => api.get('/v1/caller'),
  status: ofTheCloud((api) => api.get('/v1/status')),
  convergence: ofTheCloud((api) => api.get('/v1/convergence')),
  network: (api, state) => {
    const account = boundTo(state);
    const at = shownPosition(state);
    return account === undefined ? networkOf(api, at) : networkOfAccount(api, at, account);
  },
  log: ofTheCloud((api, state) => windowOf(api, shownPosition(state), state.newest)),
  found: ofTheCloud((api, state) => (isFiltering(state.place) ? filtered(api, state) : undefined)),
  moment: ofTheCloud((api, state) => {
    const position = shownPosition(state);
    return position === undefined ? undefined : api.get(`/v1/moments/${position}`);
  }),
  difference: ofTheCloud((api, state) => api.get('/v1/diff', comparison(state))),
  trace: ofTheCloud((api, { place }) => {
    const path = about('/v1/trace', place.trace);
    return path === undefined ? undefined : api.get(path);
  }),
  why: ofTheCloud((api, state) => {
    const { source, destination, traffic = 'tcp/22' } = state.place;
    return source === undefined || destination === undefined
      ? undefined
      : api.get('/v1/why', { source, destination, traffic, at: shownPosition(state) });
  }),
  history: ofTheCloud((api, { place }) => {
    const path = about('/v1/history', place.select);
    return path === undefined ? undefined : api.get(path, { limit: 1000 });
  }),
};
