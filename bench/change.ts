/**
 * One change from command to cluster controller: HTTP request sent -> decided and fsynced -> document made -> delta received,
 * parsed and checked by its digest in another process. Beside it, in the same run, the full render of the same document.
 */
import { fullDocument } from '../src/projections/documents.ts';
import type { Network } from '../src/projections/network/views.ts';
import type { Accepted } from './api.ts';
import { clockMs, pause } from './clock.ts';
import { type Cloud, openCloud } from './cloud.ts';
import { median, quantile, type Row, row, type Target } from './figures.ts';
import { judge } from './judge.ts';
import {
  accountOf,
  clusterName,
  elasticAddress,
  groupCount,
  groupId,
  instanceId,
  launch,
  type Size,
  sizeOf,
} from './world.ts';

type Wish = { readonly method: string; readonly path: string; readonly body: object; readonly cluster: number };
type Change = (nth: number) => Wish;

/** `visible`: to the cluster concerned; `everywhere`: to the last of all clusters; `fresh`: visible, right after the start. */
type Times = {
  readonly answered: number[];
  readonly visible: number[];
  readonly everywhere: number[];
  readonly fresh: number[];
};

/** Changes until the way of a change has been gone often enough to be measured on its own. */
const WARM_UP = 400;
const PAUSE_MS = 10;

const measure = async (cloud: Cloud, size: Size, change: Change, times: number): Promise<Times> => {
  const found: Times = { answered: [], visible: [], everywhere: [], fresh: [] };
  for (let nth = 0; nth < times + WARM_UP; nth += 1) {
    const { method, path, body, cluster } = change(nth);
    const begun = clockMs();
    const answer = await cloud.api.ask<Accepted>(method, path, body);
    const answered = clockMs();
    const first = answer.position - answer.events + 1;
    const all = await Promise.all(
      Array.from({ length: size.clusters }, (_, c) => cloud.receiving.reached(clusterName(c), first)),
    );
    const visible = (all[cluster]?.at ?? Number.NaN) - begun;
    if (nth < WARM_UP) {
      found.fresh.push(visible);
      continue;
    }
    found.answered.push(answered - begun);
    found.visible.push(visible);
    found.everywhere.push(Math.max(...all.map(({ at }) => at)) - begun);
    await pause(PAUSE_MS);
  }
  return found;
};

const addInstance = (size: Size): Change => {
  return (nth) => {
    const n = size.instances + nth;
    const { type: _type, ...body } = launch(n, size, nth % groupCount(size)) as { readonly type: string };
    return { method: 'POST', path: '/v1/instances', body, cluster: n % size.clusters };
  };
};

const changeRule =
  (port: number): Change =>
  (nth) => ({
    method: 'POST',
    path: `/v1/security-groups/${groupId(0)}/${nth % 2 === 0 ? 'ingress' : 'revoke'}?account=${accountOf(0)}`,
    body: { permissions: [{ protocol: 'tcp', fromPort: port, toPort: port, cidrs: ['203.0.113.0/24'] }] },
    cluster: 0,
  });

/** Addresses nobody had before, for instances that have none. */
const associate =
  (size: Size): Change =>
  (nth) => {
    const n = size.elastic + nth;
    const account = accountOf(Math.floor(n / size.perGroup));
    return {
      method: 'POST',
      path: `/v1/addresses/${elasticAddress(n + 1)}/associate?account=${account}`,
      body: { instanceId: instanceId(n) },
      cluster: n % size.clusters,
    };
  };

const allocate = async (cloud: Cloud, size: Size, count: number): Promise<void> => {
  for (let nth = 0; nth < count + WARM_UP; nth += 1) {
    const n = size.elastic + nth;
    const account = accountOf(Math.floor(n / size.perGroup));
    await cloud.api.ask('POST', '/v1/addresses', { account, address: elasticAddress(n + 1) });
  }
};

/** What making the document anew costs, in this process. */
const renderMs = (network: Network): number => {
  const begun = clockMs();
  fullDocument(network, clusterName(0));
  return clockMs() - begun;
};

type Case = {
  readonly name: string;
  readonly size: Size;
  readonly change: (size: Size) => Change;
  readonly prepare?: (cloud: Cloud, size: Size, times: number) => Promise<void>;
  readonly target?: Target;
};

const casesOf = (quick: boolean): readonly Case[] => {
  const add = (instances: number, target?: Target): Case => ({
    name: 'one instance with its group, visible',
    size: sizeOf(instances),
    change: addInstance,
    ...(target === undefined ? {} : { target }),
  });
  return [
    add(1_000),
    add(10_000, { atMost: 3 }),
    add(50_000, { atMost: 4 }),
    ...(quick ? [] : [add(100_000)]),
    {
      name: 'one rule in a group of 100, visible',
      size: sizeOf(20_000, { perGroup: 100 }),
      change: () => changeRule(7_777),
      target: { atMost: 3 },
    },
    {
      name: 'one elastic address associated, visible',
      size: sizeOf(10_000, { elastic: 1_000 }),
      change: associate,
      prepare: allocate,
      target: { atMost: 3 },
    },
  ];
};

const rowsOf = ({ name, size, target }: Case, times: Times, full: number): readonly Row[] => {
  const common = { suite: 'change', n: size.instances, unit: 'ms', of: 'the full render' };
  const visible = median(times.visible);
  const plain = (what: string, value: number): Row =>
    row({ ...common, name: `${name}: ${what}`, value, ratio: value / full });
  return [
    row({ ...common, name, value: visible, ratio: visible / full }, target),
    plain('95 of 100', quantile(times.visible, 0.95)),
    plain('answered', median(times.answered)),
    plain(`the first ${WARM_UP} after a start`, median(times.fresh)),
    plain(`the last of ${size.clusters} clusters`, median(times.everywhere)),
  ];
};

export type BenchOptions = { readonly quick: boolean; readonly onRow: (row: Row) => void };

export const runChange = async ({ quick, onRow }: BenchOptions): Promise<void> => {
  const medians = new Map<number, number>();
  for (const one of casesOf(quick)) {
    const { name, size, change, prepare } = one;
    const cloud = await openCloud(size, { name: 'change' });
    try {
      const times = quick ? 50 : 300;
      await prepare?.(cloud, size, times);
      const found = await measure(cloud, size, change(size), times);
      const network = await judge(cloud);
      for (const made of rowsOf(one, found, median([1, 2, 3].map(() => renderMs(network))))) onRow(made);
      if (change === addInstance) medians.set(size.instances, median(found.visible));
      if (change === addInstance && size.instances > 1_000) onRow(flatness(name, size.instances, medians));
    } finally {
      await cloud.stop();
    }
  }
};

const flatness = (name: string, instances: number, medians: ReadonlyMap<number, number>): Row => {
  const value = (medians.get(instances) ?? Number.NaN) / (medians.get(1_000) ?? Number.NaN);
  const facts = {
    suite: 'change',
    name: `${name}: to that at 1 000`,
    n: instances,
    value,
    unit: 'times',
    ratio: Number.NaN,
    of: '',
  };
  return instances === 50_000 ? row(facts, { atMost: 1.5 }) : row(facts);
};
