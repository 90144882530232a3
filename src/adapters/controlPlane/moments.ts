/** Where in the log a moment lies: a position, a time or an event, found by the audit index and looked up in the log. */
import type { EventStore } from '../../domain/eventStore.ts';
import { type Refusal, refuse } from '../../domain/refusals.ts';
import type { AuditIndex } from '../../projections/audit.ts';

/** A moment in the log: a position, a time in ms, or an event id. */
export type Moment = { readonly position: number } | { readonly time: number } | { readonly eventId: string };

/** Where a moment lies. `sameTime`: how many events share the millisecond that was asked for; the last of them was taken. */
export type Located = { readonly position: number; readonly sameTime: number };

type Log = Pick<EventStore, 'readAll'>;

const isoTime = (time: number): string => new Date(time).toISOString();

const unknownEvent = (eventId: string): Refusal =>
  refuse('moment-not-found', `There is no event ${eventId} in the log.`, { member: 'at', value: eventId });

const beforeLog = (first: string): Refusal =>
  refuse('moment-before-log', `The log begins later than that moment: ${first}.`, { member: 'at' });

const atTime = async (log: Log, index: AuditIndex, time: number, now: number): Promise<Located | Refusal> => {
  const position = index.positionAt(time);
  if (position < 0) {
    const [first] = await log.readAll(-1, 1);
    const begins =
      first === undefined ? 'it is empty' : `its first event is of ${isoTime(Number(first.metadata['time']))}`;
    return beforeLog(begins);
  }
  if (time > now) {
    const detail = `${isoTime(time)} is still to come; the log ends at position ${index.last()}.`;
    return refuse('moment-not-found', detail, { member: 'at', value: isoTime(time) });
  }
  const [stored] = await log.readAll(position - 1, 1);
  const ambiguous = Number(stored?.metadata['time']) === time;
  const earlier = index.positionAt(time - 1);
  const same = ambiguous ? await log.readAll(earlier, 1000) : [];
  return { position, sameTime: same.filter((one) => Number(one.metadata['time']) === time).length };
};

const atPosition = async (log: Log, index: AuditIndex, position: number): Promise<Located | Refusal> => {
  const end = index.last();
  if (position > end) {
    const detail = `The log ends at position ${end}; there is no position ${position} yet.`;
    return refuse('moment-not-found', detail, { member: 'at', value: String(position) });
  }
  const [first] = await log.readAll(-1, 1);
  if (first === undefined || position < first.position) {
    return beforeLog(first === undefined ? 'it is empty' : `its first event is at position ${first.position}`);
  }
  return { position, sameTime: 0 };
};

export const createLocate =
  (log: Log, index: AuditIndex, now: () => number) =>
  async (moment: Moment): Promise<Located | Refusal> => {
    if ('time' in moment) return atTime(log, index, moment.time, now());
    if ('position' in moment) return atPosition(log, index, moment.position);
    const position = index.positionOf(moment.eventId);
    return position === undefined ? unknownEvent(moment.eventId) : { position, sameTime: 0 };
  };
