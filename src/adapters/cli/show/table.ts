/** Tables for people: aligned columns, no frames, nothing cut. Machines take `-o json`. */
import type { Paint } from './colour.ts';
import { cell, padTo, widthOf } from './text.ts';

export type Item = { readonly [member: string]: unknown };

/** `of` is the name of a member, or makes the cell's value. `tone` colours it where colours are wanted. */
export type Column = {
  readonly title: string;
  readonly of: string | ((item: Item) => unknown);
  readonly tone?: (item: Item) => Parameters<Paint>[1] | undefined;
};

export const column = (title: string, of: Column['of'], tone?: Column['tone']): Column => ({
  title,
  of,
  ...(tone === undefined ? {} : { tone }),
});

const valueIn = ({ of }: Column, item: Item): unknown => (typeof of === 'string' ? item[of] : of(item));

/** Lines without line breaks; the first is the heading. The last column is never padded. */
export const tableLines = (columns: readonly Column[], items: readonly Item[], paint: Paint): readonly string[] => {
  const rows = items.map((item) => columns.map((one) => cell(valueIn(one, item))));
  const widths = columns.map(({ title }, i) =>
    rows.reduce((width, row) => Math.max(width, widthOf(row[i] ?? '')), widthOf(title)),
  );
  const line = (texts: readonly string[], tones: readonly (Parameters<Paint>[1] | undefined)[]): string =>
    texts
      .map((text, i) => {
        const tone = tones[i];
        const padded = i === texts.length - 1 ? text : padTo(text, widths[i] ?? 0);
        return tone === undefined ? padded : paint(padded, tone);
      })
      .join('  ');
  const heading = line(
    columns.map(({ title }) => title),
    columns.map(() => 'dim'),
  );
  return [
    heading,
    ...rows.map((row, i) =>
      line(
        row,
        columns.map(({ tone }) => tone?.(items[i] ?? {})),
      ),
    ),
  ];
};
