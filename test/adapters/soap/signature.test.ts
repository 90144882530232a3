/** What a verifier takes, and each single thing that makes it say no. */
import assert from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import { readEnvelope } from '../../../src/adapters/soap/reader.ts';
import { canonicalOf } from '../../../src/adapters/soap/security/canonical.ts';
import { createReplays } from '../../../src/adapters/soap/security/replays.ts';
import { createSigner } from '../../../src/adapters/soap/security/signer.ts';
import { createVerifier } from '../../../src/adapters/soap/security/verifier.ts';
import { within } from '../../../src/adapters/soap/xmlQueries.ts';
import { isRefusal } from '../../../src/domain/refusals.ts';
import {
  accept,
  addressing,
  broadcast,
  cloud,
  cut,
  newPair,
  nowMs,
  recertified,
  signedText,
  signerOf,
  swap,
  verdict,
  verifierOf,
} from './fixtures.ts';

const text = signedText();

/** Signs whatever SignedInfo now says with the true key: an insider's mistake, or a peer that signs strange things. */
const resigned = (changed: string): string => {
  const envelope = readEnvelope([Buffer.from(changed)]);
  if (isRefusal(envelope)) throw new Error(`refused before its signature: ${envelope.detail}`);
  const info = [...within(envelope.root)].find((element) => element.local === 'SignedInfo');
  if (info === undefined) throw new Error('no SignedInfo');
  const value = sign('sha256', Buffer.from(canonicalOf(info)), createPrivateKey(cloud.privateKeyPem)).toString(
    'base64',
  );
  return changed.replace(/(<ds:SignatureValue>)[^<]*/, (_, tag: string) => `${tag}${value}`);
};

test('a signed message is accepted, with what was signed', () => {
  assert.deepEqual(accept(text), {
    message: { ...broadcast, networkInfo: [Buffer.concat(broadcast.networkInfo as Uint8Array[])] },
    to: addressing.to,
    messageId: addressing.messageId,
  });
});

test('both suites work, and only the suite that was asked for', () => {
  const old = signedText({ signer: signerOf(cloud, 'rsa-sha1') });
  assert.equal(verdict(old, verifierOf({ accept: ['rsa-sha1'] })), 'accepted');
  assert.equal(verdict(old, verifierOf()), 'security-algorithm');
  assert.equal(verdict(text, verifierOf({ accept: ['rsa-sha1'] })), 'security-algorithm');
  assert.equal(verdict(text, verifierOf({ accept: ['rsa-sha1', 'rsa-sha256'] })), 'accepted');
});

const tampering: readonly (readonly [string, string, string | RegExp, string])[] = [
  ['the body', 'security-digest', '<euca:epoch>7<', '<euca:epoch>8<'],
  ['the document', 'security-digest', 'networkInfo>PD94', 'networkInfo>PD95'],
  [
    'To',
    'security-digest',
    '10.111.5.16:8774/axis2/services/EucalyptusCC</wsa:To>',
    '10.111.5.17:8774/axis2/services/EucalyptusCC</wsa:To>',
  ],
  ['Action', 'security-digest', '#BroadcastNetworkInfo</wsa:Action>', '#AssignAddress</wsa:Action>'],
  ['MessageID', 'security-digest', '6C4ACC</wsa:MessageID>', '6C4ACD</wsa:MessageID>'],
  ['Created', 'security-digest', '05:48:08.000Z</wsu:Created>', '05:48:09.000Z</wsu:Created>'],
  ['Expires', 'security-digest', '05:53:08.000Z</wsu:Expires>', '05:59:08.000Z</wsu:Expires>'],
  ['an attribute of the body', 'security-digest', 'wsu:Id="id-4"', 'wsu:Id="id-4" extra="1"'],
  ['a digest', 'security-signature', /<ds:DigestValue>...../, '<ds:DigestValue>AAAAA'],
  ['the signature value', 'security-signature', /<ds:SignatureValue>...../, '<ds:SignatureValue>AAAAA'],
  ['the signature value cut', 'security-signature', /<ds:SignatureValue>[^<]*/, '<ds:SignatureValue>AAAA'],
  ['the certificate', 'security-certificate', 'X509-1">MIIC', 'X509-1">MIID'],
  ['the token type', 'security-structure', '#X509v3" wsu:Id', '#PKCS7" wsu:Id'],
  ['the key reference', 'security-structure', 'Reference URI="#X509-1"', 'Reference URI="#id-4"'],
  ['a signed id', 'security-structure', 'wsu:Id="id-4"', 'wsu:Id="id-9"'],
  [
    'the canonicalisation',
    'security-algorithm',
    /xml-exc-c14n#"><\/ds:CanonicalizationMethod/,
    'xml-exc-c14n#WithComments"></ds:CanonicalizationMethod',
  ],
  ['the suite', 'security-algorithm', 'xmldsig-more#rsa-sha256', 'xmldsig-more#hmac-sha256'],
  ['a digest method', 'security-algorithm', 'xmlenc#sha256', 'xmldsig-more#md5'],
  [
    'a transform',
    'security-algorithm',
    /<ds:Transform Algorithm="[^"]*"/,
    '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"',
  ],
];
for (const [what, code, from, to] of tampering) {
  test(`changed on the way: ${what}`, () => assert.equal(verdict(swap(text, from, to)), code));
}

const transform = '<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"></ds:Transform>';
const referenceOf = (id: string): string => {
  const found = cut(text, 'ds:SignedInfo').match(new RegExp(`<ds:Reference URI="#${id}">.*?</ds:Reference>`));
  if (found === null) throw new Error(`no reference to ${id}`);
  return found[0];
};

const insiders: readonly (readonly [string, string, string])[] = [
  ['Body is not signed', 'security-unsigned-part', swap(text, referenceOf('id-4'), '')],
  ['To is not signed', 'security-unsigned-part', swap(text, referenceOf('id-1'), '')],
  ['Action is not signed', 'security-unsigned-part', swap(text, referenceOf('id-2'), '')],
  ['MessageID is not signed', 'security-unsigned-part', swap(text, referenceOf('id-3'), '')],
  ['Timestamp is not signed', 'security-unsigned-part', swap(text, referenceOf('TS-1'), '')],
  [
    'one part is signed twice',
    'security-structure',
    swap(text, referenceOf('id-1'), referenceOf('id-1') + referenceOf('id-1')),
  ],
  ['the transform is missing', 'security-algorithm', swap(text, transform, '')],
  ['the transform is there twice', 'security-algorithm', swap(text, transform, transform + transform)],
  ['a reference to the whole document', 'security-structure', swap(text, 'Reference URI="#id-4"', 'Reference URI=""')],
  ['a reference by XPointer', 'security-structure', swap(text, 'URI="#id-4"', 'URI="#xpointer(id(\'id-4\'))"')],
  [
    'a reference to another place on the net',
    'security-structure',
    swap(text, 'URI="#id-4"', 'URI="http://10.0.0.1/#id-4"'),
  ],
  [
    'an object in the signature',
    'security-structure',
    swap(text, '</ds:KeyInfo>', '</ds:KeyInfo><ds:Object></ds:Object>'),
  ],
  [
    'a PrefixList beyond reason',
    'security-structure',
    swap(
      text,
      transform,
      transform.replace(
        '></ds:Transform>',
        `><x:InclusiveNamespaces xmlns:x="http://www.w3.org/2001/10/xml-exc-c14n#" PrefixList="${'a '.repeat(400)}"/></ds:Transform>`,
      ),
    ),
  ],
];
for (const [what, code, changed] of insiders) {
  test(`signed with the true key, but ${what}`, () => assert.equal(verdict(resigned(changed)), code));
}

test('what is resigned without a change is accepted: the test above tests what it says', () => {
  assert.equal(
    verdict(
      resigned(
        swap(
          text,
          'EucalyptusCC#BroadcastNetworkInfo</wsa:Action>',
          'EucalyptusCC#BroadcastNetworkInfo<!-- c --></wsa:Action>',
        ),
      ),
    ),
    'accepted',
  );
});

test('unsigned messages are refused', () => {
  assert.equal(verdict(swap(text, cut(text, 'wsse:Security'), '')), 'security-missing');
  assert.equal(verdict(swap(text, cut(text, 'soapenv:Header'), '')), 'security-missing');
  assert.equal(verdict(swap(text, cut(text, 'ds:Signature'), '')), 'security-structure');
  assert.equal(verdict(swap(text, cut(text, 'wsu:Timestamp'), '')), 'security-structure');
  assert.equal(verdict(swap(text, cut(text, 'wsse:BinarySecurityToken'), '')), 'security-structure');
});

test('the certificate is pinned byte for byte: the same key in another certificate is another signer', () => {
  const other = recertified(cloud, 2);
  const theirs = signedText({ signer: signerOf(other), addressing: { messageId: 'urn:uuid:2' } });
  assert.equal(verdict(theirs), 'security-certificate');
  const both = verifierOf({ certificates: [other.certificatePem, cloud.certificatePem] });
  assert.equal(verdict(text, both), 'accepted');
  assert.equal(verdict(theirs, both), 'accepted');
});

test('another key under our certificate does not help', () => {
  const token = cut(text, 'wsse:BinarySecurityToken');
  const theirs = signedText({ signer: signerOf(newPair('somebody else')) });
  assert.equal(verdict(swap(theirs, cut(theirs, 'wsse:BinarySecurityToken'), token)), 'security-signature');
});

const minutes = 60_000;
const times: readonly (readonly [string, number, string])[] = [
  ['just now', 0, 'accepted'],
  ['20 s ahead, within the skew', 20_000, 'accepted'],
  ['more than 20 s ahead', 20_001, 'security-future'],
  ['an hour ahead', 60 * minutes, 'security-future'],
  ['5 min and 20 s ago, at the end of life and skew', -(5 * minutes + 19_999), 'accepted'],
  ['a moment later', -(5 * minutes + 20_000), 'security-expired'],
  ['an hour ago', -60 * minutes, 'security-expired'],
];
for (const [what, offset, code] of times) {
  test(`created ${what}: ${code}`, () => {
    let clock = nowMs - 24 * 60 * minutes;
    const verifier = verifierOf({ now: () => clock });
    clock = nowMs;
    assert.equal(verdict(signedText({ atMs: nowMs + offset }), verifier), code);
  });
}

test('Expires cannot stretch a life beyond 300 s, and malformed times are refused', () => {
  const withExpiry = (expires: string): string => {
    const changed = swap(text, '2026-11-22T05:53:08.000Z', expires);
    const envelope = readEnvelope([Buffer.from(changed)]);
    assert.ok(!isRefusal(envelope));
    return changed;
  };
  const long = reDigest(withExpiry('2027-11-22T05:53:08.000Z'));
  let clock = nowMs;
  const verifier = verifierOf({ now: () => clock });
  clock = nowMs + 321_000;
  assert.equal(verdict(long, verifier), 'security-expired');
  for (const bad of [
    '2026-11-22T05:53:08',
    '2026-11-22 05:53:08Z',
    '2026-13-22T05:53:08Z',
    'tomorrow',
    '',
    '2026-11-22T05:53:08+01:00',
  ]) {
    assert.equal(verdict(reDigest(withExpiry(bad))), 'security-timestamp');
  }
  assert.equal(verdict(reDigest(withExpiry('2026-11-22T05:48:07.999Z'))), 'security-timestamp');
});

/** Digests the Timestamp anew and signs again: a peer with the true key and strange times. */
const reDigest = (changed: string): string => {
  const signer = createSigner(cloud);
  const stamped = cut(changed, 'wsu:Timestamp');
  const digest = cut(signer.securityHeader([{ id: 'TS-1', pieces: [Buffer.from(stamped)] }], 0), 'ds:SignedInfo').match(
    /URI="#TS-1".*?<ds:DigestValue>([^<]*)/g,
  );
  const value = digest?.at(-1)?.match(/([^>]*)$/)?.[1] ?? '';
  return resigned(
    changed.replace(/(URI="#TS-1">.*?<ds:DigestValue>)[^<]*/, (_, before: string) => `${before}${value}`),
  );
};

test('a message is taken once, however often and however dressed it comes again', () => {
  const verifier = verifierOf();
  assert.equal(verdict(text, verifier), 'accepted');
  assert.equal(verdict(text, verifier), 'security-replayed');
  assert.equal(verdict(swap(text, '<soapenv:Header>', '<!-- new --> <soapenv:Header>'), verifier), 'security-replayed');
  assert.equal(verdict(swap(text, 'Id="SIG-1"', 'Id="SIG-2"'), verifier), 'security-replayed');
  assert.equal(verdict(signedText({ addressing: { messageId: 'urn:uuid:2' } }), verifier), 'accepted');
});

test('a refused message is not remembered: it may still arrive whole', () => {
  const verifier = verifierOf();
  assert.equal(verdict(swap(text, '<euca:epoch>7<', '<euca:epoch>8<'), verifier), 'security-digest');
  assert.equal(verdict(text, verifier), 'accepted');
});

test('messages from before the start are refused, because what was taken then is forgotten', () => {
  const verifier = verifierOf();
  assert.equal(verdict(signedText({ atMs: nowMs - 21_000 }), verifier), 'security-before-start');
  assert.equal(verdict(signedText({ atMs: nowMs - 19_000 }), verifier), 'accepted');
});

test('the memory of replays is bounded, forgets only the dead, and says no when it is full of the living', () => {
  const replays = createReplays(3);
  assert.deepEqual(
    ['a', 'b', 'c'].map((key) => replays.admit(key, 100, 0)),
    ['fresh', 'fresh', 'fresh'],
  );
  assert.equal(replays.admit('d', 5000, 1), 'full');
  assert.equal(replays.admit('a', 100, 99), 'replayed');
  assert.equal(replays.admit('d', 5000, 1500), 'fresh');
  assert.ok(replays.size() <= 3);
  assert.equal(replays.admit('d', 5000, 1501), 'replayed');
  for (let i = 0; i < 1000; i += 1) replays.admit(`${i}`, 2000 + i, 2000 + i - 1);
  assert.ok(replays.size() <= 3);
});

test('an address that is not ours may be refused', () => {
  const ours = verifierOf({ addressedToUs: (to) => to.startsWith('http://10.111.5.16:') });
  assert.equal(verdict(text, ours), 'accepted');
  assert.equal(
    verdict(signedText({ addressing: { to: 'http://10.111.5.17:8774/x' } }), ours),
    'security-not-addressed-to-us',
  );
});

test('an answer must relate to what we asked, under signature', () => {
  const verify = (relatesTo: string | undefined, answering: string): string => {
    const envelope = readEnvelope([
      Buffer.from(signedText(relatesTo === undefined ? {} : { addressing: { relatesTo } })),
    ]);
    assert.ok(!isRefusal(envelope));
    const outcome = verifierOf().verify(envelope, answering);
    return isRefusal(outcome) ? outcome.refused : 'accepted';
  };
  assert.equal(verify('urn:uuid:1', 'urn:uuid:1'), 'accepted');
  assert.equal(verify('urn:uuid:1', 'urn:uuid:2'), 'security-not-our-answer');
  assert.equal(verify(undefined, 'urn:uuid:1'), 'security-unsigned-part');
});

test('keys that could never work are faults at start', () => {
  assert.throws(
    () => createSigner({ ...cloud, certificatePem: newPair('other').certificatePem }),
    /expected the key of the certificate/,
  );
  assert.throws(() => createVerifier({ certificates: [], now: () => nowMs }), /at least one certificate/);
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString();
  assert.throws(() => createSigner({ privateKeyPem: ec, certificatePem: cloud.certificatePem }), /expected RSA/);
});
