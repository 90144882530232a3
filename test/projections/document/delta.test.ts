/**
 * The delta law: what a delta makes of the old version is the new one, byte for byte, also through its text and also passed on
 * by a receiver. Whatever does not fit is refused and changes nothing. One change of one instance is at most 500 bytes.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { isRefusal } from '../../../src/domain/refusals.ts';
import { type Delta, deltaOf, editCount } from '../../../src/projections/document/delta.ts';
import { decodeDelta, encodeDelta } from '../../../src/projections/document/deltaText.ts';
import type { InstanceEntry } from '../../../src/projections/document/model.ts';
import { buffersOf, type DocumentPieces } from '../../../src/projections/document/pieces.ts';
import { applyDelta, type ReceivedDocument, receivedWriter } from '../../../src/projections/document/received.ts';
import { wholeText } from '../../../src/projections/document/wholeText.ts';
import { withEntry } from '../../../src/projections/trie.ts';
import { advanceParts, dialects, emptyParts, entryWriter, hex, type Parts, stampAt, steps } from './worlds.ts';

const textOf = ({ piece }: DocumentPieces): string => Buffer.concat(buffersOf(piece)).toString('utf8');

const throughText = (delta: Delta): Delta => {
  const read = decodeDelta(encodeDelta(delta));
  if (isRefusal(read)) throw new Error(read.detail);
  return read;
};

const applied = (current: ReceivedDocument | undefined, delta: Delta): ReceivedDocument => {
  const next = applyDelta(current, delta);
  if (isRefusal(next)) throw new Error(next.detail);
  return next;
};

const instance = (n: number, privateIp = '10.112.100.100'): InstanceEntry => ({
  id: `i-${hex(n)}`,
  ownerId: '000000000002',
  macAddress: `d0:0d:${hex(n).match(/../g)?.join(':')}`,
  publicIp: '10.111.200.200',
  privateIp,
  securityGroups: ['sg-0000000a'],
});

const populated = (count: number): Parts => {
  let parts = advanceParts(emptyParts('superset'), { kind: 'node', cluster: 'PARTI00', node: '10.111.105.170' });
  for (let n = 0; n < count; n += 1) parts = advanceParts(parts, { kind: 'instance', entry: instance(n) });
  return { ...parts, stamp: stampAt(1_000_000) };
};

describe('delta of two versions', () => {
  for (const dialect of dialects) {
    it(`against nothing is the whole document, written leaf by leaf, dialect ${dialect}`, () => {
      fc.assert(
        fc.property(steps(400), (all) => {
          const writer = entryWriter(dialect);
          const parts = all.reduce(advanceParts, emptyParts(dialect));
          assert.equal(wholeText(writer, parts).toString('utf8'), encodeDelta(deltaOf(writer, undefined, parts)));
        }),
        { numRuns: 30 },
      );
    });

    it(`makes the new version of the old one, dialect ${dialect}`, () => {
      fc.assert(
        fc.property(steps(400), fc.array(steps(30), { maxLength: 5 }), (first, batches) => {
          const writer = entryWriter(dialect);
          let sent = first.reduce(advanceParts, emptyParts(dialect));
          let here = applied(undefined, throughText(deltaOf(writer, undefined, sent)));
          let further = applied(undefined, deltaOf(receivedWriter(dialect), undefined, here.parts));
          batches.forEach((batch, index) => {
            const next = { ...batch.reduce(advanceParts, sent), stamp: stampAt(index) };
            const old = here.parts;
            here = applied(here, throughText(deltaOf(writer, sent, next)));
            further = applied(further, throughText(deltaOf(receivedWriter(dialect), old, here.parts)));
            sent = next;
            const wanted = textOf(writer.pieces(sent));
            assert.equal(textOf(here.pieces), wanted);
            assert.equal(textOf(further.pieces), wanted);
          });
        }),
        { numRuns: 30 },
      );
    });
  }

  it('leaves the document it starts from as it was', () => {
    fc.assert(
      fc.property(steps(80), steps(20), (first, more) => {
        const writer = entryWriter('superset');
        const before = first.reduce(advanceParts, emptyParts('superset'));
        const here = applied(undefined, deltaOf(writer, undefined, before));
        const text = textOf(here.pieces);
        applied(here, deltaOf(writer, before, more.reduce(advanceParts, before)));
        assert.equal(textOf(receivedWriter('superset').pieces(here.parts)), text);
      }),
      { numRuns: 40 },
    );
  });

  it('is at most 500 bytes when one instance changed, was placed, or both', () => {
    const writer = entryWriter('superset');
    const before = populated(200);
    const changed = advanceParts(before, { kind: 'instance', entry: instance(7, '10.112.200.201') });
    const place = { kind: 'place', cluster: 'PARTI00', node: '10.111.105.170' } as const;
    const placed = advanceParts(before, { ...place, id: instance(7).id });
    const launched = advanceParts(advanceParts(before, { kind: 'instance', entry: instance(700) }), {
      ...place,
      id: instance(700).id,
    });
    for (const after of [changed, placed, launched]) {
      const delta = deltaOf(writer, before, { ...after, stamp: stampAt(1_000_001) });
      assert.ok(editCount(delta) >= 1 && editCount(delta) <= 2);
      const length = Buffer.byteLength(encodeDelta(delta));
      assert.ok(length <= 500, `${length} bytes: ${encodeDelta(delta)}`);
    }
  });

  it('says nothing of a view that is another object with the same text', () => {
    const writer = entryWriter('superset');
    const before = populated(100);
    const after = { ...before, instances: withEntry(before.instances, instance(5).id, { ...instance(5) }) };
    assert.equal(editCount(deltaOf(writer, before, after)), 0);
  });

  it('is the whole document when the dialect changed', () => {
    const writer = entryWriter('4.0');
    const before = { ...populated(3), dialect: 'superset' as const };
    const delta = deltaOf(writer, before, { ...before, dialect: '4.0' });
    assert.equal(delta.from, null);
    const here = applied(applied(undefined, deltaOf(entryWriter('superset'), undefined, before)), delta);
    assert.equal(here.parts.dialect, '4.0');
  });
});

describe('a delta that does not fit', () => {
  const writer = entryWriter('superset');
  const before = populated(100);
  const after = advanceParts(before, { kind: 'instance', entry: instance(3, '10.9.9.9') });
  const base = applied(undefined, deltaOf(writer, undefined, before));
  const delta = deltaOf(writer, before, after);

  const refusal = (current: ReceivedDocument | undefined, wished: Delta): string => {
    const outcome = applyDelta(current, wished);
    return isRefusal(outcome) ? outcome.refused : 'applied';
  };

  it('is refused on another base', () => {
    assert.equal(refusal(undefined, delta), 'delta-base');
    assert.equal(refusal(applied(base, delta), delta), 'delta-base');
  });

  it('is refused when something else comes out than was promised', () => {
    assert.equal(refusal(base, { ...delta, to: delta.from ?? '' }), 'delta-digest');
    assert.equal(refusal(base, { ...delta, set: [] }), 'delta-digest');
    assert.equal(refusal(base, { ...delta, stamp: stampAt(5) }), 'delta-digest');
  });

  it('is refused when it speaks of what is not there', () => {
    const wishes: Partial<Delta>[] = [
      { removed: [['i', 'i-ffffffff']] },
      { removed: [['g', 'sg-ffffffff']] },
      { removed: [['c', 'nowhere']] },
      { removed: [['n', 'PARTI00', 'nowhere']] },
      { removed: [['m', 'PARTI00', '10.111.105.170', 'i-ffffffff']] },
      { set: [['n', 'nowhere', '10.0.0.1']] },
      { set: [['m', 'PARTI00', 'nowhere', 'i-00000001']] },
    ];
    for (const wish of wishes) assert.equal(refusal(base, { ...delta, ...wish }), 'delta-malformed');
    assert.equal(refusal(undefined, { ...delta, from: null }), 'delta-malformed');
  });
});

describe('delta as text', () => {
  const writer = entryWriter('superset');
  const before = populated(10);
  const after = advanceParts(before, { kind: 'instance', entry: instance(3, '10.9.9.9') });
  const wire = JSON.parse(encodeDelta(deltaOf(writer, before, after))) as Record<string, unknown>;

  const refusalOf = (change: Record<string, unknown>): string => {
    const read = decodeDelta(JSON.stringify({ ...wire, ...change }));
    return isRefusal(read) ? `${read.refused} ${read.member}` : 'read';
  };

  it('is read back as it was', () => {
    assert.equal(refusalOf({}), 'read');
    fc.assert(
      fc.property(steps(60), steps(30), (first, more) => {
        const old = first.reduce(advanceParts, emptyParts('superset'));
        const delta = deltaOf(writer, old, more.reduce(advanceParts, old));
        assert.deepEqual(decodeDelta(encodeDelta(delta)), delta);
      }),
      { numRuns: 40 },
    );
  });

  it('is refused with the name of the member that is wrong', () => {
    assert.equal(refusalOf({ delta: 2 }), 'delta-malformed delta');
    assert.equal(refusalOf({ dialect: '5.0' }), 'delta-malformed dialect');
    assert.equal(refusalOf({ from: 'abc' }), 'delta-malformed from');
    assert.equal(refusalOf({ to: undefined }), 'delta-malformed to');
    assert.equal(refusalOf({ to: `${'A'.repeat(42)}B` }), 'delta-malformed to');
    assert.equal(refusalOf({ stamp: ['0000000g', 1, 1] }), 'delta-malformed stamp');
    assert.equal(refusalOf({ stamp: ['00000000', 1.5, 1] }), 'delta-malformed stamp');
    assert.equal(refusalOf({ head: 5 }), 'delta-malformed head');
    assert.equal(refusalOf({ removed: {} }), 'delta-malformed removed');
    assert.equal(refusalOf({ length: 5 }), 'delta-malformed length');
    assert.equal(refusalOf({ ['__proto__']: null }), 'delta-malformed __proto__');
  });

  it('is refused when an edit is not exactly one of the known ones', () => {
    const settings = [
      ['i', 'x'],
      ['i', 'x', ''],
      ['i', '', 'x'],
      ['x', 'x', 'x'],
      ['n', 'x'],
      ['n', 'x', 'y', 'z'],
      ['m', 'x', 'y'],
      ['i', 'x', 5],
      ['i', 'a\0', 'x'],
      ['i', 'x'.repeat(256), 'x'],
      'i',
      null,
      [],
    ];
    for (const edit of settings) assert.equal(refusalOf({ set: [edit] }), 'delta-malformed set');
    const removals = [['i', 'x', 'y'], ['i'], ['m', 'x', 'y'], ['c', '']];
    for (const edit of removals) assert.equal(refusalOf({ removed: [edit] }), 'delta-malformed removed');
  });

  it('never throws, whatever comes in', () => {
    for (const text of ['', 'null', '[]', '"x"', '{', '{"delta":1}', '{"__proto__":{}}']) {
      assert.ok(isRefusal(decodeDelta(text)), text);
    }
    fc.assert(
      fc.property(fc.json(), (text) => {
        decodeDelta(text);
      }),
    );
  });
});
