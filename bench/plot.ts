/**
 * The judged rows of one run as one picture: a bar per figure, to the left of the line when it is better than its target, to
 * the right when it is worse, on a logarithmic scale; beside it the figure, the target and the verdict. Plain SVG, readable
 * without colour.
 */
import { type Row, shortNumber } from './figures.ts';

const WIDTH = 1180;
const LINE = 22;
const TOP = 84;
/** Where the columns begin: names end at `bars`. */
const X = { bars: 470, figure: 830, target: 950, verdict: 1100 } as const;
const HALF = 160;
/** Longer bars are cut, and say so. */
const DECADES = 1;
const MET = '#2f6f4f';
const MISSED = '#b4442c';

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const short = (text: string): string =>
  text
    .replace('at most ', '≤ ')
    .replace('at least ', '≥ ')
    .replace(/ ?(?:instances )?a second$/, '/s');

/** How the figure stands to its target: below one is better, whichever way the target points. NaN where nothing can be said. */
const standingOf = ({ value, of, target = '', standing }: Row): number => {
  if (standing !== undefined) return standing;
  const wanted = Number(/[\d.]+/.exec(target)?.[0] ?? Number.NaN);
  const alone = target.includes('more than') ? Number(/([\d.]+) ms$/.exec(of)?.[1] ?? 0) : 0;
  return target.startsWith('at least') ? wanted / value : Math.max(0.01, value - alone) / wanted;
};

const label = ({ suite, name, n }: Row): string => {
  const whole = `${suite}: ${name}${n === 0 ? '' : ` (${shortNumber(n)})`}`;
  return whole.length > 74 ? `${whole.slice(0, 73)}…` : whole;
};

const barOf = (standing: number, isMet: boolean, y: number): string => {
  if (!Number.isFinite(standing)) return '';
  const decades = Math.log10(standing);
  const middle = X.bars + HALF;
  const length = (Math.min(DECADES, Math.abs(decades)) / DECADES) * HALF;
  const isCut = Math.abs(decades) > DECADES;
  const from = decades < 0 ? middle - length : middle;
  const fill = isMet ? MET : MISSED;
  const rect = `<rect x="${from.toFixed(1)}" y="${y + 4}" width="${Math.max(2, length).toFixed(1)}" height="${LINE - 9}" fill="${fill}"/>`;
  if (!isCut) return rect;
  const times = decades < 0 ? 1 / standing : standing;
  const [x, anchor] = decades < 0 ? [from + 4, 'start'] : [from + length - 4, 'end'];
  return `${rect}\n<text x="${x.toFixed(1)}" y="${y + 15}" text-anchor="${anchor}" fill="#fff" font-size="10">${shortNumber(times)} times</text>`;
};

const lineOf = (one: Row, index: number): string => {
  const y = TOP + index * LINE;
  const isMet = one.met === true;
  const text = (x: number, said: string, more = ''): string =>
    `<text x="${x}" y="${y + 15}"${more}>${escaped(said)}</text>`;
  return [
    index % 2 === 0 ? `<rect x="0" y="${y}" width="${WIDTH}" height="${LINE}" fill="#f5f5f2"/>` : '',
    text(X.bars - 12, label(one), ' text-anchor="end"'),
    barOf(standingOf(one), isMet, y),
    text(X.figure, short(`${shortNumber(one.value)} ${one.unit}`)),
    text(X.target, short(one.target ?? '').slice(0, 26)),
    text(X.verdict, isMet ? 'met' : 'missed', ` font-weight="bold" fill="${isMet ? MET : MISSED}"`),
  ].join('\n');
};

const TICKS: readonly (readonly [at: number, said: string])[] = [
  [-1, '10 x better'],
  [-Math.log10(3), '3 x'],
  [0, 'target'],
  [Math.log10(3), '3 x'],
  [1, '10 x worse'],
];

const gridOf = (height: number): string =>
  TICKS.map(([at, said]) => {
    const x = (X.bars + HALF + (at / DECADES) * HALF).toFixed(1);
    const anchor = at === -1 ? 'start' : at === 1 ? 'end' : 'middle';
    return [
      `<line x1="${x}" y1="${TOP - 6}" x2="${x}" y2="${height - 12}" stroke="#777" stroke-width="${at === 0 ? 1.5 : 0.4}"/>`,
      `<text x="${x}" y="${TOP - 12}" text-anchor="${anchor}" font-size="10">${said}</text>`,
    ].join('\n');
  }).join('\n');

const headOf = (title: string, judged: readonly Row[]): string => {
  const met = judged.filter((one) => one.met === true).length;
  const columns: readonly (readonly [number, string])[] = [
    [X.figure, 'measured'],
    [X.target, 'target'],
  ];
  return [
    `<text x="12" y="26" font-size="16" font-weight="bold">${escaped(title)}</text>`,
    `<text x="12" y="48">${met} of ${judged.length} targets met. Bars to the left of the line are better than the target.</text>`,
    ...columns.map(([x, said]) => `<text x="${x}" y="${TOP - 12}" font-size="10">${said}</text>`),
  ].join('\n');
};

export const plotOf = (rows: readonly Row[], title: string): string => {
  const judged = rows.filter(({ met }) => met !== undefined);
  const height = TOP + judged.length * LINE + 20;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    headOf(title, judged),
    ...judged.map(lineOf),
    gridOf(height),
    '</svg>',
    '',
  ].join('\n');
};
