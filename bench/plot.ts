/**
 * The rows of one run as one picture: a bar per judged figure, as a part of its target, on a logarithmic scale. Left of the line
 * is better than the target, right of it worse. Plain SVG, readable without colour.
 */
import { type Row, shortNumber } from './figures.ts';

const WIDTH = 960;
const LABEL = 430;
const LINE = 22;
const TOP = 64;
const DECADES = 3;

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** How the figure stands to its target: below one is better, whichever way the target points. */
const standing = ({ value, ratio, target = '' }: Row): number => {
  const wanted = Number(/-?[\d.]+/.exec(target)?.[0] ?? Number.NaN);
  const judged = target.includes('times bare') || target.includes('of reading') ? ratio : value;
  return target.startsWith('at least') ? wanted / judged : judged / wanted;
};

const bar = (one: Row, index: number): string => {
  const y = TOP + index * LINE;
  const scale = (WIDTH - LABEL - 150) / (2 * DECADES);
  const middle = LABEL + DECADES * scale;
  const decades = Math.min(DECADES, Math.max(-DECADES, Math.log10(standing(one))));
  const [from, to] = decades < 0 ? [middle + decades * scale, middle] : [middle, middle + decades * scale];
  const name = `${one.suite}: ${one.name}${one.n === 0 ? '' : `, ${shortNumber(one.n)}`}`;
  const fill = one.met === true ? '#2f6f4f' : '#b4442c';
  const said = `${shortNumber(one.value)} ${one.unit}${one.met === true ? '' : ' (missed)'}`;
  return [
    `<text x="${LABEL - 10}" y="${y + 14}" text-anchor="end">${escaped(name.length > 68 ? `${name.slice(0, 67)}…` : name)}</text>`,
    `<rect x="${from.toFixed(1)}" y="${y + 3}" width="${Math.max(1, to - from).toFixed(1)}" height="${LINE - 8}" fill="${fill}"/>`,
    `<text x="${Math.max(to, middle) + 6}" y="${y + 14}">${escaped(said)}</text>`,
  ].join('\n');
};

const grid = (height: number): string => {
  const scale = (WIDTH - LABEL - 150) / (2 * DECADES);
  return Array.from({ length: 2 * DECADES + 1 }, (_, at) => {
    const x = (LABEL + at * scale).toFixed(1);
    const power = at - DECADES;
    const text = power === 0 ? 'target' : power < 0 ? `${10 ** -power} times better` : `${10 ** power} times worse`;
    const width = power === 0 ? 1.5 : 0.5;
    return [
      `<line x1="${x}" y1="${TOP - 8}" x2="${x}" y2="${height - 12}" stroke="#888" stroke-width="${width}"/>`,
      `<text x="${x}" y="${TOP - 14}" text-anchor="middle" font-size="10">${text}</text>`,
    ].join('\n');
  }).join('\n');
};

export const plotOf = (rows: readonly Row[], title: string): string => {
  const judged = rows.filter(({ met }) => met !== undefined);
  const height = TOP + judged.length * LINE + 20;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    `<text x="10" y="22" font-size="15">${escaped(title)}</text>`,
    grid(height),
    ...judged.map(bar),
    '</svg>',
    '',
  ].join('\n');
};
