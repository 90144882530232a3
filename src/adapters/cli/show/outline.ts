/** One thing for people: its members below each other, lists of things as small tables, objects indented. */
import { plain } from './colour.ts';
import { column, type Item, tableLines } from './table.ts';
import { cell, escapeLine, padTo, widthOf } from './text.ts';

const isPlain = (value: unknown): boolean =>
  typeof value !== 'object' ||
  value === null ||
  (Array.isArray(value) && value.every((item) => typeof item !== 'object' || item === null));

const isFlat = (item: unknown): item is Item =>
  typeof item === 'object' && item !== null && !Array.isArray(item) && Object.values(item).every(isPlain);

/** Things of one kind, whose members are plain: a table reads better than an outline. */
const asTable = (items: readonly Item[]): readonly string[] => {
  const members = [...new Set(items.flatMap((item) => Object.keys(item)))];
  const columns = members.map((member) => column(escapeLine(member), member));
  return tableLines(columns, items, plain);
};

/** Objects in a list start on the line of their dash. */
const itemLines = (item: unknown): readonly string[] => {
  const lines = typeof item === 'object' && item !== null ? outlineLines(item) : [cell(item)];
  return lines.map((line, i) => (i === 0 ? `- ${line}` : `  ${line}`));
};

const listLines = (items: readonly unknown[]): readonly string[] =>
  items.length > 0 && items.every(isFlat) ? asTable(items) : items.flatMap(itemLines);

export const outlineLines = (value: unknown): readonly string[] => {
  if (typeof value !== 'object' || value === null) return [cell(value)];
  if (Array.isArray(value)) return listLines(value);
  const entries = Object.entries(value);
  const width = Math.max(0, ...entries.filter(([, held]) => isPlain(held)).map(([name]) => widthOf(escapeLine(name))));
  return entries.flatMap(([name, held]) =>
    isPlain(held)
      ? [`${padTo(`${escapeLine(name)}:`, width + 1)} ${cell(held)}`]
      : [`${escapeLine(name)}:`, ...outlineLines(held).map((line) => `  ${line}`)],
  );
};
