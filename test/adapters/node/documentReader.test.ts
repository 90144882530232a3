/**
 * The reader of network documents: reads back what is rendered, keeps the identity of what did not change, gives the same
 * answer by pieces and as a whole, and never accepts half a document.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createDocumentReader, type ReadDocument, readDocument } from '../../../src/adapters/node/documentReader.ts';
import { isRefusal } from '../../../src/domain/refusals.ts';
import type { NetworkDocument, RuleEntry } from '../../../src/projections/document/model.ts';
import { renderDocument } from '../../../src/projections/document/render.ts';
import { cloud, documentOf } from '../../projections/plan/clouds.ts';

const stamp = { version: '0a1b2c3d', epoch: 3, position: 1234 };

const bytesOf = (document: NetworkDocument): Buffer => Buffer.from(renderDocument(document, 'superset', stamp));

const taken = (answer: ReturnType<typeof readDocument>): ReadDocument => {
  if (isRefusal(answer)) throw new Error(JSON.stringify(answer));
  return answer;
};

/** A comment anywhere sends the reader down the slow road. */
const withComment = (bytes: Buffer): Buffer =>
  Buffer.from(
    bytes
      .toString()
      .replace('</instances>', '</instances><!-- slow -->')
      .replace('<instances/>', '<instances></instances><!-- slow -->'),
  );

test('by pieces and as a whole say the same, whatever was read before', () => {
  fc.assert(
    fc.property(fc.array(cloud, { minLength: 1, maxLength: 4 }), (clouds) => {
      const reader = createDocumentReader();
      for (const one of clouds) {
        const bytes = bytesOf(documentOf(one));
        assert.deepEqual(taken(reader.read(bytes)), taken(createDocumentReader().read(withComment(bytes))));
      }
    }),
    { numRuns: 80 },
  );
});

test('what is read, rendered and read again is the same', () => {
  fc.assert(
    fc.property(cloud, (one) => {
      const again = (from: NetworkDocument): ReadDocument => taken(readDocument(bytesOf(from)));
      const written = again(again(documentOf(one)).document);
      assert.deepEqual(again(written.document), { document: written.document, stamp });
    }),
    { numRuns: 80 },
  );
});

const many = (change: (index: number) => Partial<{ publicIp: string }> = () => ({}), skip = -1): NetworkDocument => {
  const [base] = fc.sample(cloud, { numRuns: 1, seed: 7 });
  const document = documentOf(base as NonNullable<typeof base>);
  const instances = Array.from({ length: 50 }, (_, index) => ({
    id: `i-${String(index).padStart(8, '0')}`,
    ownerId: '1',
    macAddress: `d0:0d:00:00:01:${index.toString(16).padStart(2, '0')}`,
    privateIp: `10.111.1.${index + 1}`,
    securityGroups: ['sg-a'],
    ...change(index),
  })).filter((_, index) => index !== skip);
  return { ...document, instances };
};

test('entries whose bytes are as last time are the same objects', () => {
  const reader = createDocumentReader();
  const first = taken(reader.read(bytesOf(many()))).document;
  const changed = taken(
    reader.read(bytesOf(many((index) => (index === 20 ? { publicIp: '203.0.113.1' } : {})))),
  ).document;
  const same = changed.instances.filter((entry, index) => entry === first.instances[index]);
  assert.equal(same.length, 49);
  const removed = taken(reader.read(bytesOf(many(undefined, 10)))).document;
  assert.equal(removed.instances.filter((entry) => changed.instances.includes(entry)).length, 48);
  const back = taken(reader.read(bytesOf(many()))).document;
  assert.equal(back.instances.filter((entry) => removed.instances.includes(entry)).length, 49);
  assert.equal(back.securityGroups[0], first.securityGroups[0]);
});

/** A range that begins at port 0 is written narrower as an element, and other protocols have no words in 4.0. */
test('rules in the words of 4.0 and as elements mean the same', () => {
  fc.assert(
    fc.property(cloud, (one) => {
      const document = documentOf(one);
      const isInBoth = ({ protocol, low }: RuleEntry): boolean =>
        protocol === 1 || ([6, 17].includes(protocol) && low > 0);
      const securityGroups = document.securityGroups.map((group) => ({
        ...group,
        rules: group.rules.filter(isInBoth),
      }));
      const rules = (dialect: 'superset' | '4.0') => {
        const text = renderDocument({ ...document, securityGroups }, dialect, stamp);
        return taken(createDocumentReader().read(Buffer.from(text))).document.securityGroups;
      };
      assert.deepEqual(rules('4.0'), rules('superset'));
    }),
    { numRuns: 40 },
  );
});

test('a document cut anywhere is refused', () => {
  const bytes = bytesOf(many());
  for (let length = 0; length < bytes.length; length += 97) {
    const answer = readDocument(bytes.subarray(0, length));
    assert.ok(isRefusal(answer), `cut after ${length} bytes`);
    assert.equal(answer.refused, 'document-truncated');
  }
});

test('bytes changed anywhere are refused or read, never a fault', () => {
  const bytes = bytesOf(many());
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, byte) => {
      const spoilt = Buffer.from(bytes);
      spoilt[at] = byte;
      const quick = createDocumentReader().read(spoilt);
      if (!isRefusal(quick)) assert.deepEqual(quick, taken(createDocumentReader().read(withComment(spoilt))));
    }),
    { numRuns: 400 },
  );
});

const refusedFor = (change: (text: string) => string): string => {
  const answer = readDocument(Buffer.from(change(bytesOf(many()).toString())));
  return isRefusal(answer) ? answer.refused : 'taken';
};

test('each kind of bad document has its reason', () => {
  assert.equal(
    refusedFor((text) => text),
    'taken',
  );
  assert.equal(
    refusedFor((text) => text.replace('>EDGE<', '>MANAGED<')),
    'document-mode',
  );
  assert.equal(
    refusedFor((text) => text.replace('<property name="mode"><value>EDGE</value></property>', '')),
    'taken',
  );
  assert.equal(
    refusedFor((text) => text.replaceAll('network-data', 'other-data')),
    'document-truncated',
  );
  assert.equal(
    refusedFor((text) => text.replace('<network-data', '<!DOCTYPE x [<!ENTITY a "b">]><network-data')),
    'document-malformed',
  );
  assert.equal(
    refusedFor((text) => text.replace('10.111.1.7<', '&undefined;<')),
    'document-malformed',
  );
  assert.equal(
    refusedFor((text) => text.replace('</instance>', '</instance>word')),
    'taken',
  );
  assert.equal(
    refusedFor((text) => text.replace('10.111.1.7<', '10.111.1.8<')),
    'document-duplicate',
  );
  assert.equal(
    refusedFor((text) => text.replace('d0:0d:00:00:01:07', 'D0:0D:00:00:01:08')),
    'document-duplicate',
  );
  assert.equal(
    refusedFor((text) => text.replace('name="i-00000007"', 'name="i-00000008"')),
    'document-duplicate',
  );
  assert.equal(
    refusedFor((text) => text.replace('</configuration>', '</configuration><configuration></configuration>')),
    'document-malformed',
  );
  assert.equal(
    refusedFor((text) => `${text}${text}`),
    'document-malformed',
  );
});

test('a hidden list is not read as one', () => {
  const hidden = (text: string): string =>
    text.replace('<instances>', '<other><instances>').replace('</instances>', '</instances></other>');
  const answer = taken(readDocument(Buffer.from(hidden(bytesOf(many()).toString()))));
  assert.equal(answer.document.instances.length, 0);
});
