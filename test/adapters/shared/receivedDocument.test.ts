/** Which of two documents is to be kept: the order within a cloud, foreign documents without one, and what is no document. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { compareOrder, receivedDocument, successionOf } from '../../../src/adapters/shared/receivedDocument.ts';

const bytes = (attributes: string, content = '<configuration/>'): Uint8Array =>
  Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n<network-data ${attributes}>${content}</network-data>\n`);

const documentOf = (epoch: number, position: number, content?: string) =>
  receivedDocument([bytes(`version="0000000a" epoch="${epoch}" position="${position}"`, content)]) ??
  assert.fail('expected a document');

const foreign = (version: string, content?: string) =>
  receivedDocument([bytes(`version="${version}"`, content)]) ?? assert.fail('expected a document');

describe('the root of a document', () => {
  test('says stamp and order, also when its bytes come in many small pieces', () => {
    const whole = bytes('version="00c0ffee" epoch="3" position="41"');
    for (const size of [1, 7, 4096]) {
      const pieces = Array.from({ length: Math.ceil(whole.length / size) }, (_, i) =>
        whole.subarray(i * size, (i + 1) * size),
      );
      const { stamp, order } = receivedDocument(pieces) ?? assert.fail(`expected a document in pieces of ${size}`);
      assert.deepEqual([stamp, order], ['00c0ffee', { epoch: 3, position: 41 }]);
    }
  });

  test('without order is a foreign one, and without numbers has none', () => {
    assert.deepEqual([foreign('abc').stamp, foreign('abc').order], ['abc', undefined]);
    for (const odd of ['epoch="x" position="1"', 'epoch="-1" position="1"', 'epoch="1"', 'epoch="1" position="1e3"']) {
      assert.equal(receivedDocument([bytes(odd)])?.order, undefined, odd);
    }
    assert.equal(receivedDocument([Buffer.from('<network-data/>')])?.stamp, '');
  });

  test('that is none is refused, whatever comes', () => {
    for (const text of ['', '<network-dat version="1"/>', 'version="1"', '{"network-data":1}', '<!-- x -->']) {
      assert.equal(receivedDocument([Buffer.from(text)]), undefined, text);
    }
    assert.equal(receivedDocument([]), undefined);
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 5 }), (pieces) => {
        const document = receivedDocument(pieces);
        assert.ok(document === undefined || typeof document.stamp === 'string');
      }),
    );
  });
});

describe('succession', () => {
  test('goes by epoch, then by position', () => {
    const one = documentOf(1, 5);
    assert.equal(successionOf(one, undefined), 'newer');
    assert.equal(successionOf(documentOf(1, 6), one), 'newer');
    assert.equal(successionOf(documentOf(2, 0), one), 'newer');
    assert.equal(successionOf(documentOf(1, 5), one), 'same');
    assert.deepEqual(successionOf(documentOf(1, 4), one), {
      reason: 'older-document',
      detail: 'got epoch/position 1/4, have 1/5',
    });
    assert.equal((successionOf(one, documentOf(2, 0)) as { reason: string }).reason, 'older-document');
  });

  test('with one order and two contents is an alarm', () => {
    const clash = successionOf(documentOf(1, 5, 'a'), documentOf(1, 5, 'b'));
    assert.equal((clash as { reason: string }).reason, 'same-version-other-content');
  });

  test('of foreign documents is new content, whatever their version says', () => {
    assert.equal(successionOf(foreign('1', 'a'), foreign('1', 'a')), 'same');
    assert.equal(successionOf(foreign('1', 'a'), foreign('1', 'b')), 'newer');
    assert.equal(successionOf(foreign('1'), documentOf(9, 9)), 'newer');
    assert.equal(successionOf(documentOf(1, 1), foreign('1')), 'newer');
  });

  test('is an order: of any two, one is newer or both are the same', () => {
    const order = fc.record({ epoch: fc.nat(3), position: fc.nat(5) });
    fc.assert(
      fc.property(order, order, order, (a, b, c) => {
        const sign = (x: typeof a, y: typeof a) => Math.sign(compareOrder(x, y) ?? Number.NaN);
        assert.equal(sign(a, b), 0 - sign(b, a));
        if (sign(a, b) >= 0 && sign(b, c) >= 0) assert.ok(sign(a, c) >= 0);
      }),
    );
    assert.equal(compareOrder(undefined, { epoch: 1, position: 1 }), undefined);
  });
});
