/**
 * From bytes to an envelope whose places are known: one Header at most, one Body, one element in it, no id twice, no header
 * we would have to understand and do not. It decides where things stand, never what they mean (`messageReader.ts`) nor
 * whether they may be trusted (`security/verifier.ts`), and it never throws for bad input.
 */
import { isRefusal, type Refusal } from '../../domain/refusals.ts';
import { readMessage } from './messageReader.ts';
import type { SoapMessage } from './messages.ts';
import { namespaces } from './names.ts';
import { soapRefusal } from './soapRefusals.ts';
import { elementsOf, hasStrayText, isNamed, named, textOf, within } from './xmlQueries.ts';
import { createXmlReader, defaultXmlLimits, type XmlElement, type XmlLimits } from './xmlTree.ts';

/** The values of the WS-Addressing headers, absent if the header is. */
export type ReadAddressing = {
  readonly to?: string;
  readonly action?: string;
  readonly messageId?: string;
  readonly relatesTo?: string;
};

/** An envelope by its places. `payload` is the only element child of `body`. */
export type Envelope = {
  readonly root: XmlElement;
  readonly header: XmlElement | undefined;
  readonly body: XmlElement;
  readonly payload: XmlElement;
  readonly addressing: ReadAddressing;
};

const structure = (detail: string): Refusal => soapRefusal('soap-structure', detail);

const rootRefusal = (root: XmlElement): Refusal | undefined => {
  if (root.local !== 'Envelope') return soapRefusal('soap-not-an-envelope', 'the root is not an Envelope');
  if (root.uri === namespaces.soap) return undefined;
  return root.uri === namespaces.soap12
    ? soapRefusal('soap-version', 'SOAP 1.2; this endpoint speaks 1.1')
    : soapRefusal('soap-not-an-envelope', `an Envelope of namespace ${root.uri.slice(0, 100)}`);
};

/** The Header, if any, and the Body; nothing else may stand in an Envelope. */
const placesOf = (root: XmlElement): { header: XmlElement | undefined; body: XmlElement } | Refusal => {
  const children = elementsOf(root);
  const body = children.at(-1);
  const header = children.length === 2 ? children[0] : undefined;
  if (body === undefined || children.length > 2 || !isNamed(body, namespaces.soap, 'Body')) {
    return structure('an Envelope holds a Header at most and one Body, in this order, and nothing else');
  }
  if (header !== undefined && !isNamed(header, namespaces.soap, 'Header'))
    return structure('no Header before the Body');
  if ([root, body, ...(header ? [header] : [])].some(hasStrayText)) return structure('text between elements');
  return { header, body };
};

const isId = (attribute: { uri: string; local: string }): boolean =>
  attribute.local.toLowerCase() === 'id' &&
  (attribute.uri === namespaces.securityUtility || attribute.uri === '' || attribute.uri === namespaces.xml);

/** All kinds of id share one space here, so that no two readers can disagree about what `#x` names. */
const duplicateId = (root: XmlElement): Refusal | undefined => {
  const seen = new Set<string>();
  for (const element of within(root)) {
    for (const { value } of element.attributes.filter(isId)) {
      if (seen.has(value)) return soapRefusal('soap-duplicate-id', `the id ${value.slice(0, 80)} twice`);
      seen.add(value);
    }
  }
  return undefined;
};

const understood: readonly string[] = [namespaces.addressing, namespaces.security];

const notUnderstood = (header: XmlElement): Refusal | undefined => {
  const stranger = elementsOf(header).find(
    (block) =>
      !understood.includes(block.uri) &&
      block.attributes.some((a) => a.local === 'mustUnderstand' && a.uri === namespaces.soap && a.value.trim() !== '0'),
  );
  return stranger && soapRefusal('soap-not-understood', `the header ${stranger.local.slice(0, 80)} is not understood`);
};

const addressingNames = { to: 'To', action: 'Action', messageId: 'MessageID', relatesTo: 'RelatesTo' } as const;

const addressingOf = (header: XmlElement): ReadAddressing | Refusal => {
  const found: { -readonly [name in keyof ReadAddressing]: string } = {};
  for (const [key, local] of Object.entries(addressingNames)) {
    const blocks = named(header, namespaces.addressing, local);
    const [block] = blocks;
    if (blocks.length > 1) return soapRefusal('soap-duplicate-header', `wsa:${local} twice`);
    if (block === undefined) continue;
    const text = textOf(block);
    if (text === undefined) return structure(`elements inside wsa:${local}`);
    found[key as keyof ReadAddressing] = text.trim();
  }
  return found;
};

/** Places in a parsed document. */
export const openEnvelope = (root: XmlElement): Envelope | Refusal => {
  const notEnvelope = rootRefusal(root);
  if (notEnvelope !== undefined) return notEnvelope;
  const places = placesOf(root);
  if (isRefusal(places)) return places;
  const { header, body } = places;
  const [payload, second] = elementsOf(body);
  if (payload === undefined || second !== undefined) return structure('a Body holds exactly one element');
  const refused = duplicateId(root) ?? (header && notUnderstood(header));
  if (refused !== undefined) return refused;
  const addressing = header === undefined ? {} : addressingOf(header);
  return isRefusal(addressing) ? addressing : { root, header, body, payload, addressing };
};

/** The envelope in bytes that are already here. For a stream feed `createXmlReader` and call `openEnvelope` at its end. */
export const readEnvelope = (
  pieces: readonly Uint8Array[],
  limits: XmlLimits = defaultXmlLimits,
): Envelope | Refusal => {
  const xml = createXmlReader(limits);
  for (const piece of pieces) {
    const refused = xml.write(piece);
    if (refused !== undefined) return refused;
  }
  const root = xml.end();
  return isRefusal(root) ? root : openEnvelope(root);
};

/** Envelope and message at once, with no signature asked for. */
export const readEnvelopeMessage = (
  pieces: readonly Uint8Array[],
  limits: XmlLimits = defaultXmlLimits,
): SoapMessage | Refusal => {
  const envelope = readEnvelope(pieces, limits);
  return isRefusal(envelope) ? envelope : readMessage(envelope.payload);
};
