/**
 * Writes SOAP 1.1 envelopes from a hand-made template. Every signed part (To, Action, MessageID, RelatesTo, Body) is
 * written in exclusive canonical form with its namespaces declared on itself, so the bytes sent are the bytes digested and
 * no XML library is needed on the sending path. A body may be many megabytes of shared pieces: they must never be joined.
 */
import { writeMessage } from './bodyWriter.ts';
import type { SoapMessage } from './messages.ts';
import { namespaces } from './names.ts';
import { writtenText } from './xmlText.ts';

/** A part as it will be sent and digested. `id` is the `wsu:Id` it carries when signed. */
export type WrittenPart = { readonly id: string; readonly pieces: readonly Uint8Array[] };

/**
 * Makes the whole `wsse:Security` element for these parts (in this order, with its own Timestamp after the third), created
 * at `nowMs`. Implemented by `security/signer.ts`.
 */
export type Signer = { readonly securityHeader: (parts: readonly WrittenPart[], nowMs: number) => string };

/** WS-Addressing headers. `to` is the full URL of the endpoint; `relatesTo` only in answers. */
export type Addressing = {
  readonly to: string;
  readonly action: string;
  readonly messageId: string;
  readonly relatesTo?: string;
};

/** Bytes in order; `byteLength` is their sum, for `Content-Length`. */
export type WrittenEnvelope = { readonly pieces: readonly Uint8Array[]; readonly byteLength: number };

/** `urn:uuid:` and 32 upper case hex digits without hyphens (cloud spec 9.3), from any textual UUID. */
export const messageIdOf = (uuid: string): string => `urn:uuid:${uuid.replaceAll('-', '').toUpperCase()}`;

const partIds = { to: 'id-1', action: 'id-2', messageId: 'id-3', body: 'id-4', relatesTo: 'id-5' } as const;

const idAttribute = (id: string, signed: boolean): { declaration: string; attribute: string } =>
  signed
    ? { declaration: ` xmlns:wsu="${namespaces.securityUtility}"`, attribute: ` wsu:Id="${id}"` }
    : { declaration: '', attribute: '' };

const addressingPart = (name: string, id: string, text: string, signed: boolean): WrittenPart => {
  const { declaration, attribute } = idAttribute(id, signed);
  const start = `<wsa:${name} xmlns:wsa="${namespaces.addressing}"${declaration}${attribute}>`;
  return { id, pieces: [Buffer.from(`${start}${writtenText(text)}</wsa:${name}>`)] };
};

const bodyPart = (content: readonly Uint8Array[], signed: boolean): WrittenPart => {
  const { declaration, attribute } = idAttribute(partIds.body, signed);
  const start = `<soapenv:Body xmlns:soapenv="${namespaces.soap}"${declaration}${attribute}>`;
  return { id: partIds.body, pieces: [Buffer.from(start), ...content, Buffer.from('</soapenv:Body>')] };
};

const joined = (pieces: readonly Uint8Array[]): WrittenEnvelope => ({
  pieces,
  byteLength: pieces.reduce((sum, piece) => sum + piece.byteLength, 0),
});

const envelopeStart = `<soapenv:Envelope xmlns:soapenv="${namespaces.soap}"><soapenv:Header>`;

/** A message under way. Without a signer the addressing headers stand alone and nothing carries an id. */
export const writeEnvelope = (
  message: SoapMessage,
  addressing: Addressing,
  signing?: { readonly signer: Signer; readonly nowMs: number },
): WrittenEnvelope => {
  const signed = signing !== undefined;
  const to = addressingPart('To', partIds.to, addressing.to, signed);
  const action = addressingPart('Action', partIds.action, addressing.action, signed);
  const messageId = addressingPart('MessageID', partIds.messageId, addressing.messageId, signed);
  const relatesTo =
    addressing.relatesTo === undefined
      ? []
      : [addressingPart('RelatesTo', partIds.relatesTo, addressing.relatesTo, signed)];
  const body = bodyPart(writeMessage(message), signed);
  const security = signing?.signer.securityHeader([to, messageId, action, ...relatesTo, body], signing.nowMs) ?? '';
  return joined([
    Buffer.from(`${envelopeStart}${security}`),
    ...[to, action, messageId, ...relatesTo].flatMap((part) => part.pieces),
    Buffer.from('</soapenv:Header>'),
    ...body.pieces,
    Buffer.from('</soapenv:Envelope>'),
  ]);
};

/** `code` is a QName of SOAP 1.1 (`soapenv:Client`, ...) or of WS-Security (`wsse:FailedAuthentication`, ...). */
export type Fault = { readonly code: string; readonly text: string; readonly refused?: string };

/** A fault. Its children are unqualified (SOAP 1.1, 4.4); our own refusal code stands in the detail for operators. */
export const writeFault = (fault: Fault): WrittenEnvelope => {
  const prefixes = `xmlns:wsse="${namespaces.security}"`;
  const detail =
    fault.refused === undefined
      ? ''
      : `<detail><euca:refused xmlns:euca="${namespaces.eucalyptus}">${writtenText(fault.refused)}</euca:refused></detail>`;
  const text =
    `<soapenv:Envelope xmlns:soapenv="${namespaces.soap}"><soapenv:Body><soapenv:Fault ${prefixes}>` +
    `<faultcode>${writtenText(fault.code)}</faultcode><faultstring>${writtenText(fault.text)}</faultstring>${detail}` +
    '</soapenv:Fault></soapenv:Body></soapenv:Envelope>';
  return joined([Buffer.from(text)]);
};
