/**
 * Data on standard output, in the form that was asked for. JSON and YAML hold exactly what the API answered (lists are
 * arrays over all pages) and stay as they are; tables are for people and may change.
 */
import type { CliIo } from '../io.ts';
import type { Format } from '../sharedOptions.ts';
import type { Paint } from './colour.ts';
import { outlineLines } from './outline.ts';
import { type Column, type Item, tableLines } from './table.ts';
import { escapeJson, escapeLine, escapeText } from './text.ts';

export type Show = {
  readonly format: Format;
  readonly paint: Paint;
  /** Many things: a table, or their names. Says on standard error when there are none. */
  readonly list: (items: readonly Item[], columns: readonly Column[], nameOf: (item: Item) => unknown) => Promise<void>;
  /** One thing: its outline. */
  readonly thing: (item: unknown, nameOf: () => unknown) => Promise<void>;
  /** One of a series that goes on: a line of text, of JSON, or a YAML document. */
  readonly next: (item: Item, line: () => string, nameOf: (item: Item) => unknown) => Promise<void>;
  /** A text as it is; on a terminal what could drive it is escaped. */
  readonly raw: (text: string) => Promise<void>;
  readonly lines: (lines: readonly string[]) => Promise<void>;
};

const yamlOf = async (value: unknown): Promise<string> => {
  const { stringify } = await import('yaml');
  return stringify(value, { lineWidth: 0 });
};

const jsonOf = (value: unknown, indent = 2): string => `${escapeJson(JSON.stringify(value, null, indent))}\n`;

export const createShow = (format: Format, paint: Paint, io: CliIo, say: (line: string) => void): Show => {
  const { stdout } = io;
  const lines = (texts: readonly string[]): Promise<void> =>
    texts.length === 0 ? Promise.resolve() : stdout.write(`${texts.join('\n')}\n`);
  const nameLine = (name: unknown): string => escapeLine(String(name ?? ''));
  /** What has no name says nothing. */
  const named = (name: unknown): readonly string[] => (name === undefined || name === '' ? [] : [nameLine(name)]);
  return {
    format,
    paint,
    lines,
    list: async (items, columns, nameOf) => {
      switch (format) {
        case 'json':
          return stdout.write(jsonOf(items));
        case 'yaml':
          return stdout.write(await yamlOf(items));
        case 'name':
          return lines(items.map((item) => nameLine(nameOf(item))));
        case 'table':
          if (items.length === 0) return say('None.');
          return lines(tableLines(columns, items, paint));
      }
    },
    thing: async (item, nameOf) => {
      switch (format) {
        case 'json':
          return stdout.write(jsonOf(item));
        case 'yaml':
          return stdout.write(await yamlOf(item));
        case 'name':
          return lines(named(nameOf()));
        case 'table':
          return lines(outlineLines(item));
      }
    },
    next: async (item, line, nameOf) => {
      switch (format) {
        case 'json':
          return stdout.write(jsonOf(item, 0));
        case 'yaml':
          return stdout.write(`---\n${await yamlOf(item)}`);
        case 'name':
          return lines([nameLine(nameOf(item))]);
        case 'table':
          return lines([line()]);
      }
    },
    raw: (text) => stdout.write(stdout.isTerminal ? escapeText(text) : text),
  };
};
