/** One event on one line: when, where in the log, what, by whom, and its members. */
import type { Paint } from './show/colour.ts';
import type { Item } from './show/table.ts';
import { cell, cutTo, escapeLine, padTo } from './show/text.ts';

const LONGEST_VALUE = 60;

const valueText = (value: unknown): string =>
  cutTo(typeof value === 'object' && value !== null ? escapeLine(JSON.stringify(value)) : cell(value), LONGEST_VALUE);

const dataText = (data: unknown): string =>
  Object.entries((data ?? {}) as Item)
    .map(([name, value]) => `${escapeLine(name)}=${valueText(value)}`)
    .join(' ');

/** `columns`: cut there, undefined for nowhere. */
export const eventLine = (event: Item, paint: Paint, columns: number | undefined): string => {
  const { time, position, type, actor, data } = event;
  const head = [cell(time), padTo(cell(position), 6), padTo(cell(type), 26), padTo(cell(actor), 15)];
  const room = columns === undefined ? Number.POSITIVE_INFINITY : Math.max(20, columns - head.join(' ').length - 1);
  const tail = Number.isFinite(room) ? cutTo(dataText(data), room) : dataText(data);
  const [when = '', where = '', what = '', who = ''] = head;
  return `${paint(when, 'dim')} ${where} ${paint(what, 'strong')} ${who} ${tail}`.trimEnd();
};
