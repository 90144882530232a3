/** Ways through the log over the API: forward from a place, and the newest events of a kind. */
import type { Api, Query } from './api/api.ts';
import { type Complaint, isComplaint } from './complaint.ts';
import type { Item } from './show/table.ts';

const PAGE = 1000;

/** Calls `onEvent` for each event behind `after` until it says no or the log ends. Undefined when all went well. */
export const walk = async (
  api: Api,
  query: Query,
  after: number,
  onEvent: (event: Item) => Promise<boolean> | boolean,
): Promise<Complaint | undefined> => {
  for (let from: number | null = after; from !== null; ) {
    const page = await api.get('/v1/events', { ...query, after: from, limit: PAGE });
    if (isComplaint(page)) return page;
    for (const event of page.json['events'] as readonly Item[]) {
      if (!(await onEvent(event))) return undefined;
    }
    from = page.json['next'] as number | null;
  }
  return undefined;
};

/** Position of the newest event. */
export const startAt = async (api: Api): Promise<number | Complaint> => {
  const status = await api.get('/v1/status');
  return isComplaint(status) ? status : Number(status.json['position']);
};

/** The newest `many` events that pass, in the order of the log; `before` and `after` in the query bound them. */
export const newest = async (api: Api, query: Query, many: number): Promise<readonly Item[] | Complaint> => {
  const found: Item[] = [];
  for (let before = query['before']; found.length < many; ) {
    const limit = Math.min(PAGE, many - found.length);
    const page = await api.get('/v1/events', { ...query, before, limit, order: 'newest' });
    if (isComplaint(page)) return page;
    found.push(...(page.json['events'] as readonly Item[]));
    const next = page.json['next'] as number | null;
    if (next === null) break;
    before = next;
  }
  return found.toReversed();
};
