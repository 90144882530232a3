/** What a bench says: one row a figure, each with a ratio to something measured in the same run, as a table for people. */

export type Row = {
  readonly suite: string;
  readonly name: string;
  /** Instances in the cloud, or whatever the suite counts. */
  readonly n: number;
  readonly value: number;
  readonly unit: string;
  readonly ratio: number;
  /** What `ratio` is a ratio to. */
  readonly of: string;
  readonly target?: string;
  readonly met?: boolean;
  /** What is judged as a part of its target: below one is better, whichever way the target points. */
  readonly standing?: number;
};

/** A figure that must not be more, or not less, than its target. Without `when` true it is shown and not judged. */
export type Target = { readonly atMost: number } | { readonly atLeast: number };

const describe = (target: Target, unit: string): string =>
  'atMost' in target ? `at most ${target.atMost} ${unit}` : `at least ${target.atLeast} ${unit}`;

const isMet = (value: number, target: Target): boolean =>
  'atMost' in target ? value <= target.atMost : value >= target.atLeast;

export type RowFacts = Omit<Row, 'target' | 'met' | 'standing'>;

const standingOf = (value: number, target: Target): number =>
  'atMost' in target ? value / target.atMost : target.atLeast / value;

/** `judged`: what the target is about, where that is not the value itself. */
export const row = (facts: RowFacts, target?: Target, judged = { value: facts.value, unit: facts.unit }): Row =>
  target === undefined
    ? facts
    : {
        ...facts,
        target: describe(target, judged.unit),
        met: isMet(judged.value, target),
        standing: standingOf(judged.value, target),
      };

const ascending = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);

/** The value that `share` (0..1) of all do not exceed; NaN without values. */
export const quantile = (values: readonly number[], share: number): number => {
  const sorted = ascending(values);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(sorted.length * share) - 1))] ?? Number.NaN;
};

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** Three significant digits, and no more zeros than that needs. */
export const shortNumber = (value: number): string => {
  if (!Number.isFinite(value)) return '-';
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en-US').replaceAll(',', ' ');
  return String(Number(value.toPrecision(3)));
};

const cells = (one: Row): readonly string[] => [
  one.suite,
  one.name,
  one.n === 0 ? '' : shortNumber(one.n),
  shortNumber(one.value),
  one.unit,
  Number.isFinite(one.ratio) ? `${shortNumber(one.ratio)} x` : '',
  one.of,
  one.target ?? '',
  one.met === undefined ? '' : one.met ? 'met' : 'missed',
];

const heads = ['suite', 'figure', 'n', 'value', 'unit', 'ratio', 'to', 'target', ''];
const isNumber = [false, false, true, true, false, true, false, false, false];

const WIDTH = 120;
const COLUMNS = { name: 60, n: 8, value: 17, ratio: 10 } as const;

/** Figures of one measurement stand together: what they have in common is said once. */
const shortName = ({ name, suite }: Row, before: Row | undefined): string => {
  const head = name.split(': ')[0] ?? '';
  const isFurther = before?.suite === suite && before.name.split(': ')[0] === head && name.length > head.length;
  return isFurther ? `  ${name.slice(head.length + 2)}` : name;
};

const cut = (text: string, width: number): string => (text.length > width ? `${text.slice(0, width - 1)}…` : text);

const perSecond = (text: string): string => text.replace(/ ?(?:instances )?a second$/, '/s');

const verdictOf = ({ target, met }: Row): string => {
  if (target === undefined) return '';
  const short = perSecond(target.replace('at most ', '≤ ').replace('at least ', '≥ '));
  return `${met === true ? 'met   ' : 'MISSED'} ${short}`;
};

/** Without the figure it may say of itself. */
const toWhat = ({ of }: Row): string => of.split(', ')[0] ?? of;

/** Of different things that ratios of a suite are to, each has a letter, which its heading explains. */
const lettersOf = (rows: readonly Row[]): ReadonlyMap<string, string> => {
  const things = [...new Set(rows.filter(({ ratio }) => Number.isFinite(ratio)).map(toWhat))];
  return new Map(things.map((of, at) => [of, things.length === 1 ? '' : ` ${String.fromCharCode(97 + at)}`]));
};

const headingOf = (suite: string, letters: ReadonlyMap<string, string>): string => {
  const said = [...letters].map(([of, letter]) => (letter === '' ? of : `${letter.trim()} ${of}`)).join(', ');
  return cut(said === '' ? suite : `${suite} (x: times ${said})`, WIDTH);
};

const suiteLines = (suite: string, rows: readonly Row[]): readonly string[] => {
  const letters = lettersOf(rows);
  const lines = rows.map((one, at) => {
    const ratio = Number.isFinite(one.ratio) ? `${shortNumber(one.ratio)} x${letters.get(toWhat(one)) ?? ''}` : '';
    const value = perSecond(`${shortNumber(one.value)} ${one.unit}`);
    const cells = [
      cut(`  ${shortName(one, rows[at - 1])}`, COLUMNS.name).padEnd(COLUMNS.name),
      (one.n === 0 ? '' : shortNumber(one.n)).padStart(COLUMNS.n),
      cut(value, COLUMNS.value).padStart(COLUMNS.value),
      ratio.padStart(COLUMNS.ratio),
      verdictOf(one),
    ];
    return cut(cells.join(' ').trimEnd(), WIDTH);
  });
  return [headingOf(suite, letters), ...lines];
};

/** For a terminal: at most 120 columns, suite by suite. */
export const tableOf = (rows: readonly Row[]): string =>
  [...Map.groupBy(rows, ({ suite }) => suite)].map(([suite, own]) => suiteLines(suite, own).join('\n')).join('\n\n');

export const markdownOf = (rows: readonly Row[]): string =>
  [heads, heads.map((_, column) => (isNumber[column] === true ? '---:' : '---')), ...rows.map(cells)]
    .map((line) => `| ${line.join(' | ')} |`)
    .join('\n');
