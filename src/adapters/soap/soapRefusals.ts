/**
 * Every "no" of the SOAP room, in one list. They are values for whoever reads a peer's bytes; the server shows them as
 * faults, the client as failures. Codes are stable for ever. A detail may quote a name, never a key and never a document.
 */
import { type Refusal, refuse } from '../../domain/refusals.ts';

export type SoapRefusalCode =
  // The bytes are not an XML document we read.
  | 'xml-malformed'
  | 'xml-not-utf8'
  | 'xml-doctype'
  | 'xml-processing-instruction'
  | 'xml-too-large'
  | 'xml-too-deep'
  | 'xml-too-many-elements'
  | 'xml-too-many-attributes'
  | 'xml-too-many-references'
  // It is XML, but not an envelope we read.
  | 'soap-not-an-envelope'
  | 'soap-version'
  | 'soap-structure'
  | 'soap-not-understood'
  | 'soap-duplicate-id'
  | 'soap-duplicate-header'
  | 'soap-unknown-message'
  | 'soap-wrong-action'
  | 'soap-wrong-member'
  // The document inside.
  | 'network-info-missing'
  | 'network-info-not-base64'
  // It cannot be trusted.
  | 'security-missing'
  | 'security-structure'
  | 'security-algorithm'
  | 'security-certificate'
  | 'security-signature'
  | 'security-digest'
  | 'security-misplaced'
  | 'security-unsigned-part'
  | 'security-timestamp'
  | 'security-expired'
  | 'security-future'
  | 'security-before-start'
  | 'security-replayed'
  | 'security-replay-cache-full'
  | 'security-not-our-answer'
  | 'security-not-addressed-to-us'
  // Making keys.
  | 'key-file-exists';

export const soapRefusal = (
  code: SoapRefusalCode,
  detail: string,
  where: { member?: string; value?: string } = {},
): Refusal => refuse(code, detail.slice(0, longestDetail), where);

/** A detail may quote what a peer sent, so its length is not ours to choose unless we cut it. */
const longestDetail = 300;
