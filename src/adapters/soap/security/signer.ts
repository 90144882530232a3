/**
 * Makes the `wsse:Security` element: Timestamp, BinarySecurityToken, Signature, in this order (node spec 1.3). The parts
 * arrive already canonical, so they are streamed into the hash as they are, and only SignedInfo, a kilobyte, is signed. The
 * private key stays inside the closure; it must never be logged or returned.
 */
import { createHash, createPrivateKey, sign, X509Certificate } from 'node:crypto';
import type { Signer, WrittenPart } from '../envelope.ts';
import { algorithms, namespaces } from '../names.ts';
import { type DigestName, profileAlgorithms, type SignatureProfile, timestampLifeMs } from './profiles.ts';

export type SignerKeys = {
  readonly privateKeyPem: string;
  readonly certificatePem: string;
  /** `rsa-sha1` for Eucalyptus' own controllers; `rsa-sha256` otherwise. */
  readonly profile?: SignatureProfile;
};

const timestampId = 'TS-1';
const tokenId = 'X509-1';
const wsu = `xmlns:wsu="${namespaces.securityUtility}"`;

const timestampPart = (nowMs: number): WrittenPart => {
  const created = new Date(nowMs).toISOString();
  const expires = new Date(nowMs + timestampLifeMs).toISOString();
  const text =
    `<wsu:Timestamp ${wsu} wsu:Id="${timestampId}"><wsu:Created>${created}</wsu:Created>` +
    `<wsu:Expires>${expires}</wsu:Expires></wsu:Timestamp>`;
  return { id: timestampId, pieces: [Buffer.from(text)] };
};

const digestOf = (pieces: readonly Uint8Array[], digest: DigestName): string => {
  const hash = createHash(digest);
  for (const piece of pieces) hash.update(piece);
  return hash.digest('base64');
};

const reference = (part: WrittenPart, profile: SignatureProfile): string => {
  const { digest, digestMethod } = profileAlgorithms[profile];
  return (
    `<ds:Reference URI="#${part.id}"><ds:Transforms>` +
    `<ds:Transform Algorithm="${algorithms.exclusiveCanonical}"></ds:Transform></ds:Transforms>` +
    `<ds:DigestMethod Algorithm="${digestMethod}"></ds:DigestMethod>` +
    `<ds:DigestValue>${digestOf(part.pieces, digest)}</ds:DigestValue></ds:Reference>`
  );
};

const signedInfoOf = (parts: readonly WrittenPart[], profile: SignatureProfile): string =>
  `<ds:SignedInfo xmlns:ds="${namespaces.signature}">` +
  `<ds:CanonicalizationMethod Algorithm="${algorithms.exclusiveCanonical}"></ds:CanonicalizationMethod>` +
  `<ds:SignatureMethod Algorithm="${profileAlgorithms[profile].signatureMethod}"></ds:SignatureMethod>` +
  `${parts.map((part) => reference(part, profile)).join('')}</ds:SignedInfo>`;

const tokenOf = (certificate: X509Certificate): string =>
  `<wsse:BinarySecurityToken ${wsu} EncodingType="${algorithms.base64Binary}" ValueType="${algorithms.x509v3}"` +
  ` wsu:Id="${tokenId}">${certificate.raw.toString('base64')}</wsse:BinarySecurityToken>`;

const keyInfo =
  '<ds:KeyInfo><wsse:SecurityTokenReference>' +
  `<wsse:Reference URI="#${tokenId}" ValueType="${algorithms.x509v3}"></wsse:Reference>` +
  '</wsse:SecurityTokenReference></ds:KeyInfo>';

/** Throws a fault if the key is not the certificate's, or not RSA of 2048 bits or more: nothing could ever verify it. */
export const createSigner = ({ privateKeyPem, certificatePem, profile = 'rsa-sha256' }: SignerKeys): Signer => {
  const key = createPrivateKey(privateKeyPem);
  const certificate = new X509Certificate(certificatePem);
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (key.asymmetricKeyType !== 'rsa' || bits < 2048) {
    throw new Error(`signing key: expected RSA of 2048 bits or more, got ${key.asymmetricKeyType} of ${bits}`);
  }
  if (!certificate.checkPrivateKey(key))
    throw new Error('signing key: expected the key of the certificate, got another');
  const token = tokenOf(certificate);
  return {
    securityHeader: (parts, nowMs) => {
      const timestamp = timestampPart(nowMs);
      const ordered = [...parts.slice(0, -1), timestamp, ...parts.slice(-1)];
      const signedInfo = signedInfoOf(ordered, profile);
      const signature = sign(profileAlgorithms[profile].digest, Buffer.from(signedInfo), key).toString('base64');
      return (
        `<wsse:Security xmlns:wsse="${namespaces.security}">${Buffer.concat(timestamp.pieces).toString()}${token}` +
        `<ds:Signature xmlns:ds="${namespaces.signature}" Id="SIG-1">${signedInfo}` +
        `<ds:SignatureValue>${signature}</ds:SignatureValue>${keyInfo}</ds:Signature></wsse:Security>`
      );
    },
  };
};
