/** Envelopes byte for byte: what goes over the wire is a contract, so it is written out here in full. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { writeMessage } from '../../../src/adapters/soap/bodyWriter.ts';
import { messageIdOf, writeEnvelope, writeFault } from '../../../src/adapters/soap/envelope.ts';
import { answerTo, nodeAnswerTo } from '../../../src/adapters/soap/messages.ts';
import { acceptedActions, actionOf } from '../../../src/adapters/soap/names.ts';
import { addressing, broadcast, cut, signedText } from './fixtures.ts';

const textOf = (pieces: readonly Uint8Array[]): string => Buffer.concat(pieces).toString();

const soap = 'http://schemas.xmlsoap.org/soap/envelope/';
const wsa = 'http://www.w3.org/2005/08/addressing';
const wsu = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd';
const wsse = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd';
const token = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3';
const base64Binary = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary';
const c14n = 'http://www.w3.org/2001/10/xml-exc-c14n#';

const message =
  '<euca:BroadcastNetworkInfo xmlns:euca="http://eucalyptus.ucsb.edu/">' +
  '<euca:correlationId>b4b0c0de-0000-4000-8000-000000000001</euca:correlationId><euca:userId>eucalyptus</euca:userId>' +
  '<euca:return>true</euca:return><euca:epoch>7</euca:epoch>' +
  '<euca:services><euca:partition>eucalyptus</euca:partition><euca:type>eucalyptus</euca:type>' +
  '<euca:name>10.111.5.11</euca:name><euca:uris>http://10.111.5.11:8773/services/Eucalyptus</euca:uris></euca:services>' +
  '<euca:version>0a1b2c3d</euca:version>' +
  '<euca:networkInfo>PD94bWwgdmVyc2lvbj0iMS4wIiBlbmNvZGluZz0iVVRGLTgiPz48bmV0d29yay1kYXRhIHZlcnNpb249IjBhMWIyYzNkIj48aW5zdGFuY2VzLz48L25ldHdvcmstZGF0YT4=</euca:networkInfo>' +
  '</euca:BroadcastNetworkInfo>';

test('an unsigned push to a cluster controller, in full', () => {
  const written = writeEnvelope(broadcast, addressing);
  const expected =
    `<soapenv:Envelope xmlns:soapenv="${soap}"><soapenv:Header>` +
    `<wsa:To xmlns:wsa="${wsa}">http://10.111.5.16:8774/axis2/services/EucalyptusCC</wsa:To>` +
    `<wsa:Action xmlns:wsa="${wsa}">EucalyptusCC#BroadcastNetworkInfo</wsa:Action>` +
    `<wsa:MessageID xmlns:wsa="${wsa}">urn:uuid:CA383A08A8CD40BD88C027524E6C4ACC</wsa:MessageID>` +
    `</soapenv:Header><soapenv:Body xmlns:soapenv="${soap}">${message}</soapenv:Body></soapenv:Envelope>`;
  assert.equal(textOf(written.pieces), expected);
  assert.equal(written.byteLength, Buffer.byteLength(expected));
});

const sha = (text: string, digest: string): string => createHash(digest).update(text).digest('base64');

const signedEnvelope = (certificate: string, signature: string): string => {
  const to = `<wsa:To xmlns:wsa="${wsa}" xmlns:wsu="${wsu}" wsu:Id="id-1">http://10.111.5.16:8774/axis2/services/EucalyptusCC</wsa:To>`;
  const action = `<wsa:Action xmlns:wsa="${wsa}" xmlns:wsu="${wsu}" wsu:Id="id-2">EucalyptusCC#BroadcastNetworkInfo</wsa:Action>`;
  const messageId = `<wsa:MessageID xmlns:wsa="${wsa}" xmlns:wsu="${wsu}" wsu:Id="id-3">urn:uuid:CA383A08A8CD40BD88C027524E6C4ACC</wsa:MessageID>`;
  const timestamp =
    `<wsu:Timestamp xmlns:wsu="${wsu}" wsu:Id="TS-1"><wsu:Created>2026-11-22T05:48:08.000Z</wsu:Created>` +
    '<wsu:Expires>2026-11-22T05:53:08.000Z</wsu:Expires></wsu:Timestamp>';
  const body = `<soapenv:Body xmlns:soapenv="${soap}" xmlns:wsu="${wsu}" wsu:Id="id-4">${message}</soapenv:Body>`;
  const reference = (id: string, text: string): string =>
    `<ds:Reference URI="#${id}"><ds:Transforms><ds:Transform Algorithm="${c14n}"></ds:Transform></ds:Transforms>` +
    '<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></ds:DigestMethod>' +
    `<ds:DigestValue>${sha(text, 'sha256')}</ds:DigestValue></ds:Reference>`;
  return (
    `<soapenv:Envelope xmlns:soapenv="${soap}"><soapenv:Header><wsse:Security xmlns:wsse="${wsse}">${timestamp}` +
    `<wsse:BinarySecurityToken xmlns:wsu="${wsu}" EncodingType="${base64Binary}" ValueType="${token}" wsu:Id="X509-1">${certificate}</wsse:BinarySecurityToken>` +
    '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#" Id="SIG-1"><ds:SignedInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">' +
    `<ds:CanonicalizationMethod Algorithm="${c14n}"></ds:CanonicalizationMethod>` +
    '<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"></ds:SignatureMethod>' +
    reference('id-1', to) +
    reference('id-3', messageId) +
    reference('id-2', action) +
    reference('TS-1', timestamp) +
    reference('id-4', body) +
    `</ds:SignedInfo><ds:SignatureValue>${signature}</ds:SignatureValue><ds:KeyInfo><wsse:SecurityTokenReference>` +
    `<wsse:Reference URI="#X509-1" ValueType="${token}"></wsse:Reference></wsse:SecurityTokenReference></ds:KeyInfo>` +
    `</ds:Signature></wsse:Security>${to}${action}${messageId}</soapenv:Header>${body}</soapenv:Envelope>`
  );
};

test('a signed push, in full: only certificate and signature differ from key to key', () => {
  const written = signedText();
  const inner = (tag: string): string => cut(written, tag).replace(/^<[^>]*>|<[^>]*>$/g, '');
  assert.equal(written, signedEnvelope(inner('wsse:BinarySecurityToken'), inner('ds:SignatureValue')));
});

test('a push to a node controller carries its name before the document, and no correlation id', () => {
  const pieces = writeMessage({
    kind: 'ncBroadcastNetworkInfo',
    networkInfo: ['PGEvPg=='],
    nodeName: '10.111.5.70',
    epoch: 7,
    userId: 'eucalyptus',
  });
  assert.equal(
    textOf(pieces),
    '<euca:ncBroadcastNetworkInfo xmlns:euca="http://eucalyptus.ucsb.edu/"><euca:userId>eucalyptus</euca:userId>' +
      '<euca:epoch>7</euca:epoch><euca:nodeName>10.111.5.70</euca:nodeName><euca:networkInfo>PGEvPg==</euca:networkInfo>' +
      '</euca:ncBroadcastNetworkInfo>',
  );
});

test('answers say what each controller says', () => {
  assert.deepEqual(answerTo(broadcast, true), {
    kind: 'BroadcastNetworkInfoResponse',
    correlationId: broadcast.correlationId,
    userId: 'eucalyptus',
    return: true,
  });
  assert.equal(answerTo(broadcast, false).statusMessage, 'ERROR');
  const push = { kind: 'ncBroadcastNetworkInfo', userId: 'eucalyptus', networkInfo: [] } as const;
  assert.equal(
    textOf(writeMessage(nodeAnswerTo(push, true))),
    '<euca:ncBroadcastNetworkInfoResponse xmlns:euca="http://eucalyptus.ucsb.edu/"><euca:userId>eucalyptus</euca:userId>' +
      '<euca:statusMessage>0</euca:statusMessage><euca:return>true</euca:return></euca:ncBroadcastNetworkInfoResponse>',
  );
  assert.equal(nodeAnswerTo(push, false).statusMessage, '2');
});

test('legacy address messages', () => {
  assert.equal(
    textOf(writeMessage({ kind: 'AssignAddress', uuid: 'u', source: '10.111.103.1', dest: '10.112.0.10' })),
    '<euca:AssignAddress xmlns:euca="http://eucalyptus.ucsb.edu/"><euca:uuid>u</euca:uuid>' +
      '<euca:source>10.111.103.1</euca:source><euca:dest>10.112.0.10</euca:dest></euca:AssignAddress>',
  );
  assert.equal(
    textOf(writeMessage({ kind: 'UnassignAddress', source: '10.111.103.1', dest: '10.112.0.10' })),
    '<euca:UnassignAddress xmlns:euca="http://eucalyptus.ucsb.edu/">' +
      '<euca:source>10.111.103.1</euca:source><euca:dest>10.112.0.10</euca:dest></euca:UnassignAddress>',
  );
});

test('a fault', () => {
  assert.equal(
    textOf(writeFault({ code: 'soapenv:Client', text: 'a < b', refused: 'soap-structure' }).pieces),
    `<soapenv:Envelope xmlns:soapenv="${soap}"><soapenv:Body><soapenv:Fault xmlns:wsse="${wsse}">` +
      '<faultcode>soapenv:Client</faultcode><faultstring>a &lt; b</faultstring>' +
      '<detail><euca:refused xmlns:euca="http://eucalyptus.ucsb.edu/">soap-structure</euca:refused></detail>' +
      '</soapenv:Fault></soapenv:Body></soapenv:Envelope>',
  );
});

test('actions: the node operation loses its prefix, a receiver takes both', () => {
  assert.equal(actionOf('BroadcastNetworkInfo'), 'EucalyptusCC#BroadcastNetworkInfo');
  assert.equal(actionOf('ncBroadcastNetworkInfo'), 'EucalyptusNC#BroadcastNetworkInfo');
  assert.deepEqual(acceptedActions('ncBroadcastNetworkInfo'), [
    'EucalyptusNC#BroadcastNetworkInfo',
    'EucalyptusNC#ncBroadcastNetworkInfo',
  ]);
  assert.equal(messageIdOf('ca383a08-a8cd-40bd-88c0-27524e6c4acc'), addressing.messageId);
});

test('shared pieces of a document pass through as the very same buffers', () => {
  const shared = [Buffer.from('QUJD'), Buffer.from('REVG')];
  const written = writeEnvelope({ ...broadcast, networkInfo: shared }, addressing);
  for (const piece of shared) assert.ok(written.pieces.includes(piece));
});

test('a piece that is not base64 cannot break out of its element', () => {
  const evil = '</euca:networkInfo><euca:networkInfo>';
  for (const piece of [evil, Buffer.from(evil)]) {
    const text = textOf(writeMessage({ ...broadcast, networkInfo: [piece] }));
    assert.equal(text.split('<euca:networkInfo>').length, 2);
    assert.ok(text.includes('&lt;/euca:networkInfo&gt;&lt;euca:networkInfo&gt;'));
  }
});
