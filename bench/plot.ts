/**
 * The judged figures as a picture: one bar a row, how far from its target on a scale of powers of ten. Left of the line is
 * better than the target, right of it is missed.
 */
import { type Row, shortNumber } from './figures.ts';

const ROW_HEIGHT = 18;
const LABEL_WIDTH = 420;
const HALF = 220;
const DECADES = 3;

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[sign] ?? sign);

/** Above 1 is worse than the target, whichever way the target points. */
const distance = ({ value, target = '' }: Row): number => {
  const limit = Number(/(-?[\d.]+)/.exec(target)?.[1] ?? Number.NaN);
  return target.startsWith('at most') ? value / limit : limit / value;
};

const clamp = (decades: number): number => Math.max(-DECADES, Math.min(DECADES, decades));

const bar = (row: Row, index: number): string => {
  const decades = clamp(Math.log10(distance(row)));
  const width = Math.max(1, (Math.abs(decades) / DECADES) * HALF);
  const middle = LABEL_WIDTH + HALF;
  const x = decades < 0 ? middle - width : middle;
  const y = 30 + index * ROW_HEIGHT;
  const label = `${row.suite}: ${row.name}${row.n === 0 ? '' : ` (${shortNumber(row.n)})`}`;
  const figure = `${shortNumber(row.value)} ${row.unit}, ${row.target ?? ''}`;
  return [
    `<text x="${LABEL_WIDTH - 8}" y="${y + 12}" text-anchor="end">${escaped(label.slice(0, 70))}</text>`,
    `<rect x="${x.toFixed(1)}" y="${y + 3}" width="${width.toFixed(1)}" height="11" fill="${row.met ? '#3a7d44' : '#b3432b'}"/>`,
    `<text x="${middle + HALF + 8}" y="${y + 12}">${escaped(figure)}</text>`,
  ].join('');
};

/** SVG text; only rows that have a target and a figure. */
export const plotOf = (rows: readonly Row[], title: string): string => {
  const judged = rows.filter((row) => row.met !== undefined && Number.isFinite(distance(row)) && distance(row) > 0);
  const height = 50 + judged.length * ROW_HEIGHT;
  const middle = LABEL_WIDTH + HALF;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${middle + HALF + 330}" height="${height}" font-family="sans-serif" font-size="11">`,
    `<text x="8" y="16" font-size="13">${escaped(title)}</text>`,
    ...judged.map(bar),
    `<line x1="${middle}" y1="24" x2="${middle}" y2="${height - 12}" stroke="#333"/>`,
    `<text x="${middle}" y="${height - 2}" text-anchor="middle">left of the line: better than the target; right: missed</text>`,
    '</svg>\n',
  ].join('\n');
};
