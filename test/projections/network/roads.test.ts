/**
 * The output depends on the state, not on the road: logs as the house writes them, folded bare at once, live in batches of any
 * size, or from any network kept on the way, are the same network and give the same bytes. What was handed out never changes.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createDocumentKeeper } from '../../../src/projections/documentKeeper.ts';
import { fullDocument } from '../../../src/projections/documents.ts';
import { initialNetwork } from '../../../src/projections/network/initial.ts';
import { advance, createNetworkRunner, foldAll } from '../../../src/projections/network/runner.ts';
import type { Network } from '../../../src/projections/network/views.ts';
import { verifyDocuments } from '../../../src/projections/verification.ts';
import { bytesOf, clusterNames, documentsIn, statement } from './facts.ts';
import { batchesOf, type Log, randomLog } from './randomLog.ts';

const seeds = [11, 12, 13];

const live = (log: Log, seed: number, largest?: number): readonly Network[] => {
  let network = initialNetwork();
  return batchesOf(log, seed, largest).map((batch) => {
    network = advance(network, batch);
    return network;
  });
};

describe('roads to a network', () => {
  for (const seed of seeds) {
    test(`live in batches of any size is the same as bare at once, log ${seed}`, async () => {
      const log = await randomLog(seed);
      const bare = foldAll(log);
      const oneByOne = log.reduce((network, event) => advance(network, [event]), initialNetwork());
      const ends = [oneByOne, ...[1, 2, 3, 4].map((road) => live(log, road, 10 ** road).at(-1) as Network)];
      for (const end of ends) {
        assert.equal(statement(end), statement(bare));
        assert.deepEqual(end, bare);
        assert.deepEqual(documentsIn(end), documentsIn(bare));
      }
    });

    test(`from any network kept on the way is the same, and the kept ones stay as they were, log ${seed}`, async () => {
      const log = await randomLog(seed);
      const bare = statement(foldAll(log));
      const kept = live(log, seed);
      const before = kept.map(statement);
      for (const from of kept) {
        const rest = log.filter(({ position }) => position > from.position);
        assert.equal(statement(advance(from, rest)), bare);
      }
      assert.deepEqual(kept.map(statement), before);
      const at = (network: Network): string =>
        statement(foldAll(log.filter((one) => one.position <= network.position)));
      for (const network of kept.filter((_, i) => i % 5 === 0)) assert.equal(statement(network), at(network));
    });

    test(`first bare and then live is the same, wherever it goes live, log ${seed}`, async () => {
      const log = await randomLog(seed);
      const bare = statement(foldAll(log));
      for (const part of [0, 1, Math.floor(log.length / 3), log.length]) {
        const runner = createNetworkRunner();
        runner.fold(log.slice(0, part));
        runner.goLive();
        for (const batch of batchesOf(log.slice(part), part)) runner.fold(batch);
        assert.equal(statement(runner.network()), bare);
      }
    });

    test(`documents moved along are those from scratch, byte for byte, log ${seed}`, async () => {
      const log = await randomLog(seed);
      const keeper = createDocumentKeeper();
      let checked = 0;
      for (const network of live(log, seed, 30)) {
        for (const verified of verifyDocuments(network, keeper.documentOf)) {
          assert.ok(verified.same, JSON.stringify(verified));
          checked += 1;
        }
      }
      assert.ok(checked > 30, `only ${checked} documents were there to check`);
      const end = foldAll(log);
      for (const cluster of clusterNames(end)) {
        const [moved, fresh] = [keeper.documentOf(end, cluster), fullDocument(end, cluster)];
        assert.equal(moved && bytesOf(moved), fresh && bytesOf(fresh));
      }
    });
  }
});

describe('what was touched', () => {
  const touchedIn = ({ touched, position }: Network): ReadonlyMap<string, number> => {
    const { clusters, nearby, ...sections } = touched;
    const all = [
      ...Object.entries(sections),
      ...Object.entries(clusters).map(([name, at]) => [`cluster ${name}`, at] as const),
      ...Object.entries(nearby).map(([name, at]) => [`near ${name}`, at] as const),
    ];
    for (const [name, at] of all) assert.ok(at <= position, `${name} was touched at ${at}, after ${position}`);
    return new Map(all);
  };

  for (const seed of seeds) {
    test(`only grows, and follows from the log and not from its batches, log ${seed}`, async () => {
      const log = await randomLog(seed);
      let stepwise = initialNetwork();
      let before = touchedIn(stepwise);
      const at = new Map<number, ReadonlyMap<string, number>>();
      for (const event of log) {
        stepwise = advance(stepwise, [event]);
        const now = touchedIn(stepwise);
        for (const [name, position] of before) assert.ok((now.get(name) ?? -2) >= position, `${name} went back`);
        at.set(event.position, now);
        before = now;
      }
      for (const network of live(log, seed + 1).filter(({ position }) => position >= 0)) {
        assert.deepEqual(touchedIn(network), at.get(network.position));
      }
    });
  }
});
