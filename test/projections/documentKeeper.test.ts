/**
 * Documents moved along against documents from scratch, whole and local: after any events, in batches of any size, the same
 * bytes, digest and version; and whenever a byte changes the version does, however the events were batched.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { DomainEvent } from '../../src/domain/events.ts';
import { createDocumentKeeper } from '../../src/projections/documentKeeper.ts';
import { type ClusterDocument, documentVersion, fullDocument } from '../../src/projections/documents.ts';
import { initialNetwork } from '../../src/projections/network/initial.ts';
import { advance, advanceInPlace } from '../../src/projections/network/runner.ts';
import type { Network } from '../../src/projections/network/views.ts';
import { verifyDocuments } from '../../src/projections/verification.ts';
import { anyEvent, beginning, recorded } from './anyEvents.ts';
import { dialects } from './document/worlds.ts';

const clusters = ['one', 'two', 'three'];

const relevanceChange = (name: string, value: string): DomainEvent => ({ type: 'PropertyChanged', name, value });

const relevance = fc.oneof(
  fc.constantFrom('full', 'local').map((value): DomainEvent => relevanceChange('edgelog.document.relevance', value)),
  fc
    .constantFrom('', 'one=full', 'two=local', 'one=local,two=full')
    .map((value): DomainEvent => relevanceChange('edgelog.document.relevance_of', value)),
);

const steps = fc.array(
  fc.array(fc.oneof({ weight: 30, arbitrary: anyEvent }, { weight: 1, arbitrary: relevance }), {
    maxLength: 12,
    size: 'max',
  }),
  { maxLength: 40, size: 'max' },
);

/** What the bytes say apart from the root's attributes, which hold the version itself. */
const contentOf = (document: ClusterDocument): string =>
  Buffer.concat(document.pieces)
    .toString()
    .replace(/<network-data[^>]*>/, '');

const begun = (dialect: (typeof dialects)[number]): Network =>
  advanceInPlace(
    initialNetwork(),
    recorded([...beginning(dialect), relevanceChange('edgelog.document.relevance', 'local')], 0),
  );

describe('document keeper', () => {
  for (const dialect of dialects) {
    it(`gives what comes out from scratch after any events, dialect ${dialect}`, () => {
      fc.assert(
        fc.property(steps, (batches) => {
          const keeper = createDocumentKeeper();
          let network = begun(dialect);
          for (const batch of batches) {
            network = advance(network, recorded(batch, network.position + 1));
            for (const verified of verifyDocuments(network, keeper.documentOf)) assert.equal(verified.same, true);
          }
        }),
        { numRuns: 30 },
      );
    });

    it(`has another version whenever it says something else, dialect ${dialect}`, () => {
      fc.assert(
        fc.property(steps, (batches) => {
          let network = begun(dialect);
          const seen = new Map<string, { version: number; content: string }>();
          for (const event of batches.flat()) {
            network = advance(network, recorded([event], network.position + 1));
            for (const cluster of clusters) {
              const document = fullDocument(network, cluster);
              const before = seen.get(cluster);
              if (document === undefined) continue;
              const content = contentOf(document);
              if (before?.version === document.version) assert.equal(content, before.content, JSON.stringify(event));
              seen.set(cluster, { version: document.version, content });
            }
          }
        }),
        { numRuns: 10 },
      );
    });
  }

  it('has versions that do not depend on how events were batched', () => {
    fc.assert(
      fc.property(steps, (batches) => {
        let stepwise = begun('superset');
        for (const batch of batches) stepwise = advance(stepwise, recorded(batch, stepwise.position + 1));
        const atOnce = begun('superset');
        advanceInPlace(atOnce, recorded(batches.flat(), atOnce.position + 1));
        for (const cluster of clusters) {
          assert.equal(documentVersion(stepwise, cluster), documentVersion(atOnce, cluster));
        }
      }),
      { numRuns: 40 },
    );
  });

  it('leaves a local document alone while nothing near its cluster happens', () => {
    const created = (instanceId: string, cluster: string, group: string): DomainEvent => ({
      type: 'InstanceCreated',
      instanceId,
      account: '000000000002',
      cluster,
      groups: [group],
      macAddress: '',
      privateAddress: '10.1.0.9',
      reservation: 'r',
      addressing: 'private',
      restored: false,
    });
    const first = advance(begun('superset'), recorded([created('i-00000001', 'one', 'sg-00000001')], 100));
    const elsewhere = advance(first, recorded([created('i-00000002', 'two', 'sg-00000002')], 101));
    const beside = advance(elsewhere, recorded([created('i-00000003', 'two', 'sg-00000001')], 102));
    assert.equal(documentVersion(elsewhere, 'one'), documentVersion(first, 'one'));
    assert.equal(documentVersion(elsewhere, 'two'), 101);
    assert.equal(documentVersion(beside, 'one'), 102);
    const keeper = createDocumentKeeper();
    const before = keeper.documentOf(first, 'one');
    const after = keeper.documentOf(elsewhere, 'one');
    assert.equal(after?.digest, before?.digest);
    assert.equal(contentOf(after as ClusterDocument).includes('i-00000002'), false);
  });

  it('glances at another network without leaving its own', () => {
    fc.assert(
      fc.property(steps, steps, (batches, rehearsed) => {
        const keeper = createDocumentKeeper();
        let network = begun('superset');
        for (const batch of batches) network = advance(network, recorded(batch, network.position + 1));
        const digests = clusters.map((cluster) => keeper.documentOf(network, cluster)?.digest);
        const other = advance(network, recorded(rehearsed.flat(), network.position + 1));
        for (const verified of verifyDocuments(other, keeper.glance)) assert.equal(verified.same, true);
        assert.deepEqual(
          clusters.map((cluster) => keeper.documentOf(network, cluster)?.digest),
          digests,
        );
      }),
      { numRuns: 15 },
    );
  });
});
