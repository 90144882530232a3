/**
 * A histogram of times for the hot path: an observation is an index and three additions, while the library's own makes a key of
 * all labels every time. What it says when asked is what the library's histogram says.
 */
import type { Metric, Registry } from 'prom-client';

/** Takes seconds. */
export type Observe = (seconds: number) => void;

export type TimeHistogram = {
  /** For these values of the labels, in their order; keep it where it is called often. */
  readonly of: (...values: readonly string[]) => Observe;
};

export type TimeHistogramOptions = {
  readonly registry: Registry;
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper ends in seconds, ascending. */
  readonly buckets: readonly number[];
};

type Cell = {
  readonly labels: Readonly<Record<string, string>>;
  readonly counts: number[];
  sum: number;
  count: number;
};

/** Index of the first bucket the value fits in; one past the last for values beyond all. */
const bucketOf = (buckets: readonly number[], value: number): number => {
  let index = 0;
  while (index < buckets.length && value > (buckets[index] as number)) index += 1;
  return index;
};

const linesOf = (name: string, buckets: readonly number[], { labels, counts, sum, count }: Cell) => {
  let soFar = 0;
  const below = buckets.map((le, index) => {
    soFar += counts[index] ?? 0;
    return { metricName: `${name}_bucket`, labels: { le, ...labels }, value: soFar };
  });
  return [
    ...below,
    { metricName: `${name}_bucket`, labels: { le: '+Inf', ...labels }, value: count },
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: count },
  ];
};

export const createTimeHistogram = (options: TimeHistogramOptions): TimeHistogram => {
  const { registry, name, help, labels, buckets } = options;
  const cells = new Map<string, { readonly cell: Cell; readonly observe: Observe }>();

  const cellOf = (values: readonly string[]) => {
    const cell: Cell = {
      labels: Object.fromEntries(labels.map((label, index) => [label, values[index] ?? ''])),
      counts: new Array<number>(buckets.length + 1).fill(0),
      sum: 0,
      count: 0,
    };
    const observe: Observe = (seconds) => {
      const index = bucketOf(buckets, seconds);
      cell.counts[index] = (cell.counts[index] ?? 0) + 1;
      cell.sum += seconds;
      cell.count += 1;
    };
    return { cell, observe };
  };

  const metric = {
    ...{ name, help, type: 'histogram', aggregator: 'sum' },
    get: async () => ({
      ...{ name, help, type: 'histogram', aggregator: 'sum' },
      // What was never observed is not said, as by the library's own.
      values: [...cells.values()].flatMap(({ cell }) => (cell.count === 0 ? [] : linesOf(name, buckets, cell))),
    }),
    reset: () => cells.clear(),
  };
  // The library asks a metric for nothing but these.
  registry.registerMetric(metric as unknown as Metric);

  return {
    of: (...values) => {
      const key = values.join('\0');
      const known = cells.get(key) ?? cellOf(values);
      cells.set(key, known);
      return known.observe;
    },
  };
};
