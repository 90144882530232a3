/** What the reader takes and what it refuses, bomb by bomb; and that messages come back as they went. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { writeEnvelope } from '../../../src/adapters/soap/envelope.ts';
import { readFault } from '../../../src/adapters/soap/messageReader.ts';
import type { SoapMessage } from '../../../src/adapters/soap/messages.ts';
import { readEnvelope, readEnvelopeMessage } from '../../../src/adapters/soap/reader.ts';
import { createXmlReader, defaultXmlLimits, type XmlLimits } from '../../../src/adapters/soap/xmlTree.ts';
import { isRefusal } from '../../../src/domain/refusals.ts';
import { addressing, broadcast, document } from './fixtures.ts';

const soap = 'http://schemas.xmlsoap.org/soap/envelope/';
const euca = 'http://eucalyptus.ucsb.edu/';
const wsu = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd';

const envelope = (body: string, header = '', before = ''): string =>
  `${before}<s:Envelope xmlns:s="${soap}" xmlns="${euca}">${header}<s:Body>${body}</s:Body></s:Envelope>`;

const small = '<BroadcastNetworkInfo><networkInfo>QUJD</networkInfo></BroadcastNetworkInfo>';

const outcome = (text: string | Uint8Array, limits?: Partial<XmlLimits>): string => {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  const message = readEnvelopeMessage([bytes], { ...defaultXmlLimits, ...limits });
  return isRefusal(message) ? message.refused : message.kind;
};

const accepted: readonly (readonly [string, string])[] = [
  ['a plain envelope', envelope(small)],
  ['an XML declaration', envelope(small, '', '<?xml version="1.0" encoding="utf-8"?>')],
  ['a byte order mark', `\ufeff${envelope(small)}`],
  ['comments anywhere', envelope(`<!-- a -->${small}<!-- b -->`, '<!-- h -->', '<!-- before -->')],
  [
    'a comment inside a value',
    envelope('<BroadcastNetworkInfo><networkInfo>QU<!-- x -->JD</networkInfo></BroadcastNetworkInfo>'),
  ],
  ['blanks between elements', envelope(`\n  ${small}\n `)],
  [
    'a CDATA section',
    envelope('<BroadcastNetworkInfo><networkInfo><![CDATA[QUJD]]></networkInfo></BroadcastNetworkInfo>'),
  ],
  [
    'the five entities',
    envelope('<BroadcastNetworkInfo><userId>&amp;&lt;&gt;&quot;&apos;&#65;</userId></BroadcastNetworkInfo>'),
  ],
  ['a header nobody must understand', envelope(small, '<s:Header><x xmlns="urn:x" s:mustUnderstand="0"/></s:Header>')],
];
for (const [what, text] of accepted) {
  test(`accepted: ${what}`, () => assert.equal(outcome(text), 'BroadcastNetworkInfo'));
}

const laughs = Array.from({ length: 9 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join('');
const nested = (depth: number): string => '<a>'.repeat(depth) + '</a>'.repeat(depth);
const wide = (count: number): string => Array.from({ length: count }, (_, i) => ` a${i}=""`).join('');

const refused: readonly (readonly [string, string, string])[] = [
  ['a document type', 'xml-doctype', envelope(small, '', '<!DOCTYPE s>')],
  ['an external entity', 'xml-doctype', envelope(small, '', '<!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]>')],
  ['a billion laughs', 'xml-doctype', envelope('&l9;', '', `<!DOCTYPE l [<!ENTITY l0 "ha">${laughs}]>`)],
  ['an entity never declared', 'xml-malformed', envelope('<BroadcastNetworkInfo>&nbsp;</BroadcastNetworkInfo>')],
  [
    'an entity named like a property',
    'xml-malformed',
    envelope('<BroadcastNetworkInfo>&constructor;</BroadcastNetworkInfo>'),
  ],
  ['a processing instruction', 'xml-processing-instruction', envelope(`<?php x?>${small}`)],
  ['a style sheet', 'xml-processing-instruction', envelope(small, '', '<?xml-stylesheet href="x"?>')],
  [
    'a million references',
    'xml-too-many-references',
    envelope(`<BroadcastNetworkInfo>${'&#65;'.repeat(1e6)}</BroadcastNetworkInfo>`),
  ],
  ['33 elements deep', 'xml-too-deep', envelope(nested(31))],
  ['a hundred thousand deep', 'xml-too-deep', envelope(nested(100_000))],
  ['65 attributes', 'xml-too-many-attributes', envelope(`<BroadcastNetworkInfo${wide(65)}/>`)],
  ['a tag that never ends', 'xml-too-many-attributes', envelope(`<BroadcastNetworkInfo${wide(60_000)}`)],
  [
    'ten thousand elements',
    'xml-too-many-elements',
    envelope(`<BroadcastNetworkInfo>${'<services/>'.repeat(10_000)}</BroadcastNetworkInfo>`),
  ],
  ['the same attribute twice', 'xml-malformed', envelope('<BroadcastNetworkInfo a="1" a="2"/>')],
  [
    'the same attribute by two prefixes',
    'xml-malformed',
    envelope('<BroadcastNetworkInfo xmlns:p="urn:u" xmlns:q="urn:u" p:a="" q:a=""/>'),
  ],
  ['an undeclared prefix', 'xml-malformed', envelope('<x:BroadcastNetworkInfo/>')],
  ['a namespace name between blanks', 'xml-malformed', envelope(`<BroadcastNetworkInfo xmlns=" ${euca} "/>`)],
  ['a relative namespace name', 'xml-malformed', envelope('<BroadcastNetworkInfo xmlns:p="u"/>')],
  ['XML 1.1', 'xml-malformed', envelope(small, '', '<?xml version="1.1"?>')],
  ['another encoding', 'xml-not-utf8', envelope(small, '', '<?xml version="1.0" encoding="ISO-8859-1"?>')],
  ['a cut document', 'xml-malformed', envelope(small).slice(0, -3)],
  ['two roots', 'xml-malformed', `${envelope(small)}${envelope(small)}`],
  ['text after the root', 'xml-malformed', `${envelope(small)}x`],
  ['nothing', 'xml-malformed', ''],
  ['a control character', 'xml-malformed', envelope('<BroadcastNetworkInfo>\u0001</BroadcastNetworkInfo>')],
  ['no envelope', 'soap-not-an-envelope', '<a/>'],
  ['an envelope of nowhere', 'soap-not-an-envelope', '<Envelope/>'],
  ['SOAP 1.2', 'soap-version', envelope(small).replaceAll(soap, 'http://www.w3.org/2003/05/soap-envelope')],
  ['no body', 'soap-structure', `<s:Envelope xmlns:s="${soap}"/>`],
  ['an empty body', 'soap-structure', envelope('')],
  ['two elements in the body', 'soap-structure', envelope(`${small}${small}`)],
  ['two bodies', 'soap-structure', envelope(`${small}</s:Body><s:Body>${small}`)],
  ['two headers', 'soap-structure', envelope(small, '<s:Header/><s:Header/>')],
  [
    'a header after the body',
    'soap-structure',
    `<s:Envelope xmlns:s="${soap}"><s:Body>x</s:Body><s:Header/></s:Envelope>`,
  ],
  ['text in the envelope', 'soap-structure', envelope(small, 'x')],
  [
    'a header we must understand',
    'soap-not-understood',
    envelope(small, '<s:Header><x xmlns="urn:x" s:mustUnderstand="1"/></s:Header>'),
  ],
  [
    'the same id twice',
    'soap-duplicate-id',
    envelope(small, `<s:Header xmlns:u="${wsu}"><a u:Id="i"/><b u:Id="i"/></s:Header>`),
  ],
  [
    'the same id of two kinds',
    'soap-duplicate-id',
    envelope(small, `<s:Header xmlns:u="${wsu}"><a u:Id="i"/><b Id="i"/></s:Header>`),
  ],
  [
    'an addressing header twice',
    'soap-duplicate-header',
    envelope(small, '<s:Header xmlns:w="http://www.w3.org/2005/08/addressing"><w:To/><w:To/></s:Header>'),
  ],
  ['an unknown message', 'soap-unknown-message', envelope('<RunInstances/>')],
  ['a message named like a property', 'soap-unknown-message', envelope('<constructor/>')],
  ['a message of another namespace', 'soap-unknown-message', envelope('<BroadcastNetworkInfo xmlns="urn:x"/>')],
  ['an unknown member', 'soap-wrong-member', envelope('<BroadcastNetworkInfo><extra/></BroadcastNetworkInfo>')],
  [
    'a member of another namespace',
    'soap-wrong-member',
    envelope('<BroadcastNetworkInfo><userId xmlns=""/></BroadcastNetworkInfo>'),
  ],
  [
    'members out of order',
    'soap-wrong-member',
    envelope('<BroadcastNetworkInfo><epoch>1</epoch><userId>u</userId></BroadcastNetworkInfo>'),
  ],
  [
    'a member twice',
    'soap-wrong-member',
    envelope('<BroadcastNetworkInfo><userId>u</userId><userId>v</userId></BroadcastNetworkInfo>'),
  ],
  [
    'a document twice',
    'soap-wrong-member',
    envelope('<BroadcastNetworkInfo><networkInfo/><networkInfo/></BroadcastNetworkInfo>'),
  ],
  [
    'an epoch beyond 32 bits',
    'soap-wrong-member',
    envelope('<BroadcastNetworkInfo><epoch>2147483648</epoch></BroadcastNetworkInfo>'),
  ],
  ['an epoch in hex', 'soap-wrong-member', envelope('<BroadcastNetworkInfo><epoch>0x7</epoch></BroadcastNetworkInfo>')],
  [
    'a verdict that is no boolean',
    'soap-wrong-member',
    envelope('<BroadcastNetworkInfoResponse><return>yes</return></BroadcastNetworkInfoResponse>'),
  ],
  [
    'a service without a name',
    'soap-wrong-member',
    envelope('<BroadcastNetworkInfo><services><type>t</type></services></BroadcastNetworkInfo>'),
  ],
  [
    'elements inside a document',
    'soap-wrong-member',
    envelope('<BroadcastNetworkInfo><networkInfo><a/></networkInfo></BroadcastNetworkInfo>'),
  ],
  [
    'text between members',
    'soap-wrong-member',
    envelope('<BroadcastNetworkInfo>x<userId>u</userId></BroadcastNetworkInfo>'),
  ],
];
for (const [what, code, text] of refused) {
  test(`refused: ${what}`, () => assert.equal(outcome(text), code));
}

test('refused: bytes that are not UTF-8, also when a character is cut at the end', () => {
  const [start = '', end = ''] = envelope('<BroadcastNetworkInfo><userId>|</userId></BroadcastNetworkInfo>').split('|');
  for (const bad of [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xe2, 0x82]]) {
    assert.equal(outcome(Buffer.concat([Buffer.from(start), Buffer.from(bad), Buffer.from(end)])), 'xml-not-utf8');
  }
  assert.equal(outcome(Buffer.concat([Buffer.from(envelope(small)), Buffer.from([0xe2])])), 'xml-not-utf8');
});

test('size: at the limit read, one byte beyond refused while it arrives', () => {
  const text = envelope(small);
  assert.equal(outcome(text, { maxBytes: text.length }), 'BroadcastNetworkInfo');
  assert.equal(outcome(text, { maxBytes: text.length - 1 }), 'xml-too-large');
  const reader = createXmlReader({ ...defaultXmlLimits, maxBytes: 100 });
  assert.equal(reader.write(Buffer.from('<a>'.padEnd(100, 'x'))), undefined);
  assert.equal(reader.write(Buffer.from('x'))?.refused, 'xml-too-large');
  const end = reader.end();
  assert.ok(isRefusal(end) && end.refused === 'xml-too-large');
});

test('limits hold exactly: 32 deep, 64 attributes and 10 000 elements are still read', () => {
  assert.equal(outcome(envelope(nested(30))), 'soap-unknown-message');
  assert.equal(outcome(envelope(`<BroadcastNetworkInfo${wide(64)}/>`)), 'BroadcastNetworkInfo');
  const list = '<instanceIds>i</instanceIds>'.repeat(10_000 - 3);
  assert.equal(outcome(envelope(`<DescribeInstances>${list}</DescribeInstances>`)), 'DescribeInstances');
});

test('bytes may arrive in any cut', () => {
  const bytes = Buffer.from(envelope(`<BroadcastNetworkInfo><userId>é€😀&amp;\r\n</userId>${small.slice(22)}`));
  for (let size = 1; size < 12; size += 1) {
    const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
      bytes.subarray(i * size, (i + 1) * size),
    );
    const message = readEnvelopeMessage(pieces);
    assert.ok(!isRefusal(message));
    assert.equal(message.userId, 'é€😀&\n');
  }
});

test('addressing headers are read, and a fault with its parts', () => {
  const read = readEnvelope(writeEnvelope(broadcast, { ...addressing, relatesTo: 'urn:uuid:1' }).pieces);
  assert.ok(!isRefusal(read));
  assert.deepEqual(read.addressing, { ...addressing, relatesTo: 'urn:uuid:1' });
  const fault = readEnvelope([
    Buffer.from(
      envelope('<s:Fault><faultcode xmlns="">s:Server</faultcode><faultstring xmlns="">no</faultstring></s:Fault>'),
    ),
  ]);
  assert.ok(!isRefusal(fault));
  assert.deepEqual(readFault(fault.payload), { code: 's:Server', text: 'no' });
});

test('a document that is missing reads as no pieces, so that its receiver can answer', () => {
  const message = readEnvelopeMessage([Buffer.from(envelope('<BroadcastNetworkInfo/>'))]);
  assert.deepEqual(message, { kind: 'BroadcastNetworkInfo', networkInfo: [] });
});

test('an instance report may say more than we know', () => {
  const report =
    '<DescribeInstancesResponse><instances><uuid>u</uuid><instanceId>i-1</instanceId><netParams><publicIp>1.2.3.4</publicIp><vlan>-1</vlan>' +
    '</netParams><extra><deep/></extra><groupNames>a</groupNames><stateName>Extant</stateName><groupNames>b</groupNames></instances></DescribeInstancesResponse>';
  assert.deepEqual(readEnvelopeMessage([Buffer.from(envelope(report))]), {
    kind: 'DescribeInstancesResponse',
    instances: [
      { instanceId: 'i-1', netParams: { publicIp: '1.2.3.4', vlan: -1 }, groupNames: ['a', 'b'], stateName: 'Extant' },
    ],
  });
});

// What XML can carry: no lone surrogates, no control characters; line feeds alone survive line-end normalisation.
const text = fc.string({
  unit: fc.constantFrom('a', 'é', '😀', '&', '<', '>', '"', "'", ']]>', '\r', '\n', '\t', ' '),
});
const name = fc.string({ unit: fc.constantFrom('a', 'b', '&', '<'), minLength: 1 });
const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const some = <T>(item: fc.Arbitrary<T>) => fc.array(item, { minLength: 1, maxLength: 3 });
const optional = <T>(members: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(members, { requiredKeys: [], noNullPrototype: true });
const services = some(
  fc.record(
    { partition: text, type: name, name, uris: some(text) },
    { requiredKeys: ['type', 'name'], noNullPrototype: true },
  ),
);
const preamble = optional({
  correlationId: text,
  userId: text,
  statusMessage: text,
  return: fc.boolean(),
  epoch: int32,
  services,
  disabledServices: services,
  notreadyServices: services,
  nodeName: text,
});
const own: readonly fc.Arbitrary<object>[] = [
  optional({ kind: fc.constant('BroadcastNetworkInfo'), version: text, appliedVersion: text }).map((m) => ({
    ...m,
    kind: 'BroadcastNetworkInfo',
    networkInfo: [Buffer.from('QUJD')],
  })),
  fc.constant({ kind: 'ncBroadcastNetworkInfo', networkInfo: [Buffer.from('QUJD')] }),
  fc.constantFrom(
    { kind: 'BroadcastNetworkInfoResponse' },
    { kind: 'ncBroadcastNetworkInfoResponse' },
    { kind: 'AssignAddressResponse' },
    { kind: 'UnassignAddressResponse' },
  ),
  fc.record({ kind: fc.constant('AssignAddress'), uuid: text, source: name, dest: name }),
  fc.record({ kind: fc.constant('UnassignAddress'), source: name, dest: name }),
  fc.record({
    kind: fc.constant('DescribeNetworks'),
    vmsubdomain: text,
    nameserver: text,
    clusterControllers: some(text),
  }),
  fc.record({ kind: fc.constant('DescribeInstances'), instanceIds: some(text) }),
  fc.record({
    kind: fc.constant('DescribeNetworksResponse'),
    useVlans: int32,
    mode: text,
    vlanMax: int32,
    activeNetworks: some(optional({ uuid: text, vlan: int32, netName: text, userName: text, activeAddrs: some(text) })),
  }),
  fc.record({
    kind: fc.constant('DescribeResources'),
    instanceTypes: some(fc.record({ name, memory: int32, cores: int32, disk: int32 }, { noNullPrototype: true })),
  }),
  fc.record({
    kind: fc.constant('DescribeResourcesResponse'),
    serviceTags: some(text),
    nodes: some(fc.record({ serviceTag: text }, { noNullPrototype: true })),
  }),
  fc.constant({ kind: 'DescribePublicAddresses' }),
  fc.record({
    kind: fc.constant('DescribePublicAddressesResponse'),
    addresses: some(optional({ uuid: text, sourceAddress: text, destAddress: text })),
  }),
  fc.record({
    kind: fc.constant('DescribeInstancesResponse'),
    instances: some(
      fc.record(
        { instanceId: name, netParams: optional({ privateIp: text, networkIndex: int32 }) },
        { noNullPrototype: true },
      ),
    ),
  }),
];

test('every message comes back as it went', () => {
  const message = fc
    .tuple(preamble, fc.oneof(...own))
    .map(([first, rest]) => ({ ...first, ...rest }) as unknown as SoapMessage);
  fc.assert(
    fc.property(message, (sent) => {
      const { pieces } = writeEnvelope(sent, addressing);
      assert.deepEqual(readEnvelopeMessage(pieces), sent);
    }),
    { numRuns: 300 },
  );
});

test('the document itself survives the journey', () => {
  const read = readEnvelopeMessage(writeEnvelope(broadcast, addressing).pieces);
  assert.ok(!isRefusal(read) && read.kind === 'BroadcastNetworkInfo');
  assert.equal(Buffer.from(Buffer.concat(read.networkInfo as Uint8Array[]).toString(), 'base64').toString(), document);
});
