/** The API as commands see it: questions, pages, wishes and the log, each answered with data or a complaint. */
import { type Complaint, complain, isComplaint } from '../complaint.ts';
import { exits } from '../exits.ts';
import type { Item } from '../show/table.ts';
import { type FollowOptions, follow } from './follow.ts';
import { getLines } from './lines.ts';
import { complaintOf } from './problem.ts';
import { type Ask, type Reply, request } from './request.ts';
import type { Target } from './target.ts';

export type Query = NonNullable<Ask['query']>;
export type JsonReply = { readonly status: number; readonly headers: Headers; readonly json: Item };

export type Api = {
  readonly get: (path: string, query?: Query) => Promise<JsonReply | Complaint>;
  /** The reply as text, e.g. a document. */
  readonly getText: (path: string, query?: Query, accept?: string) => Promise<Reply | Complaint>;
  /** Answers that come with a status other than 2xx are data here, e.g. of probes. */
  readonly probe: (path: string) => Promise<JsonReply | Complaint>;
  /** All items of all pages, or as many as wanted. */
  readonly all: (path: string, query?: Query, limit?: number) => Promise<readonly Item[] | Complaint>;
  readonly send: (ask: Omit<Ask, 'timeoutMs'> & { readonly timeoutMs?: number }) => Promise<JsonReply | Complaint>;
  /** An answer line by line, however long it takes. */
  readonly lines: (
    path: string,
    query: Query,
    onLine: (line: string) => Promise<void> | void,
  ) => Promise<undefined | Complaint>;
  readonly follow: (options: FollowOptions) => Promise<undefined | Complaint>;
  readonly origin: string;
};

const QUESTION_MS = 30_000;
const PAGE = 1000;

const jsonOf = (reply: Reply, target: Target): JsonReply | Complaint => {
  try {
    const json: unknown = JSON.parse(reply.body);
    if (typeof json === 'object' && json !== null) {
      return { status: reply.status, headers: reply.headers, json: json as Item };
    }
  } catch {
    // Said below: whoever answers without JSON is a stranger.
  }
  const says = `What answers at ${target.url.origin} does not speak as Edgelog does.`;
  return complain(exits.unreachable, says, 'check EDGELOG_URL or --url');
};

const isGood = ({ status }: Reply): boolean => status >= 200 && status < 300;

export const createApi = (target: Target): Api => {
  const ask = async (what: Ask): Promise<Reply | Complaint> => {
    const reply = await request(target, what);
    return isComplaint(reply) || isGood(reply) ? reply : complaintOf(reply, target);
  };
  const getText: Api['getText'] = (path, query = {}, accept = 'application/xml') =>
    ask({ method: 'GET', path, query, headers: { Accept: accept }, timeoutMs: QUESTION_MS });
  const get: Api['get'] = async (path, query) => {
    const reply = await getText(path, query, 'application/json');
    return isComplaint(reply) ? reply : jsonOf(reply, target);
  };
  const all: Api['all'] = async (path, query = {}, limit = Number.POSITIVE_INFINITY) => {
    const items: Item[] = [];
    for (let cursor: string | undefined; items.length < limit; ) {
      const page = await get(path, { ...query, limit: Math.min(PAGE, limit - items.length), cursor });
      if (isComplaint(page)) return page;
      items.push(...(page.json['items'] as readonly Item[]));
      if (typeof page.json['next'] !== 'string') break;
      cursor = page.json['next'];
    }
    return items;
  };
  return {
    get,
    getText,
    all,
    probe: async (path) => {
      const headers = { Accept: 'application/json' };
      const reply = await request(target, { method: 'GET', path, headers, timeoutMs: QUESTION_MS });
      return isComplaint(reply) ? reply : jsonOf(reply, target);
    },
    send: async (what) => {
      const headers = { Accept: 'application/json', ...what.headers };
      const reply = await ask({ timeoutMs: QUESTION_MS, ...what, headers });
      return isComplaint(reply) ? reply : jsonOf(reply, target);
    },
    lines: (path, query, onLine) => getLines(target, { path, query }, onLine),
    follow: (options) => follow(target, options),
    origin: target.url.origin,
  };
};

/** One segment of a path. */
export const segment = (text: string): string => encodeURIComponent(text);
