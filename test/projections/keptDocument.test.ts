/**
 * The kept document against the full build: after any events, folded in batches of any size, both give the same bytes; and a
 * network in which nothing a document shows has changed gives the very same parts.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { buildDocument } from '../../src/projections/document/build.ts';
import type { Dialect, GroupEntry, InstanceEntry } from '../../src/projections/document/model.ts';
import { partsOf } from '../../src/projections/document/parts.ts';
import { buffersOf, type DocumentWriter } from '../../src/projections/document/pieces.ts';
import { renderDocument } from '../../src/projections/document/render.ts';
import { stampOf } from '../../src/projections/document/stamp.ts';
import { documentInputs, settingsIn } from '../../src/projections/documentInputs.ts';
import { type KeptDocument, keepDocument } from '../../src/projections/keptDocument.ts';
import { initialNetwork } from '../../src/projections/network/initial.ts';
import { advance, advanceInPlace } from '../../src/projections/network/runner.ts';
import type { Network } from '../../src/projections/network/views.ts';
import { anyEvent, beginning, dialectChange, recorded } from './anyEvents.ts';
import { dialects, entryWriter } from './document/worlds.ts';

type Writers = { readonly [D in Dialect]: DocumentWriter<InstanceEntry, GroupEntry> };

const writers: Writers = { superset: entryWriter('superset'), '4.0': entryWriter('4.0'), '4.4': entryWriter('4.4') };

const assertSame = (kept: KeptDocument, network: Network): void => {
  const dialect = settingsIn(network)['edgelog.document.dialect'];
  const stamp = stampOf(1, network.position);
  const document = buildDocument(documentInputs(network), dialect);
  const pieces = writers[dialect].pieces(kept.parts);
  assert.equal(Buffer.concat(buffersOf(pieces.piece)).toString(), renderDocument(document, dialect, stamp));
  assert.equal(pieces.digest, entryWriter(dialect).pieces(partsOf(document, dialect, stamp)).digest);
};

describe('kept document', () => {
  for (const dialect of dialects) {
    it(`equals the full build after any events, dialect ${dialect}`, () => {
      fc.assert(
        fc.property(
          fc.array(fc.array(anyEvent, { maxLength: 12, size: 'max' }), { maxLength: 40, size: 'max' }),
          (batches) => {
            let network = advanceInPlace(initialNetwork(), recorded(beginning(dialect), 0));
            let kept = keepDocument(undefined, network, stampOf(1, network.position));
            assertSame(kept, network);
            for (const batch of batches) {
              network = advance(network, recorded(batch, network.position + 1));
              kept = keepDocument(kept, network, stampOf(1, network.position));
              assertSame(kept, network);
            }
          },
        ),
        { numRuns: 40 },
      );
    });
  }

  it('follows a change of the dialect, and goes on from any earlier network', () => {
    fc.assert(
      fc.property(
        fc.array(anyEvent, { maxLength: 60, size: 'max' }),
        fc.constantFrom(...dialects),
        (events, dialect) => {
          const first = advanceInPlace(initialNetwork(), recorded(beginning('superset'), 0));
          const kept = keepDocument(undefined, first, stampOf(1, first.position));
          const later = advance(first, recorded([...events, dialectChange(dialect)], first.position + 1));
          const forth = keepDocument(kept, later, stampOf(1, later.position));
          assertSame(forth, later);
          assertSame(keepDocument(forth, first, stampOf(1, first.position)), first);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('keeps every part when nothing changed that a document shows', () => {
    const events = recorded(
      [
        ...beginning('superset'),
        {
          type: 'InstanceCreated',
          instanceId: 'i-00000001',
          account: '000000000002',
          cluster: 'one',
          groups: ['sg-00000001'],
          macAddress: '',
          privateAddress: '10.1.0.9',
          reservation: 'r',
          addressing: 'private',
          restored: false,
        },
        { type: 'InstancePlaced', instanceId: 'i-00000001', node: '10.1.0.1' },
      ],
      0,
    );
    const network = advanceInPlace(initialNetwork(), events);
    const kept = keepDocument(undefined, network, stampOf(1, 1));
    const running = recorded([{ type: 'InstanceRunning', instanceId: 'i-00000001' }], 99);
    const { parts } = keepDocument(kept, advance(network, running), stampOf(1, 1));
    assert.equal(parts.instances.root, kept.parts.instances.root);
    assert.equal(parts.securityGroups.root, kept.parts.securityGroups.root);
    assert.equal(parts.clusters.root, kept.parts.clusters.root);
    assert.equal(parts.head, kept.parts.head);
  });
});
