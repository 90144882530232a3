/** The running program as the story needs it: questions, and wishes whose way to the nodes can be timed. */
import { randomUUID } from 'node:crypto';
import { type Api, createApi, type Query } from '../../src/adapters/cli/api/api.ts';
import type { Method } from '../../src/adapters/cli/api/request.ts';
import { targetOf } from '../../src/adapters/cli/api/target.ts';
import { type Complaint, complaintLine, isComplaint } from '../../src/adapters/cli/complaint.ts';
import type { Item } from '../../src/adapters/cli/show/table.ts';

/** Ends the demonstration with one line. */
export class Stopped extends Error {}

export const DEMO_ACCOUNT = '000000000777';
const WAIT_SECONDS = 20;

export type Wish = { readonly method: Exclude<Method, 'GET'>; readonly path: string; readonly body?: object | string };

export type Carried = {
  readonly position: number;
  readonly events: number;
  readonly result: Item;
  /** On the clock of `performance.now()`. */
  readonly sentAt: number;
  readonly acceptedAt: number;
  readonly everywhereAt: number;
};

export type Cloud = {
  readonly origin: string;
  readonly get: (path: string, query?: Query) => Promise<Item>;
  readonly all: (path: string, query?: Query) => Promise<readonly Item[]>;
  /** Undefined when there is none. */
  readonly text: (path: string) => Promise<string>;
  /** Sends the wish, notes when it was accepted, and comes back when all nodes have what follows from it. */
  readonly carry: (wish: Wish) => Promise<Carried>;
};

/** The value of an answer, or the end. */
export const must = <T>(answer: T | Complaint): T => {
  if (isComplaint(answer)) throw new Stopped(complaintLine(answer).replace(/^edgelog: /, ''));
  return answer as T;
};

type Answer = { readonly position: number; readonly events: number; readonly result: Item };

/** One answer of many commands: the newest position, all events; the first that was refused is the end. */
const answerOf = (json: Item): Answer => {
  const results = json['results'] as readonly Item[] | undefined;
  if (results === undefined) {
    return {
      position: Number(json['position']),
      events: Number(json['events']),
      result: (json['result'] ?? {}) as Item,
    };
  }
  const refused = results.find(({ accepted }) => accepted !== true);
  if (refused !== undefined) throw new Stopped(String((refused['problem'] as Item)['detail']));
  return {
    position: Math.max(...results.map(({ position }) => Number(position))),
    events: results.reduce((sum, { events }) => sum + Number(events), 0),
    result: {},
  };
};

const send = async (api: Api, { method, path, body }: Wish, key: string, query: Query): Promise<Item> => {
  const reply = await api.send({
    method,
    path,
    query,
    headers: { 'Idempotency-Key': key, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
    timeoutMs: (WAIT_SECONDS + 10) * 1000,
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return must(reply).json;
};

const missingText = (wait: Item): string =>
  (wait['missing'] as readonly Item[])
    .map(({ cluster, node }) => `${String(cluster)} ${String(node ?? '')}`.trim())
    .join(', ');

/** The same wish under the same key twice: first to learn when it is accepted, then to wait. It is carried out once. */
const carryWith = async (api: Api, wish: Wish): Promise<Carried> => {
  const key = randomUUID();
  const sentAt = performance.now();
  const accepted = answerOf(await send(api, wish, key, {}));
  const acceptedAt = performance.now();
  const again = await send(api, wish, key, { wait: 'applied', timeout: WAIT_SECONDS });
  const everywhereAt = performance.now();
  const wait = again['wait'] as Item;
  if (wait['reached'] !== true) {
    throw new Stopped(`Not everywhere after ${WAIT_SECONDS} s: ${missingText(wait)}. Look at: scripts/edgelog status`);
  }
  return { ...accepted, sentAt, acceptedAt, everywhereAt };
};

export const openCloud = (environment: NodeJS.ProcessEnv): Cloud => {
  const target = must(targetOf({ url: undefined, account: DEMO_ACCOUNT }, environment));
  const api = createApi(target);
  return {
    origin: api.origin,
    get: async (path, query) => must(await api.get(path, query)).json,
    all: async (path, query) => must(await api.all(path, query)),
    text: async (path) => must(await api.getText(path)).body,
    carry: (wish) => carryWith(api, wish),
  };
};
