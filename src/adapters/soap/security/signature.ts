/**
 * Reads a `ds:Signature` into plain values, accepting one shape only: exclusive canonicalisation, an allowed suite, same
 * document references with that one transform, and a direct reference to the token. Whatever XML Signature could do beyond
 * this (XPath, XSLT, objects, manifests, other key infos) is refused here, before any of it could matter.
 */
import { isRefusal, type Refusal } from '../../../domain/refusals.ts';
import { algorithms, namespaces } from '../names.ts';
import { soapRefusal } from '../soapRefusals.ts';
import { attribute, elementsOf, hasStrayText, isNamed, textOf } from '../xmlQueries.ts';
import type { XmlElement } from '../xmlTree.ts';
import { prefixList } from './canonical.ts';
import { type ProfileAlgorithms, profileAlgorithms, type SignatureProfile } from './profiles.ts';

/** `id` is what stands after `#`; `inclusive` is the PrefixList of its transform. */
export type SignedReference = {
  readonly id: string;
  readonly inclusive: ReadonlySet<string>;
  readonly digest: Uint8Array;
};

export type ReadSignature = {
  readonly profile: SignatureProfile;
  readonly signedInfo: XmlElement;
  readonly inclusive: ReadonlySet<string>;
  readonly references: readonly SignedReference[];
  readonly value: Uint8Array;
  /** Id of the BinarySecurityToken the key info points to. */
  readonly tokenId: string;
};

const maxReferences = 16;
/** Every prefix is looked at for every element, and this before anything is known to be true. */
const longestPrefixList = 512;
const inclusiveNamespace = algorithms.exclusiveCanonical;

const structure = (detail: string): Refusal => soapRefusal('security-structure', detail);

/** The element children if they are exactly these `ds:` elements in this order. */
const exactly = (parent: XmlElement, locals: readonly string[]): readonly XmlElement[] | Refusal => {
  const children = elementsOf(parent);
  const matches =
    children.length === locals.length && children.every((c, i) => isNamed(c, namespaces.signature, locals[i] ?? ''));
  return matches && !hasStrayText(parent) ? children : structure(`${parent.local}: expected ${locals.join(', ')} only`);
};

/** Bytes of base64 text that may be broken into lines, as signature libraries write it. */
export const wrappedBase64 = (element: XmlElement): Uint8Array | Refusal => {
  const text = textOf(element)?.replace(/[ \t\r\n]+/g, '') ?? '';
  const bytes = Buffer.from(text, 'base64');
  return text !== '' && bytes.toString('base64') === text ? bytes : structure(`${element.local} is not base64`);
};

/** PrefixList of a canonicalisation method or transform that must be the exclusive one. */
const exclusivePrefixes = (element: XmlElement): ReadonlySet<string> | Refusal => {
  if (attribute(element, 'Algorithm') !== algorithms.exclusiveCanonical) {
    return soapRefusal('security-algorithm', `${element.local}: only exclusive canonicalisation without comments`);
  }
  const [inclusive, more] = elementsOf(element);
  if (hasStrayText(element) || more !== undefined) return structure(`${element.local}: more than InclusiveNamespaces`);
  if (inclusive === undefined) return new Set();
  if (!isNamed(inclusive, inclusiveNamespace, 'InclusiveNamespaces') || inclusive.children.length > 0) {
    return structure(`${element.local}: unknown parameter`);
  }
  const list = attribute(inclusive, 'PrefixList') ?? '';
  return list.length <= longestPrefixList ? prefixList(list) : structure(`${element.local}: a PrefixList too long`);
};

const readReference = (element: XmlElement, suite: ProfileAlgorithms): SignedReference | Refusal => {
  const children = exactly(element, ['Transforms', 'DigestMethod', 'DigestValue']);
  if (isRefusal(children)) return children;
  const [transforms, method, value] = children as [XmlElement, XmlElement, XmlElement];
  const uri = attribute(element, 'URI') ?? '';
  if (!/^#[^\s#()]+$/.test(uri)) return structure('a Reference that is not #id');
  const steps = exactly(transforms, ['Transform']);
  if (isRefusal(steps)) return soapRefusal('security-algorithm', 'exactly one transform, exclusive canonicalisation');
  const inclusive = exclusivePrefixes(steps[0] as XmlElement);
  if (isRefusal(inclusive)) return inclusive;
  if (attribute(method, 'Algorithm') !== suite.digestMethod || method.children.length > 0) {
    return soapRefusal('security-algorithm', `digest method: expected ${suite.digestMethod}`);
  }
  const digest = wrappedBase64(value);
  if (isRefusal(digest)) return digest;
  if (digest.length !== suite.digestLength) return structure('a digest of the wrong length');
  return { id: uri.slice(1), inclusive, digest };
};

const readProfile = (method: XmlElement, accepted: readonly SignatureProfile[]): SignatureProfile | Refusal => {
  const algorithm = attribute(method, 'Algorithm');
  const profile = accepted.find((name) => profileAlgorithms[name].signatureMethod === algorithm);
  if (profile !== undefined && method.children.length === 0) return profile;
  return soapRefusal('security-algorithm', `signature method ${algorithm?.slice(0, 80)} is not accepted here`);
};

type ReadInfo = Pick<ReadSignature, 'profile' | 'inclusive' | 'references'>;

const readSignedInfo = (info: XmlElement, accepted: readonly SignatureProfile[]): ReadInfo | Refusal => {
  const count = elementsOf(info).length - 2;
  if (count < 1 || count > maxReferences) return structure(`between 1 and ${maxReferences} references`);
  const children = exactly(info, ['CanonicalizationMethod', 'SignatureMethod', ...Array(count).fill('Reference')]);
  if (isRefusal(children)) return children;
  const [canonicalisation, method, ...rest] = children as [XmlElement, XmlElement, ...XmlElement[]];
  const inclusive = exclusivePrefixes(canonicalisation);
  if (isRefusal(inclusive)) return inclusive;
  const profile = readProfile(method, accepted);
  if (isRefusal(profile)) return profile;
  const references: SignedReference[] = [];
  for (const element of rest) {
    const reference = readReference(element, profileAlgorithms[profile]);
    if (isRefusal(reference)) return reference;
    references.push(reference);
  }
  return { profile, inclusive, references };
};

const readTokenId = (keyInfo: XmlElement): string | Refusal => {
  const [tokenReference, more] = elementsOf(keyInfo);
  const [direct, another] = tokenReference === undefined ? [] : elementsOf(tokenReference);
  const uri = direct === undefined ? '' : (attribute(direct, 'URI') ?? '');
  const isDirect =
    tokenReference !== undefined &&
    direct !== undefined &&
    more === undefined &&
    another === undefined &&
    isNamed(tokenReference, namespaces.security, 'SecurityTokenReference') &&
    isNamed(direct, namespaces.security, 'Reference') &&
    (attribute(direct, 'ValueType') ?? algorithms.x509v3) === algorithms.x509v3;
  return isDirect && uri.length > 1 && uri.startsWith('#')
    ? uri.slice(1)
    : structure('KeyInfo must point directly to the token');
};

/** All there is to know of a signature before a key is touched. */
export const readSignature = (
  signature: XmlElement,
  accepted: readonly SignatureProfile[],
): ReadSignature | Refusal => {
  const children = exactly(signature, ['SignedInfo', 'SignatureValue', 'KeyInfo']);
  if (isRefusal(children)) return children;
  const [signedInfo, valueElement, keyInfo] = children as [XmlElement, XmlElement, XmlElement];
  const info = readSignedInfo(signedInfo, accepted);
  if (isRefusal(info)) return info;
  const value = wrappedBase64(valueElement);
  if (isRefusal(value)) return value;
  const tokenId = readTokenId(keyInfo);
  return isRefusal(tokenId) ? tokenId : { ...info, signedInfo, value, tokenId };
};
