/**
 * Logs as the house really writes them: random wishes carried out by the real deciders, then read back. Deterministic for a
 * seed, and made once per seed.
 */
import { createMemoryStore } from '../../../src/adapters/eventstore/memory.ts';
import { randomSequence } from '../../../src/domain/addressPool/randomSequence.ts';
import { decodeRecorded } from '../../../src/domain/codec.ts';
import type { Command } from '../../../src/domain/commands.ts';
import type { DomainEvent } from '../../../src/domain/events.ts';
import type { Recorded } from '../../../src/domain/recorded.ts';
import { isRefusal } from '../../../src/domain/refusals.ts';
import { reconcile } from '../../../src/projections/reconcile.ts';
import { openHouse, setUpCloud } from '../../support/house.ts';
import { createWishes } from '../../support/randomWishes.ts';

export type Log = readonly Recorded<DomainEvent>[];

/** What operators do now and then. */
const seldom = (below: (n: number) => number): Command => {
  const cluster = below(2) === 0 ? 'one' : 'two';
  const host = cluster === 'one' ? '127.0.1.1' : '127.0.1.2';
  const registration = { component: `${cluster}-cc`, host, address: host, endpoint: `http://${host}:8774/cc` };
  const wishes: readonly Command[] = [
    { type: 'DisableCluster', cluster, reason: 'upkeep' },
    { type: 'EnableCluster', cluster },
    { type: 'EnableCluster', cluster },
    { type: 'DeregisterCluster', cluster },
    { type: 'RegisterCluster', cluster, ...registration },
    { type: 'RegisterCluster', cluster, ...registration },
    { type: 'ReportNodes', cluster, nodes: ['a', 'b', 'c'].slice(below(3)).map((n) => ({ name: `${cluster}-${n}` })) },
    { type: 'ForgetNodes', cluster, nodes: [`${cluster}-c`] },
    { type: 'ChangeProperty', name: 'edgelog.clc_address', value: `10.0.0.${1 + below(9)}` },
    { type: 'ChangeProperty', name: 'edgelog.document.relevance_of', value: below(2) === 0 ? 'two=local' : '' },
    { type: 'ResetProperty', name: 'edgelog.clc_address' },
    { type: 'RaiseEpoch', reason: 'restored' },
  ];
  return wishes[below(wishes.length)] as Command;
};

const logs = new Map<string, Promise<Log>>();

const make = async (seed: number, count: number): Promise<Log> => {
  const store = createMemoryStore();
  const house = await openHouse(store);
  const wishes = createWishes(seed);
  await setUpCloud(house);
  for (let i = 0; i < count; i += 1) {
    const done = await house.wish(wishes.below(12) === 0 ? seldom(wishes.below) : wishes.next(), { at: 1_000 * i });
    if (!isRefusal(done)) wishes.learn(done.result);
    if (i % 40 !== 39) continue;
    // Every node has passed everything: what was given back becomes free again.
    const network = house.projector.network();
    const sightings = { lastReported: () => undefined, hears: () => false };
    const inputs = { network, convergence: new Map(), wanted: () => undefined, sightings, now: 1_000 * i };
    for (const command of reconcile(inputs)) await house.wish(command, { at: 1_000 * i });
  }
  // At the end there is something to show.
  for (const cluster of ['one', 'two']) await house.wish({ type: 'EnableCluster', cluster }, { at: 1_000 * count });
  await house.stop();
  const stored = await store.readAll(-1, Number.MAX_SAFE_INTEGER);
  await store.close();
  return stored.map(decodeRecorded);
};

export const randomLog = (seed: number, count = 400): Promise<Log> => {
  const key = `${seed}/${count}`;
  const known = logs.get(key) ?? make(seed, count);
  logs.set(key, known);
  return known;
};

/** The log cut in batches of random sizes, empty ones among them. */
export const batchesOf = (log: Log, seed: number, largest = 40): readonly Log[] => {
  const random = randomSequence(seed);
  const batches: Log[] = [];
  for (let at = 0; at < log.length; ) {
    const size = random.below(3) === 0 ? random.below(3) : random.below(largest);
    batches.push(log.slice(at, at + size));
    at += size;
  }
  return batches;
};
