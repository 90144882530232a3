/**
 * Decides whether an envelope was said by the holder of a pinned certificate, now, and for the first time. It hashes the
 * very tree the message is read from, demands that each of Body, To, Action, MessageID and Timestamp is signed and stands
 * in its only lawful place, and refuses everything it does not know (Eucalyptus' own rules, node spec 1.3, and what was
 * learnt from signature wrapping). It must never return anything taken from an unsigned element.
 */
import { createHash, type KeyObject, verify, X509Certificate } from 'node:crypto';
import { isRefusal, type Refusal } from '../../../domain/refusals.ts';
import { algorithms, namespaces } from '../names.ts';
import type { Envelope } from '../reader.ts';
import { soapRefusal } from '../soapRefusals.ts';
import { attribute, elementsOf, hasStrayText, named, within, wsuId } from '../xmlQueries.ts';
import type { XmlElement } from '../xmlTree.ts';
import { canonicalise } from './canonical.ts';
import { clockSkewMs, type DigestName, profileAlgorithms, type SignatureProfile } from './profiles.ts';
import { createReplays } from './replays.ts';
import { type ReadSignature, readSignature, wrappedBase64 } from './signature.ts';
import { type Lifetime, notOfNow, readTimestamp } from './timestamp.ts';

export type VerifierSettings = {
  /** PEM. More than one only while a peer's key is being changed. */
  readonly certificates: readonly string[];
  readonly now: () => number;
  /** Default: SHA-256 only. `rsa-sha1` for Eucalyptus peers. */
  readonly accept?: readonly SignatureProfile[];
  /** Whether a signed `wsa:To` means us. Eucalyptus does not look; we can, so that one cluster's mail is not another's. */
  readonly addressedToUs?: (to: string) => boolean;
  readonly replayCapacity?: number;
};

/** What was signed. `payload` and the addressing of the envelope are covered by the signature once this is returned. */
export type Verified = {
  readonly to: string;
  readonly action: string;
  readonly messageId: string;
  readonly created: number;
};

/** `answering` is the MessageID of our own request: then a signed RelatesTo must name it. */
export type Verifier = { readonly verify: (envelope: Envelope, answering?: string) => Verified | Refusal };

type Pinned = { readonly raw: Uint8Array; readonly key: KeyObject };

type Security = { readonly timestamp: XmlElement; readonly token: XmlElement; readonly signature: XmlElement };

const pin = (pem: string): Pinned => {
  const { raw, publicKey: key } = new X509Certificate(pem);
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (key.asymmetricKeyType !== 'rsa' || bits < 2048) {
    throw new Error(`pinned certificate: expected RSA of 2048 bits or more, got ${key.asymmetricKeyType} of ${bits}`);
  }
  return { raw, key };
};

/** The only Security header and its only three children. */
const securityOf = (header: XmlElement | undefined): Security | Refusal => {
  const headers = header === undefined ? [] : named(header, namespaces.security, 'Security');
  const [security] = headers;
  if (security === undefined) return soapRefusal('security-missing', 'the message is not signed');
  const [timestamp] = named(security, namespaces.securityUtility, 'Timestamp');
  const [token] = named(security, namespaces.security, 'BinarySecurityToken');
  const [signature] = named(security, namespaces.signature, 'Signature');
  const whole = headers.length === 1 && elementsOf(security).length === 3 && !hasStrayText(security);
  return whole && timestamp !== undefined && token !== undefined && signature !== undefined
    ? { timestamp, token, signature }
    : soapRefusal('security-structure', 'one Security header with one Timestamp, one token and one Signature');
};

/** Ids are unique by now (`reader.ts`), so a map is a function. */
const elementsById = (root: XmlElement): ReadonlyMap<string, XmlElement> => {
  const byId = new Map<string, XmlElement>();
  for (const element of within(root)) {
    const id = wsuId(element);
    if (id !== undefined) byId.set(id, element);
  }
  return byId;
};

const pinnedBy = (token: XmlElement, pinned: readonly Pinned[]): Pinned | Refusal => {
  const encoding = attribute(token, 'EncodingType') ?? algorithms.base64Binary;
  if (encoding !== algorithms.base64Binary || attribute(token, 'ValueType') !== algorithms.x509v3) {
    return soapRefusal('security-structure', 'the token is not a base64 X.509 v3 certificate');
  }
  const raw = wrappedBase64(token);
  if (isRefusal(raw)) return raw;
  const match = pinned.find((certificate) => Buffer.compare(certificate.raw, raw) === 0);
  return match ?? soapRefusal('security-certificate', 'signed with a certificate that is not the registered one');
};

const digestOf = (element: XmlElement, inclusive: ReadonlySet<string>, digest: DigestName): Uint8Array => {
  const hash = createHash(digest);
  canonicalise(element, inclusive, (stretch) => hash.update(stretch, 'utf8'));
  return hash.digest();
};

/** Body, blocks of the Header, the Timestamp and the token: a signed element anywhere else is a moved one. */
const isLawfulPlace = (element: XmlElement, { root, header, body }: Envelope, security: Security): boolean =>
  (element === body && body.parent === root) ||
  (header !== undefined && element.parent === header) ||
  element === security.timestamp ||
  element === security.token;

const signedElements = (
  envelope: Envelope,
  security: Security,
  signature: ReadSignature,
): ReadonlySet<XmlElement> | Refusal => {
  const byId = elementsById(envelope.root);
  const signed = new Set<XmlElement>();
  const { digest } = profileAlgorithms[signature.profile];
  for (const reference of signature.references) {
    const element = byId.get(reference.id);
    if (element === undefined) return soapRefusal('security-structure', 'a Reference to an id that is not there');
    if (!isLawfulPlace(element, envelope, security)) {
      return soapRefusal('security-misplaced', `a signed ${element.local.slice(0, 80)} stands where it must not`);
    }
    if (signed.has(element)) return soapRefusal('security-structure', 'one element signed twice');
    if (Buffer.compare(digestOf(element, reference.inclusive, digest), reference.digest) !== 0) {
      return soapRefusal('security-digest', `${element.local.slice(0, 80)} is not what was signed`);
    }
    signed.add(element);
  }
  return signed;
};

/** Refuses unless everything we are going to use is among the signed elements. */
const unsignedPart = (
  envelope: Envelope,
  security: Security,
  signed: ReadonlySet<XmlElement>,
  answering: string | undefined,
): Refusal | undefined => {
  const blocks = ['To', 'Action', 'MessageID', ...(answering === undefined ? [] : ['RelatesTo'])];
  const { header } = envelope;
  const needed: readonly (readonly [string, XmlElement | undefined])[] = [
    ['Body', envelope.body],
    ['Timestamp', security.timestamp],
    ...blocks.map((local) => [local, header && named(header, namespaces.addressing, local)[0]] as const),
  ];
  const missing = needed.find(([, element]) => element === undefined || !signed.has(element));
  return missing && soapRefusal('security-unsigned-part', `${missing[0]} is not signed`);
};

const signatureHolds = (signature: ReadSignature, key: KeyObject): string | Refusal => {
  const { digest } = profileAlgorithms[signature.profile];
  const stretches: Buffer[] = [];
  canonicalise(signature.signedInfo, signature.inclusive, (stretch) => stretches.push(Buffer.from(stretch)));
  const bytes = Buffer.concat(stretches);
  return verify(digest, bytes, key, signature.value)
    ? createHash('sha256').update(bytes).digest('base64')
    : soapRefusal('security-signature', 'the signature does not hold');
};

/** Signature first (nobody else can make us hash megabytes), then digests, then places. */
const checkedParts = (
  envelope: Envelope,
  pinned: readonly Pinned[],
  accept: readonly SignatureProfile[],
  answering: string | undefined,
): { lifetime: Lifetime; fingerprint: string } | Refusal => {
  const security = securityOf(envelope.header);
  if (isRefusal(security)) return security;
  const signature = readSignature(security.signature, accept);
  if (isRefusal(signature)) return signature;
  if (wsuId(security.token) !== signature.tokenId) {
    return soapRefusal('security-structure', 'KeyInfo points to something else than the token');
  }
  const certificate = pinnedBy(security.token, pinned);
  if (isRefusal(certificate)) return certificate;
  const fingerprint = signatureHolds(signature, certificate.key);
  if (isRefusal(fingerprint)) return fingerprint;
  const signed = signedElements(envelope, security, signature);
  if (isRefusal(signed)) return signed;
  const unsigned = unsignedPart(envelope, security, signed, answering);
  if (unsigned !== undefined) return unsigned;
  const lifetime = readTimestamp(security.timestamp);
  return isRefusal(lifetime) ? lifetime : { lifetime, fingerprint };
};

/**
 * One verifier per receiving endpoint: its memory of what was accepted is its own. That memory does not outlive the
 * process, so messages created before the verifier was (less the skew) are refused; senders repeat themselves.
 * Throws a fault if a certificate is unreadable or none is given.
 */
export const createVerifier = (settings: VerifierSettings): Verifier => {
  const pinned = settings.certificates.map(pin);
  if (pinned.length === 0) throw new Error('verifier: expected at least one certificate, got none');
  const accept = settings.accept ?? ['rsa-sha256'];
  const replays = createReplays(settings.replayCapacity);
  const startedAt = settings.now();

  const admitted = (messageId: string, fingerprint: string, lifetime: Lifetime): Refusal | undefined => {
    const nowMs = settings.now();
    const stale = notOfNow(lifetime, nowMs);
    if (stale !== undefined) return stale;
    if (lifetime.created < startedAt - clockSkewMs) {
      return soapRefusal('security-before-start', 'created before this receiver started; send it again');
    }
    // The fingerprint covers MessageID, Timestamp and Body; hashing keeps an entry's size ours to choose.
    const key = createHash('sha256').update(`${messageId}\n${fingerprint}`).digest('base64');
    const admission = replays.admit(key, lifetime.expires + clockSkewMs, nowMs);
    if (admission === 'replayed') return soapRefusal('security-replayed', 'this message was taken before');
    return admission === 'full'
      ? soapRefusal('security-replay-cache-full', 'too many messages within one lifetime')
      : undefined;
  };
  return {
    verify: (envelope, answering) => {
      const checked = checkedParts(envelope, pinned, accept, answering);
      if (isRefusal(checked)) return checked;
      const { to = '', action = '', messageId = '', relatesTo } = envelope.addressing;
      if (answering !== undefined && relatesTo !== answering) {
        return soapRefusal('security-not-our-answer', 'the answer relates to another message');
      }
      if (settings.addressedToUs?.(to) === false) {
        return soapRefusal('security-not-addressed-to-us', `addressed to ${to.slice(0, 120)}`);
      }
      const refused = admitted(messageId, checked.fingerprint, checked.lifetime);
      return refused ?? { to, action, messageId, created: checked.lifetime.created };
    },
  };
};
