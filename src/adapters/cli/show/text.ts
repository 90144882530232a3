/**
 * Text that came from elsewhere, made fit for a terminal: names in events are chosen by strangers, and an escape sequence
 * among them must neither drive the terminal nor forge a line.
 */

const unsafe = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

const escaped = (sign: string): string => `\\u${(sign.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;

/** For one line: control characters, line breaks and directional overrides become `\uXXXX`. */
export const escapeLine = (text: string): string => text.replace(unsafe, escaped);

/** For whole texts: line breaks and tabs stay what they are. */
export const escapeText = (text: string): string =>
  text.replace(unsafe, (sign) => (sign === '\n' || sign === '\t' ? sign : escaped(sign)));

/** JSON stays JSON: what `JSON.stringify` leaves raw and a terminal might obey is written as its escape. */
export const escapeJson = (json: string): string =>
  json.replace(unsafe, (sign) => (sign === '\n' ? sign : escaped(sign)));

/** Columns a text takes: code points without combining marks, wide ones counted twice. */
export const widthOf = (text: string): number => {
  let width = 0;
  for (const sign of text) {
    if (/\p{Mn}/u.test(sign)) continue;
    width +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\u{1f300}-\u{1faff}]/u.test(sign)
        ? 2
        : 1;
  }
  return width;
};

export const padTo = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - widthOf(text)));

/** At most `width` columns; what is cut is marked. */
export const cutTo = (text: string, width: number): string => {
  if (widthOf(text) <= width) return text;
  let cut = '';
  for (const sign of text) {
    if (widthOf(cut + sign) > width - 1) break;
    cut += sign;
  }
  return `${cut}…`;
};

/** One cell: unknown and absent are `-`, lists are joined, everything else is its text on one line. */
/** `1 event`, `2 events`; an unknown number is a dash. */
export const counted = (count: unknown, one: string, many = `${one}s`): string =>
  `${cell(count)} ${Number(count) === 1 ? one : many}`;

export const cell = (value: unknown): string => {
  if (value === null || value === undefined || value === '') return '-';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.length === 0 ? '-' : value.map(cell).join(',');
  return escapeLine(typeof value === 'object' ? JSON.stringify(value) : String(value));
};
