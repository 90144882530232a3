/**
 * A thousand ways to damage a valid envelope, the same thousand in every run: the receiver never throws, and whatever it
 * still accepts says exactly what the original said.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readEnvelopeMessage } from '../../../src/adapters/soap/reader.ts';
import { isRefusal } from '../../../src/domain/refusals.ts';
import { accept, seeded, signedText } from './fixtures.ts';

const original = signedText();
const genuine = accept(original);

type Random = () => number;
type Mutation = (bytes: Buffer, random: Random) => Buffer;

const at = (bytes: Buffer, random: Random): number => Math.floor(random() * (bytes.length + 1));

/** A stretch from one tag to another, so that moved pieces are often well-formed. */
const stretch = (bytes: Buffer, random: Random): readonly [number, number] => {
  const text = bytes.toString('latin1');
  const starts = [...text.matchAll(/<(\w+:\w+)/g)];
  const start = starts[Math.floor(random() * starts.length)];
  if (start === undefined) return [0, 0];
  const end = text.indexOf(`</${start[1]}>`, start.index);
  return [start.index, end < 0 ? start.index : end + (start[1]?.length ?? 0) + 3];
};

const splice = (bytes: Buffer, from: number, to: number, put: Buffer): Buffer =>
  Buffer.concat([bytes.subarray(0, from), put, bytes.subarray(to)]);

const spices = [
  '<',
  '>',
  '&',
  '"',
  "'",
  ' ',
  '\n',
  '\0',
  '=',
  '#',
  '<!--x-->',
  '<![CDATA[',
  ']]>',
  '<?x?>',
  '<!DOCTYPE a>',
  '&lt;',
  '&#0;',
  '&a;',
  ' xmlns=""',
  ' wsu:Id="id-4"',
  '</soapenv:Body>',
  '\xff',
  '\u2028',
];

const mutations: readonly Mutation[] = [
  (bytes, random) => {
    const copy = Buffer.from(bytes);
    const where = Math.floor(random() * copy.length);
    copy[where] = (copy[where] ?? 0) ^ (1 << Math.floor(random() * 8));
    return copy;
  },
  (bytes, random) => {
    const from = at(bytes, random);
    return splice(bytes, from, from + Math.ceil(random() * 40), Buffer.alloc(0));
  },
  (bytes, random) => {
    const where = at(bytes, random);
    return splice(bytes, where, where, Buffer.from(spices[Math.floor(random() * spices.length)] ?? '', 'latin1'));
  },
  (bytes, random) => bytes.subarray(0, at(bytes, random)),
  (bytes, random) => {
    const [from, to] = stretch(bytes, random);
    const [where] = stretch(bytes, random);
    return splice(bytes, where, where, bytes.subarray(from, to));
  },
  (bytes, random) => {
    const [from, to] = stretch(bytes, random);
    return splice(bytes, from, to, Buffer.alloc(0));
  },
  (bytes, random) => {
    const [from, to] = stretch(bytes, random);
    const [otherFrom, otherTo] = stretch(bytes, random);
    return splice(bytes, from, to, bytes.subarray(otherFrom, otherTo));
  },
  (bytes, random) => {
    const digits = [...bytes.toString('latin1').matchAll(/[0-9A-Za-z]/g)];
    const where = digits[Math.floor(random() * digits.length)]?.index ?? 0;
    return splice(bytes, where, where + 1, Buffer.from(String.fromCharCode(48 + Math.floor(random() * 10))));
  },
];

const mutant = (seed: number): Buffer => {
  const random = seeded(seed);
  const rounds = 1 + Math.floor(random() * 3);
  let bytes = Buffer.from(original);
  for (let round = 0; round < rounds; round += 1) {
    bytes = Buffer.from(mutations[Math.floor(random() * mutations.length)]?.(bytes, random) ?? bytes);
  }
  return bytes;
};

test('a thousand damaged envelopes: none crashes the receiver, none is believed with another content', () => {
  assert.ok(!isRefusal(genuine));
  const seen = new Map<string, number>();
  for (let seed = 1; seed <= 1000; seed += 1) {
    const outcome = accept(mutant(seed));
    const verdict = isRefusal(outcome) ? outcome.refused : 'accepted';
    seen.set(verdict, (seen.get(verdict) ?? 0) + 1);
    if (!isRefusal(outcome)) assert.deepEqual(outcome, genuine, `seed ${seed}`);
  }
  // The fuzz is worth something only if it reaches the layers behind the parser and sometimes does no harm.
  for (const reached of [
    'accepted',
    'xml-malformed',
    'soap-structure',
    'soap-duplicate-id',
    'security-digest',
    'security-signature',
    'security-structure',
  ]) {
    assert.ok(seen.has(reached), `no mutant reached ${reached}: ${JSON.stringify([...seen])}`);
  }
});

test('the same thousand, read without a signature asked for, are read or refused', () => {
  for (let seed = 1; seed <= 1000; seed += 1) {
    const outcome = readEnvelopeMessage([mutant(seed)]);
    assert.ok(isRefusal(outcome) || outcome.kind.length > 0);
  }
});

test('random bytes are refused', () => {
  for (let seed = 1; seed <= 300; seed += 1) {
    const random = seeded(seed);
    const bytes = Buffer.from(Array.from({ length: 64 }, () => Math.floor(random() * 256)));
    assert.ok(isRefusal(accept(bytes)));
  }
});
