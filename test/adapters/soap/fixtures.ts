/**
 * What the SOAP tests share: keys made once per test process, a clock that stands still, sample messages and short ways
 * to write, sign, read and check an envelope.
 */
import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { base64OfPieces } from '../../../src/adapters/soap/base64.ts';
import { pemOf, selfSignedCertificate } from '../../../src/adapters/soap/certificate.ts';
import { type Addressing, type Signer, writeEnvelope } from '../../../src/adapters/soap/envelope.ts';
import { readMessage } from '../../../src/adapters/soap/messageReader.ts';
import type { BroadcastNetworkInfo, SoapMessage } from '../../../src/adapters/soap/messages.ts';
import { readEnvelope } from '../../../src/adapters/soap/reader.ts';
import type { SignatureProfile } from '../../../src/adapters/soap/security/profiles.ts';
import { createSigner } from '../../../src/adapters/soap/security/signer.ts';
import { createVerifier, type Verifier, type VerifierSettings } from '../../../src/adapters/soap/security/verifier.ts';
import { isRefusal, type Refusal } from '../../../src/domain/refusals.ts';

export const nowMs = Date.UTC(2026, 10, 22, 5, 48, 8);

export type Pair = { readonly privateKeyPem: string; readonly certificatePem: string };

const certificateFor = (privateKey: KeyObject, commonName: string, serial: number): string =>
  pemOf(
    selfSignedCertificate({
      privateKey,
      commonName,
      serial: Buffer.from([serial]),
      notBeforeMs: Date.UTC(2026, 0, 1),
      notAfterMs: Date.UTC(2036, 0, 1),
    }),
  );

export const newPair = (commonName: string): Pair => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    privateKeyPem: privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
    certificatePem: certificateFor(privateKey, commonName, 1),
  };
};

/** The same key under another certificate. */
export const recertified = (pair: Pair, serial: number): Pair => ({
  ...pair,
  certificatePem: certificateFor(createPrivateKey(pair.privateKeyPem), 'cloud', serial),
});

export const cloud = newPair('cloud');

export const signerOf = (pair: Pair = cloud, profile: SignatureProfile = 'rsa-sha256'): Signer =>
  createSigner({ ...pair, profile });

export const verifierOf = (settings: Partial<VerifierSettings> = {}): Verifier =>
  createVerifier({ certificates: [cloud.certificatePem], now: () => nowMs, ...settings });

export const document =
  '<?xml version="1.0" encoding="UTF-8"?><network-data version="0a1b2c3d"><instances/></network-data>';

export const broadcast: BroadcastNetworkInfo = {
  kind: 'BroadcastNetworkInfo',
  correlationId: 'b4b0c0de-0000-4000-8000-000000000001',
  userId: 'eucalyptus',
  return: true,
  epoch: 7,
  services: [
    {
      partition: 'eucalyptus',
      type: 'eucalyptus',
      name: '10.111.5.11',
      uris: ['http://10.111.5.11:8773/services/Eucalyptus'],
    },
  ],
  version: '0a1b2c3d',
  networkInfo: base64OfPieces([Buffer.from(document)]),
};

export const addressing: Addressing = {
  to: 'http://10.111.5.16:8774/axis2/services/EucalyptusCC',
  action: 'EucalyptusCC#BroadcastNetworkInfo',
  messageId: 'urn:uuid:CA383A08A8CD40BD88C027524E6C4ACC',
};

export type SignedText = {
  readonly message?: SoapMessage;
  readonly addressing?: Partial<Addressing>;
  readonly signer?: Signer;
  readonly atMs?: number;
};

const defaultSigner = signerOf();

/** A signed envelope as one text. */
export const signedText = (what: SignedText = {}): string => {
  const signing = { signer: what.signer ?? defaultSigner, nowMs: what.atMs ?? nowMs };
  const written = writeEnvelope(what.message ?? broadcast, { ...addressing, ...what.addressing }, signing);
  return Buffer.concat(written.pieces).toString();
};

export type Accepted = { readonly message: SoapMessage; readonly to: string; readonly messageId: string };

/** What a receiver makes of an envelope: read, verified, message read. */
export const accept = (text: string | Uint8Array, verifier: Verifier = verifierOf()): Accepted | Refusal => {
  const envelope = readEnvelope([typeof text === 'string' ? Buffer.from(text) : text]);
  if (isRefusal(envelope)) return envelope;
  const verified = verifier.verify(envelope);
  if (isRefusal(verified)) return verified;
  const message = readMessage(envelope.payload);
  return isRefusal(message) ? message : { message, to: verified.to, messageId: verified.messageId };
};

/** The code it was refused with, or `accepted`. */
export const verdict = (text: string | Uint8Array, verifier?: Verifier): string => {
  const outcome = accept(text, verifier);
  return isRefusal(outcome) ? outcome.refused : 'accepted';
};

/** Replaces exactly one occurrence; a test that changes nothing would prove nothing. */
export const swap = (text: string, from: string | RegExp, to: string): string => {
  const changed = text.replace(from, () => to);
  if (changed === text) throw new Error(`nothing to replace: expected ${from} in the envelope`);
  return changed;
};

/** The text of one element, by its literal tag name, start tag to end tag. */
export const cut = (text: string, tag: string): string => {
  const start = text.search(new RegExp(`<${tag}[ >]`));
  const end = text.indexOf(`</${tag}>`, start);
  if (start < 0 || end < 0) throw new Error(`no element ${tag} in the envelope`);
  return text.slice(start, end + tag.length + 3);
};

/** Small repeatable random numbers in [0, 1): mulberry32. */
export const seeded = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
};
