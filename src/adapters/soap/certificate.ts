/**
 * Writes a self-signed X.509 v3 certificate in DER (RFC 5280): node:crypto reads certificates but cannot make them. Just
 * what a pinned certificate needs: RSA key, SHA-256, one common name, no chain. Serial and validity are passed in, so the
 * same input gives the same bytes. It must not be stretched into a certificate authority.
 */
import { createHash, createPublicKey, type KeyObject, sign } from 'node:crypto';

export type CertificateRequest = {
  readonly privateKey: KeyObject;
  readonly commonName: string;
  /** Big-endian, up to 20 bytes; taken as a positive number. */
  readonly serial: Uint8Array;
  /** Milliseconds since 1970; the certificate knows whole seconds. */
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
};

const tags = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  nothing: 0x05,
  oid: 0x06,
  utf8: 0x0c,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
  version: 0xa0,
  extensions: 0xa3,
} as const;

const lengthOf = (length: number): Buffer => {
  if (length < 0x80) return Buffer.from([length]);
  const digits = Buffer.from(length.toString(16).padStart(length > 0xffff ? 6 : length > 0xff ? 4 : 2, '0'), 'hex');
  return Buffer.concat([Buffer.from([0x80 | digits.length]), digits]);
};

const der = (tag: number, ...contents: readonly Uint8Array[]): Buffer => {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content]);
};

const sequence = (...contents: readonly Uint8Array[]): Buffer => der(tags.sequence, ...contents);

const base128 = (value: number): readonly number[] =>
  value < 0x80 ? [value] : [...base128(Math.floor(value / 0x80)).map((b) => b | 0x80), value % 0x80];

/** Dotted object identifier. */
const oid = (dotted: string): Buffer => {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return der(tags.oid, Buffer.from([40 * first + second, ...rest.flatMap(base128)]));
};

/** Shortest form, positive: no needless leading zeros, one if the top bit is set. */
const positiveInteger = (bytes: Uint8Array): Buffer => {
  const start = bytes.findIndex((byte) => byte !== 0);
  const shortest = start < 0 ? Buffer.from([0]) : Buffer.from(bytes.subarray(start));
  return der(tags.integer, (shortest[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), shortest]) : shortest);
};

const bitString = (bytes: Uint8Array): Buffer => der(tags.bitString, Buffer.from([0]), bytes);

/** RFC 5280, 4.1.2.5: two-digit years until 2049, four digits from 2050. */
const time = (ms: number): Buffer => {
  const digits = `${new Date(ms).toISOString().slice(0, 19).replace(/[-:T]/g, '')}Z`;
  return Number(digits.slice(0, 4)) < 2050
    ? der(tags.utcTime, Buffer.from(digits.slice(2)))
    : der(tags.generalizedTime, Buffer.from(digits));
};

const sha256WithRsa = sequence(oid('1.2.840.113549.1.1.11'), der(tags.nothing));

const nameOf = (commonName: string): Buffer =>
  sequence(der(tags.set, sequence(oid('2.5.4.3'), der(tags.utf8, Buffer.from(commonName)))));

const criticalTrue = der(tags.boolean, Buffer.from([0xff]));

/** Not an authority; signs, and nothing else. */
const extensionsOf = (publicKeyInfo: Uint8Array): Buffer => {
  const keyIdentifier = createHash('sha256').update(publicKeyInfo).digest().subarray(0, 20);
  const digitalSignatureBit = der(tags.bitString, Buffer.from([7, 0x80]));
  return der(
    tags.extensions,
    sequence(
      sequence(oid('2.5.29.19'), criticalTrue, der(tags.octetString, sequence())),
      sequence(oid('2.5.29.15'), criticalTrue, der(tags.octetString, digitalSignatureBit)),
      sequence(oid('2.5.29.14'), der(tags.octetString, der(tags.octetString, keyIdentifier))),
    ),
  );
};

/** The certificate as DER bytes. */
export const selfSignedCertificate = (request: CertificateRequest): Buffer => {
  const publicKeyInfo = createPublicKey(request.privateKey).export({ type: 'spki', format: 'der' });
  const name = nameOf(request.commonName);
  const toBeSigned = sequence(
    der(tags.version, der(tags.integer, Buffer.from([2]))),
    positiveInteger(request.serial),
    sha256WithRsa,
    name,
    sequence(time(request.notBeforeMs), time(request.notAfterMs)),
    name,
    publicKeyInfo,
    extensionsOf(publicKeyInfo),
  );
  return sequence(toBeSigned, sha256WithRsa, bitString(sign('sha256', toBeSigned, request.privateKey)));
};

/** The same between PEM lines. */
export const pemOf = (certificate: Uint8Array): string => {
  const lines =
    Buffer.from(certificate)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
};
