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
};

/** A figure that must not be more, or not less, than its target. Without `when` true it is shown and not judged. */
export type Target = { readonly atMost: number } | { readonly atLeast: number };

const describe = (target: Target, unit: string): string =>
  'atMost' in target ? `at most ${target.atMost} ${unit}` : `at least ${target.atLeast} ${unit}`;

const isMet = (value: number, target: Target): boolean =>
  'atMost' in target ? value <= target.atMost : value >= target.atLeast;

export type RowFacts = Omit<Row, 'target' | 'met'>;

/** `judged`: what the target is about, where that is not the value itself. */
export const row = (facts: RowFacts, target?: Target, judged = { value: facts.value, unit: facts.unit }): Row =>
  target === undefined ? facts : { ...facts, target: describe(target, judged.unit), met: isMet(judged.value, target) };

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

export const tableOf = (rows: readonly Row[]): string => {
  const lines = [heads, ...rows.map(cells)];
  const widths = heads.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  return lines
    .map((line) =>
      line
        .map((text, column) =>
          isNumber[column] === true ? text.padStart(widths[column] ?? 0) : text.padEnd(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};

export const markdownOf = (rows: readonly Row[]): string =>
  [heads, heads.map((_, column) => (isNumber[column] === true ? '---:' : '---')), ...rows.map(cells)]
    .map((line) => `| ${line.join(' | ')} |`)
    .join('\n');
