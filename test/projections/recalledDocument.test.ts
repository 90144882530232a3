/**
 * A kept document written down and read again, over a network that was read again: the same bytes, the same text to our own
 * controllers, and it goes on like the one that was written. What was changed on the way is noticed.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { DomainEvent } from '../../src/domain/events.ts';
import { deltaOf } from '../../src/projections/document/delta.ts';
import { encodeDelta } from '../../src/projections/document/deltaText.ts';
import type { Dialect } from '../../src/projections/document/model.ts';
import { buffersOf } from '../../src/projections/document/pieces.ts';
import { wholeText } from '../../src/projections/document/wholeText.ts';
import { settingsIn } from '../../src/projections/documentInputs.ts';
import { createDocumentKeeper, entryWriter } from '../../src/projections/documentKeeper.ts';
import { fullDocument } from '../../src/projections/documents.ts';
import { type KeptFacts, keptFacts, keptTexts, type Standing } from '../../src/projections/keptRecords.ts';
import { initialNetwork } from '../../src/projections/network/initial.ts';
import { networkFrom, networkLines } from '../../src/projections/network/networkLines.ts';
import { advance, advanceInPlace, foldAll } from '../../src/projections/network/runner.ts';
import type { Network } from '../../src/projections/network/views.ts';
import { recalledDocument } from '../../src/projections/recalledDocument.ts';
import { leavesOf } from '../../src/projections/sleepingLeaf.ts';
import { anyEvent, beginning, recorded } from './anyEvents.ts';
import { dialects } from './document/worlds.ts';
import { batchesOf, randomLog } from './network/randomLog.ts';

const networkAgain = (network: Network): Network => networkFrom(Buffer.from([...networkLines(network)].join('\n')));

type Written = { readonly facts: KeptFacts; readonly bytes: Buffer };

const written = (standing: Standing): Written => {
  const texts = [...keptTexts(standing, entryWriter(standing.kept.parts.dialect))];
  const facts = keptFacts(
    standing,
    texts.map(([text, piece]) => [text.length, piece]),
  );
  return { facts: JSON.parse(JSON.stringify(facts)) as KeptFacts, bytes: Buffer.concat(texts.map(([text]) => text)) };
};

const created = (n: number): DomainEvent => ({
  type: 'InstanceCreated',
  instanceId: `i-${((n * 2_654_435_761) >>> 0).toString(16).padStart(8, '0')}`,
  cluster: 'one',
  groups: ['sg-00000000'],
  privateAddress: '10.1.0.9',
  account: '000000000002',
  macAddress: 'd0:0d:00:00:00:01',
  reservation: 'r',
  addressing: 'private',
  restored: false,
});

/** Leaves made since are awake like any other. */
const isAwake = (leaf: object): boolean => !('entries' in leaf) || leaf.entries !== undefined;

const assertSame = (keeper: ReturnType<typeof createDocumentKeeper>, network: Network): void => {
  for (const cluster of Object.keys(network.clusters)) {
    const [made, wanted] = [keeper.documentOf(network, cluster), fullDocument(network, cluster)];
    assert.equal(made?.digest, wanted?.digest);
    if (made === undefined || wanted === undefined) continue;
    const writer = entryWriter(made.dialect);
    const text = wholeText(writer, made.parts, writer.textOf).toString('utf8');
    assert.equal(text, encodeDelta(deltaOf(writer, undefined, wanted.parts)));
    assert.equal(Buffer.concat(made.pieces).toString('utf8'), Buffer.concat(wanted.pieces).toString('utf8'));
  }
};

const goesOn = (network: Network, batches: readonly Parameters<typeof advance>[1][]): boolean => {
  const standing = createDocumentKeeper().standing(network);
  if (standing === undefined) return false;
  const { facts, bytes } = written(standing);
  // Only of nodes that no cluster shows there is no piece.
  for (const [, byteLength, digest] of facts.texts.slice(facts.placed.length))
    assert.ok(byteLength >= 0 && digest.length === 64);
  const read = networkAgain(network);
  const recalled = recalledDocument(facts, bytes, read);
  assert.equal(recalled.pieces.contentDigest, standing.pieces.contentDigest);
  const keeper = createDocumentKeeper(recalled);
  let now: Network = { ...read };
  for (const batch of batches) {
    now = advance(now, batch);
    assertSame(keeper, now);
  }
  for (const _ of recalled.check());
  assert.equal(
    Buffer.concat(buffersOf(recalled.pieces.piece)).toString('utf8'),
    Buffer.concat(buffersOf(standing.pieces.piece)).toString('utf8'),
  );
  return true;
};

describe('a document recalled', () => {
  for (const dialect of dialects) {
    it(`is the one that was written, and goes on like it, dialect ${dialect}`, () => {
      let times = 0;
      fc.assert(
        fc.property(
          fc.array(anyEvent, { maxLength: 200, size: 'max' }),
          fc.array(fc.array(anyEvent, { maxLength: 8 }), { maxLength: 4 }),
          (first, further) => {
            let network = advanceInPlace(initialNetwork(), recorded(beginning(dialect as Dialect), 0));
            network = advanceInPlace(network, recorded(first, network.position + 1));
            let next = network.position + 1;
            const batches = [[], ...further].map((batch) => {
              const all = recorded(batch, next);
              next += batch.length;
              return all;
            });
            if (goesOn(network, batches)) times += 1;
          },
        ),
        { numRuns: 25 },
      );
      assert.ok(times > 5, `expected some networks with a document, got ${times}`);
    });
  }

  for (const seed of [51, 52]) {
    it(`is the same wherever in a log it was written, log ${seed}`, async () => {
      const batches = batchesOf(await randomLog(seed), seed, 60);
      const gone = [0.3, 0.7, 0.9].map((share) => {
        const cut = Math.floor(batches.length * share);
        return goesOn(foldAll(batches.slice(0, cut).flat()), [[], ...batches.slice(cut, cut + 5)]);
      });
      assert.ok(gone.includes(true));
    });
  }

  it('sleeps on: after one change most leaves have been neither read nor made', () => {
    const network = foldAll(
      recorded([...beginning('superset'), ...Array.from({ length: 2_000 }, (_, n) => created(n))], 0),
    );
    const standing = createDocumentKeeper().standing(network);
    assert.ok(standing !== undefined);
    const { facts, bytes } = written(standing);
    const read = networkAgain(network);
    const keeper = createDocumentKeeper(recalledDocument(facts, bytes, read));
    const next = advance(read, recorded([created(2_000)], read.position + 1));
    const document = keeper.documentOf(next, 'one');
    assert.ok(document !== undefined);
    const { digest, parts } = document;
    wholeText(entryWriter('superset'), parts, entryWriter('superset').textOf);
    const leaves = [read.instances, parts.instances].map((trie) => [...leavesOf<unknown>(trie.root)]);
    for (const all of leaves) {
      assert.ok(all.length > 50);
      assert.ok(all.filter(isAwake).length <= 3, `${all.filter(isAwake).length} of ${all.length} leaves are awake`);
    }
    assert.equal(digest, fullDocument(next, 'one')?.digest);
  });

  const prepared = async () => {
    const network = foldAll(await randomLog(53));
    const standing = createDocumentKeeper().standing(network);
    assert.ok(standing !== undefined && settingsIn(network) !== undefined);
    return { ...written(standing), network: networkAgain(network) };
  };

  it('is none when a digest is another', async () => {
    const { facts, bytes, network } = await prepared();
    const at = facts.texts.findIndex(([, byteLength]) => byteLength > 0);
    assert.ok(at >= 0 && at < facts.placed.length);
    const texts = facts.texts.map((one, n) => (n === at ? ([one[0], one[1], '0'.repeat(64)] as const) : one));
    assert.throws(() => recalledDocument({ ...facts, texts }, bytes, network), /expected the document/);
  });

  it('says so when the network does not give the bytes that the digests are of', async () => {
    const { facts, bytes, network } = await prepared();
    const strange = foldAll(await randomLog(54));
    assert.throws(
      () => [...recalledDocument(facts, bytes, { ...network, groups: strange.groups }).check()],
      /expected/,
    );
  });
});
