/**
 * Moments as callers write them (`?at=`): a position, a time with its zone, or an event id. A time without zone is refused:
 * it would mean another moment on another machine.
 */
import type { Moment } from './ports.ts';
import { type DoorRefusal, refuseRequest, shown } from './refusal.ts';
import { type Schema, text } from './schema.ts';

const positionForm = /^[0-9]{1,15}$/;
const eventIdForm = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const timeForm = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,3})?)?(Z|[+-][0-9]{2}:[0-9]{2})$/;

export const momentSchema: Schema = text(
  'A moment: position in the log, time with zone (2026-03-01T02:14:00Z), or event id',
  { maxLength: 64 },
);

/** Milliseconds of a written time, or undefined if it is not one. A day that does not exist is not one either. */
export const timeOf = (written: string): number | undefined => {
  if (!timeForm.test(written)) return undefined;
  const time = Date.parse(written);
  const day = Number(written.slice(8, 10));
  const lastDay = new Date(Date.UTC(Number(written.slice(0, 4)), Number(written.slice(5, 7)), 0)).getUTCDate();
  return Number.isNaN(time) || day > lastDay ? undefined : time;
};

export const momentOf = (written: string, member: string): Moment | DoorRefusal => {
  if (positionForm.test(written)) return { position: Number(written) };
  if (eventIdForm.test(written)) return { eventId: written.toLowerCase() };
  const time = timeOf(written);
  if (time !== undefined) return { time };
  const detail = `${shown(written)} is neither a position, nor a time with its zone, nor an event id.`;
  return refuseRequest('invalid-moment', detail, { member, value: shown(written) });
};
