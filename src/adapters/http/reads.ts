/**
 * What all reads share: the network of the moment asked for, headers that say how fresh the answer is, ETags of resources
 * that have a revision, and pages. A read changes nothing and decides nothing.
 */
import { isRefusal } from '../../domain/refusals.ts';
import type { Network } from '../../projections/network/views.ts';
import { from, type Trie } from '../../projections/trie.ts';
import { momentOf, momentSchema } from './moments.ts';
import type { Moment } from './ports.ts';
import { type DoorRefusal, refuseRequest, shown } from './refusal.ts';
import type { Answer, Exchange } from './route.ts';
import { type Members, orNull, position, record, type Schema, text, whole } from './schema.ts';

export const atQuery: Members = { at: momentSchema };

export const freshnessHeaders: Members = {
  'Edgelog-Position': position('Newest event the answer rests on'),
  'Edgelog-Epoch': whole('Epoch of the log', 1),
};

export const resourceHeaders: Members = { ...freshnessHeaders, ETag: text('Revision of the resource, for If-Match') };

export const freshness = (network: Network): { readonly [name: string]: string } => ({
  'Edgelog-Position': String(network.position),
  'Edgelog-Epoch': String(network.epoch),
});

/** The moment the query names, undefined for now. */
export const momentIn = ({ query }: Exchange): Moment | DoorRefusal | undefined =>
  query['at'] === undefined ? undefined : momentOf(String(query['at']), 'at');

export const networkOf = async (exchange: Exchange): Promise<Network | DoorRefusal> => {
  const moment = momentIn(exchange);
  return isRefusal(moment) ? moment : exchange.controlPlane.network(moment);
};

/** Answers from the network of the moment asked for. */
export const read =
  (show: (network: Network, exchange: Exchange) => unknown) =>
  async (exchange: Exchange): Promise<Answer | DoorRefusal> => {
    const network = await networkOf(exchange);
    if (isRefusal(network)) return network;
    const body = show(network, exchange);
    return isRefusal(body) ? body : { kind: 'json', body, headers: freshness(network) };
  };

/** The same for one resource with a revision: adds its ETag and honours If-None-Match. */
export const readResource =
  (
    show: (network: Network, exchange: Exchange) => { readonly body: unknown; readonly revision: number } | DoorRefusal,
  ) =>
  async (exchange: Exchange): Promise<Answer | DoorRefusal> => {
    const network = await networkOf(exchange);
    if (isRefusal(network)) return network;
    const shown = show(network, exchange);
    if (isRefusal(shown)) return shown;
    const headers = { ...freshness(network), ETag: etagOf(shown.revision) };
    return hasSeen(exchange, headers.ETag)
      ? { kind: 'empty', status: 304, headers }
      : { kind: 'json', body: shown.body, headers };
  };

/** Strong: equal revisions mean equal resources (weak tags never satisfy If-Match, RFC 9110 13.1.1). */
export const etagOf = (revision: number | string): string => `"${revision}"`;

export const hasSeen = ({ headers }: Exchange, etag: string): boolean => {
  const seen = headers['if-none-match'];
  if (seen === undefined) return false;
  return seen.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag);
};

export const notFound = (what: string, id: string, code = 'not-found'): DoorRefusal =>
  id === ''
    ? refuseRequest(code, `There is no ${what}, or not at that moment.`)
    : refuseRequest(code, `There is no ${what} ${shown(id)}, or not at that moment.`, { value: shown(id) });

const LARGEST_PAGE = 1000;
const USUAL_PAGE = 100;
/** Things looked at for one page: a rare filter gives short pages, never a long wait. */
const LOOKED_AT = 20_000;

export const pageQuery: Members = {
  limit: whole('Most items of a page', 1, LARGEST_PAGE),
  cursor: text('Where to go on: `next` of the page before', { maxLength: 400 }),
};

export const pageSchema = (title: string, item: Schema): Schema =>
  record(title, {
    items: { type: 'array', items: item },
    next: orNull(text('Cursor of the next page, null at the end. A page may be short and still have one')),
  });

export type Page = { readonly items: readonly unknown[]; readonly next: string | null };

/** A collection walked in the order of its keys; `from` continues after a key (exclusive), undefined from the start. */
export type Collection<T> = {
  readonly name: string;
  readonly from: (after: string | undefined) => Iterable<readonly [key: string, item: T]>;
};

/** One page of what `show` makes of the items; undefined leaves an item out. */
export const pageOf = <T>(
  { query }: Exchange,
  collection: Collection<T>,
  show: (item: T) => unknown,
): Page | DoorRefusal => {
  const limit = Number(query['limit'] ?? USUAL_PAGE);
  const after = query['cursor'] === undefined ? undefined : keyOfCursor(collection.name, String(query['cursor']));
  if (isRefusal(after)) return after;
  const items: unknown[] = [];
  let last: string | undefined;
  let looked = 0;
  for (const [key, item] of collection.from(after)) {
    if (items.length === limit || looked === LOOKED_AT) return { items, next: cursorOf(collection.name, last ?? key) };
    looked += 1;
    last = key;
    const seen = show(item);
    if (seen !== undefined) items.push(seen);
  }
  return { items, next: null };
};

/** Keys of a plain record in code unit order. */
export const recordCollection = <T>(name: string, items: { readonly [key: string]: T }): Collection<T> => ({
  name,
  from: (after) =>
    Object.entries(items)
      .filter(([key]) => after === undefined || key > after)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
});

/** A trie in the order of its keys. */
export const trieCollection = <V>(name: string, trie: Trie<V>): Collection<Readonly<V>> => ({
  name,
  // The smallest key behind `after` is `after` with the smallest character behind it.
  from: (after) => from(trie, after === undefined ? '' : `${after}\u0000`),
});

const cursorOf = (collection: string, key: string): string =>
  Buffer.from(`${collection}\n${key}`).toString('base64url');

const keyOfCursor = (collection: string, cursor: string): string | DoorRefusal => {
  const plain = Buffer.from(cursor, 'base64url').toString('utf8');
  const [name, key] = plain.split('\n', 2);
  return name === collection && key !== undefined && cursorOf(name, key) === cursor
    ? key
    : refuseRequest('invalid-cursor', 'The cursor does not come from this collection.', { member: 'cursor' });
};

export const isoTime = (time: number): string => new Date(time).toISOString();
