/**
 * The oracle: after any steps the pieces hold exactly the bytes of the full render, their digest depends on the content
 * alone, and one change leaves all but a handful of pieces as they were.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { partsOf } from '../../../src/projections/document/parts.ts';
import { buffersOf, hashOf, type Piece } from '../../../src/projections/document/pieces.ts';
import { renderBytes, renderDocument } from '../../../src/projections/document/render.ts';
import { withEntry } from '../../../src/projections/trie.ts';
import {
  advanceParts,
  advanceWorld,
  dialects,
  documentOf,
  emptyParts,
  emptyWorld,
  entryWriter,
  hex,
  type Parts,
  stampAt,
  steps,
} from './worlds.ts';

const textOf = (piece: Piece): string => Buffer.concat(buffersOf(piece)).toString('utf8');

const everyPiece = (piece: Piece, into = new Set<Piece>()): Set<Piece> => {
  into.add(piece);
  if (piece.kind === 'list') for (const part of piece.parts) everyPiece(part, into);
  return into;
};

describe('document pieces', () => {
  for (const dialect of dialects) {
    it(`hold the bytes of the full render after every step, dialect ${dialect}`, () => {
      fc.assert(
        fc.property(steps(400), (done) => {
          const writer = entryWriter(dialect);
          const world = emptyWorld();
          let parts: Parts = emptyParts(dialect);
          done.forEach((step, position) => {
            advanceWorld(world, step);
            const before = parts;
            parts = { ...advanceParts(parts, step), stamp: stampAt(position) };
            const pieces = writer.pieces(parts, before);
            if (position % 19 !== 0 && position !== done.length - 1) return;
            const whole = renderDocument(documentOf(world), dialect, stampAt(position));
            assert.equal(textOf(pieces.piece), whole);
            assert.equal(pieces.byteLength, Buffer.byteLength(whole));
            assert.equal(hashOf(pieces), createHash('sha256').update(whole).digest('hex'));
            const fresh = entryWriter(dialect).pieces(partsOf(documentOf(world), dialect, stampAt(position)));
            assert.equal(pieces.digest, fresh.digest);
          });
        }),
        { numRuns: 12 },
      );
    });
  }

  it('are the same whatever road led to the content', () => {
    fc.assert(
      fc.property(steps(300), steps(300), (done, detour) => {
        const writer = entryWriter('superset');
        const world = emptyWorld();
        let parts = emptyParts('superset');
        for (const step of [...detour, ...done]) {
          advanceWorld(world, step);
          parts = advanceParts(parts, step);
        }
        const direct = partsOf(documentOf(world), 'superset', parts.stamp);
        assert.equal(writer.pieces(parts).digest, entryWriter('superset').pieces(direct).digest);
      }),
      { numRuns: 60 },
    );
  });

  it('differ in their digest when the bytes differ', () => {
    fc.assert(
      fc.property(steps(80), steps(3), (done, more) => {
        const writer = entryWriter('superset');
        const before = done.reduce(advanceParts, emptyParts('superset'));
        const after = more.reduce(advanceParts, before);
        const [one, other] = [writer.pieces(before), writer.pieces(after)];
        assert.equal(one.digest === other.digest, textOf(one.piece) === textOf(other.piece));
      }),
      { numRuns: 100 },
    );
  });

  const large = (): Parts => {
    let parts = emptyParts('superset');
    for (let n = 0; n < 3000; n += 1) {
      const entry = {
        id: `i-${hex(n)}`,
        ownerId: '000000000002',
        privateIp: '10.0.0.1',
        securityGroups: ['sg-00000001'],
      };
      parts = { ...parts, instances: withEntry(parts.instances, entry.id, entry) };
    }
    return parts;
  };

  it('are shared with the version before, but for the path of the change', () => {
    const writer = entryWriter('superset');
    const before = large();
    const old = everyPiece(writer.pieces(before).piece);
    const entry = { id: 'i-00000700', ownerId: '000000000002', privateIp: '10.0.0.9', securityGroups: ['sg-00000001'] };
    const after = { ...before, instances: withEntry(before.instances, entry.id, entry) };
    const fresh = [...everyPiece(writer.pieces(after, before).piece)].filter((piece) => !old.has(piece));
    const rendered = fresh.filter((piece) => piece.kind === 'bytes' && piece.byteLength > 2000);
    assert.equal(rendered.length, 1);
    assert.ok(fresh.length < 16, `${fresh.length} new pieces`);
  });

  it('change their digest with the stamp, but not the digest of the content', () => {
    const writer = entryWriter('superset');
    const parts = large();
    const [one, other] = [writer.pieces(parts), writer.pieces({ ...parts, stamp: stampAt(77) })];
    assert.notEqual(one.digest, other.digest);
    assert.equal(one.contentDigest, other.contentDigest);
  });

  it('refuse parts of another dialect', () => {
    assert.throws(() => entryWriter('4.0').pieces(emptyParts('4.4')), /expected parts of dialect 4.0, got 4.4/);
  });

  it('follow one another when the full render comes in pieces', () => {
    const world = emptyWorld();
    const bytes = renderBytes(documentOf(world), '4.4', stampAt(3));
    assert.equal(Buffer.concat(bytes).toString(), renderDocument(documentOf(world), '4.4', stampAt(3)));
  });
});
