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

/**
 * The last `many` events that pass. Looks at a short end of the log first and at eight times as much whenever that was not
 * enough: positions may have gaps, and what is asked for may be rare.
 */
export const newest = async (api: Api, query: Query, many: number): Promise<readonly Item[] | Complaint> => {
  const end = await startAt(api);
  if (isComplaint(end)) return end;
  for (let span = many; ; span *= 8) {
    const after = Math.max(-1, end - span);
    let found: Item[] = [];
    const failed = await walk(api, query, after, (event) => {
      found.push(event);
      if (found.length > 2 * many) found = found.slice(-many);
      return true;
    });
    if (failed !== undefined) return failed;
    if (found.length >= many || after === -1) return found.slice(-many);
  }
};
