/** A network written as lines and read again is the same network, and goes on as the one that was written. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { initialNetwork } from '../../../src/projections/network/initial.ts';
import { networkFrom, networkLines } from '../../../src/projections/network/networkLines.ts';
import { advance, advanceInPlace, foldAll } from '../../../src/projections/network/runner.ts';
import type { Network } from '../../../src/projections/network/views.ts';
import { has, size } from '../../../src/projections/trie.ts';
import { documentsIn, statement } from './facts.ts';
import { batchesOf, randomLog } from './randomLog.ts';

const again = (network: Network): Network => networkFrom(Buffer.from([...networkLines(network)].join('\n')));

describe('a network as lines', () => {
  test('the network before the first event', () => {
    assert.equal(statement(again(initialNetwork())), statement(initialNetwork()));
  });

  for (const seed of [31, 32, 33]) {
    test(`is the same when it is read, and so are its documents, log ${seed}`, async () => {
      let network = initialNetwork();
      for (const batch of batchesOf(await randomLog(seed), seed, 200)) {
        network = advance(network, batch);
        const read = again(network);
        assert.equal(statement(read), statement(network));
        assert.deepEqual(documentsIn(read), documentsIn(network));
      }
    });

    test(`goes on in place and live like the one it was made of, log ${seed}`, async () => {
      const log = await randomLog(seed);
      const whole = foldAll(log);
      for (const share of [0.2, 0.5, 0.9]) {
        const at = Math.floor(log.length * share);
        const part = foldAll(log.slice(0, at));
        const bare = advanceInPlace(again(part), log.slice(at));
        assert.equal(statement(bare), statement(whole));
        const read = again(part);
        const before = statement(read);
        assert.equal(statement(advance(read, log.slice(at))), statement(whole));
        assert.equal(statement(read), before);
      }
    });

    test(`writing changes nothing, and reading gives tries of its own, log ${seed}`, async () => {
      const log = await randomLog(seed);
      const network = foldAll(log.slice(0, 200));
      const before = statement(network);
      advanceInPlace(again(network), log.slice(200));
      assert.equal(statement(network), before);
    });
  }

  test('a record that looks like a trie is not written at all', () => {
    const network = { ...initialNetwork(), properties: { '\0trie': { value: 'x', at: 1 } } };
    assert.throws(() => again(network), /cannot be told from a trie/);
  });

  test('lines that are none, or of something else, are no network', () => {
    const lines = [...networkLines(initialNetwork())];
    assert.throws(() => networkFrom(Buffer.from(['', ...lines].join('\n'))));
    assert.throws(() => networkFrom(Buffer.from(lines.slice(0, -1).join('\n'))), /expected a line more/);
    const others = networkFrom(Buffer.from([lines[0], ...lines.slice(1).map(() => '[false,["a"],[1]]')].join('\n')));
    assert.throws(() => size(others.instances) || has(others.instances, 'a'), /expected 0 entries in a line, got 1/);
  });
});
