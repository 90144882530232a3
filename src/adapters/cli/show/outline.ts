/** One thing for people: its members below each other, lists and objects indented. */
import { cell, escapeLine, padTo, widthOf } from './text.ts';

const isPlain = (value: unknown): boolean =>
  typeof value !== 'object' ||
  value === null ||
  (Array.isArray(value) && value.every((item) => typeof item !== 'object' || item === null));

const entriesOf = (value: object): readonly (readonly [string, unknown])[] =>
  Array.isArray(value) ? value.map((item) => ['-', item] as const) : Object.entries(value);

/** Objects in a list start on the line of their dash. */
const itemLines = (item: unknown, depth: number): readonly string[] => {
  const lines = typeof item === 'object' && item !== null ? outlineLines(item, depth + 1) : [cell(item)];
  const indent = '  '.repeat(depth);
  return lines.map((line, i) => (i === 0 ? `${indent}- ${line.trimStart()}` : line));
};

export const outlineLines = (value: unknown, depth = 0): readonly string[] => {
  if (typeof value !== 'object' || value === null) return [cell(value)];
  if (Array.isArray(value)) return value.flatMap((item) => itemLines(item, depth));
  const entries = entriesOf(value);
  const width = Math.max(0, ...entries.filter(([, held]) => isPlain(held)).map(([name]) => widthOf(name)));
  const indent = '  '.repeat(depth);
  return entries.flatMap(([name, held]) =>
    isPlain(held)
      ? [`${indent}${padTo(`${escapeLine(name)}:`, width + 1)} ${cell(held)}`]
      : [`${indent}${escapeLine(name)}:`, ...outlineLines(held, depth + 1)],
  );
};
