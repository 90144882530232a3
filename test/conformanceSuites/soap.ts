/**
 * Suites of this file: soap-broadcast. A document is pushed through the writer, and the envelope's bytes are read back by
 * the reader; the facts compared are those of the wire, not of the data that went in.
 */
import { base64OfPieces } from '../../src/adapters/soap/base64.ts';
import { writeEnvelope } from '../../src/adapters/soap/envelope.ts';
import { actionOf, contentType, endpoints } from '../../src/adapters/soap/names.ts';
import { readEnvelope } from '../../src/adapters/soap/reader.ts';
import { elementsOf, textOf } from '../../src/adapters/soap/xmlQueries.ts';
import type { XmlElement } from '../../src/adapters/soap/xmlTree.ts';
import { isRefusal } from '../../src/domain/refusals.ts';
import { objectMember, type Suite, type Suites, same, textMember } from './verdict.ts';

const nameOf = ({ uri, local }: XmlElement) => ({ namespace: uri, localName: local });

/** In three pieces, as a document is: how it is cut must not show. */
const cut = (bytes: Buffer): readonly Uint8Array[] => [
  bytes.subarray(0, 7),
  bytes.subarray(7, 100),
  bytes.subarray(100),
];

const factsOf = (xml: string) => {
  const action = actionOf('BroadcastNetworkInfo');
  const { port, path } = endpoints.clusterController;
  const written = writeEnvelope(
    { kind: 'BroadcastNetworkInfo', networkInfo: base64OfPieces(cut(Buffer.from(xml))) },
    { to: `http://127.0.0.1:${port}${path}`, action, messageId: 'urn:uuid:00000000000000000000000000000000' },
  );
  const envelope = readEnvelope(written.pieces);
  if (isRefusal(envelope)) throw new Error(`our own envelope was refused: ${envelope.detail}`);
  const payload = elementsOf(envelope.payload).at(-1);
  return {
    bodyElement: nameOf(envelope.payload),
    payloadElement: payload && { ...nameOf(payload), text: textOf(payload) },
    soapAction: action,
    wsaAction: envelope.addressing.action,
    envelopeNamespace: envelope.root.uri,
    responseElement: `${envelope.payload.local}Response`,
    path,
    port,
    contentType,
  };
};

const soapBroadcast: Suite = (c) => {
  const expected = objectMember(c, 'expected');
  const facts = Object.entries(factsOf(textMember(c, 'networkInfoXml')));
  return same(expected, Object.fromEntries(facts.filter(([name]) => name in expected)));
};

export const suites: Suites = { 'soap-broadcast': soapBroadcast };
