/**
 * Two other implementations judge ours: xml-crypto in every run, xmlsec1 (Debian package xmlsec1) where it is installed.
 * They verify what we sign, and we accept what xmlsec1 signs, in a dress quite unlike our own.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { SignedXml } from 'xml-crypto';
import type { BroadcastNetworkInfo } from '../../../src/adapters/soap/messages.ts';
import { canonicalise, prefixList } from '../../../src/adapters/soap/security/canonical.ts';
import { profileAlgorithms, type SignatureProfile } from '../../../src/adapters/soap/security/profiles.ts';
import { within } from '../../../src/adapters/soap/xmlQueries.ts';
import { createXmlReader } from '../../../src/adapters/soap/xmlTree.ts';
import { isRefusal } from '../../../src/domain/refusals.ts';
import { broadcast, cloud, cut, signedText, signerOf, swap, verdict, verifierOf } from './fixtures.ts';

const folder = mkdtempSync(join(tmpdir(), 'edgelog-soap-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const profiles: readonly SignatureProfile[] = ['rsa-sha256', 'rsa-sha1'];

const samples: readonly (readonly [string, BroadcastNetworkInfo])[] = [
  ['a plain push', broadcast],
  ['text that must be escaped', { ...broadcast, userId: 'a & b < c > d "e" \'f\' \r\n\t é € 😀' }],
  [
    'a document of 2 MB in pieces',
    { ...broadcast, networkInfo: Array.from({ length: 64 }, () => Buffer.alloc(32_768, 'QUJD')) },
  ],
  ['an empty document', { ...broadcast, networkInfo: [] }],
];

for (const profile of profiles) {
  for (const [what, message] of samples) {
    test(`xml-crypto verifies ${what}, ${profile}`, () => {
      const text = signedText({ message, signer: signerOf(cloud, profile) });
      const verifier = new SignedXml({ publicCert: cloud.certificatePem, idMode: 'wssecurity' });
      verifier.loadSignature(cut(text, 'ds:Signature'));
      assert.ok(verifier.checkSignature(text));
      assert.equal(verifier.getSignedReferences().length, 5);
    });
  }
}

const hasXmlsec = spawnSync('xmlsec1', ['--version']).status === 0;
const skip = hasXmlsec ? false : 'install xmlsec1 (Debian: apt-get install xmlsec1) to let it judge our signatures';

const namespaces = {
  soap: 'http://schemas.xmlsoap.org/soap/envelope/',
  wsa: 'http://www.w3.org/2005/08/addressing',
  wsu: 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd',
  wsse: 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd',
  token: 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3',
  c14n: 'http://www.w3.org/2001/10/xml-exc-c14n#',
};

const ids = [
  `${namespaces.wsu}:Timestamp`,
  `${namespaces.soap}:Body`,
  ...['To', 'Action', 'MessageID'].map((local) => `${namespaces.wsa}:${local}`),
].flatMap((element) => ['--id-attr:Id', element]);

const file = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

const xmlsec = (args: readonly string[]) => spawnSync('xmlsec1', [...args], { encoding: 'utf8', timeout: 30_000 });

const xmlsecVerifies = (text: string): boolean => {
  const certificate = file('cert.pem', cloud.certificatePem);
  return xmlsec(['--verify', '--pubkey-cert-pem', certificate, ...ids, file('signed.xml', text)]).status === 0;
};

for (const profile of profiles) {
  for (const [what, message] of samples) {
    test(`xmlsec1 verifies ${what}, ${profile}`, { skip }, () => {
      const text = signedText({ message, signer: signerOf(cloud, profile) });
      assert.ok(xmlsecVerifies(text));
      assert.ok(!xmlsecVerifies(swap(text, '<euca:epoch>7<', '<euca:epoch>8<')));
    });
  }
}

const certificateText = new X509Certificate(cloud.certificatePem).raw.toString('base64').replace(/.{76}/g, '$&\n');

/**
 * An envelope as another library might make it: other prefixes, everything declared at the top, a default namespace,
 * indented, attributes in odd order, wrapped base64, comments, `InclusiveNamespaces`.
 */
const foreignTemplate = (profile: SignatureProfile, inclusive: string): string => {
  const { signatureMethod, digestMethod } = profileAlgorithms[profile];
  const prefixes =
    inclusive === '' ? '' : `<ec:InclusiveNamespaces xmlns:ec="${namespaces.c14n}" PrefixList="${inclusive}"/>`;
  const reference = (id: string): string => `
      <Reference URI="#${id}"><Transforms><Transform Algorithm="${namespaces.c14n}">${prefixes}</Transform></Transforms>
        <DigestMethod Algorithm="${digestMethod}"/><DigestValue/></Reference>`;
  return `<?xml version='1.0' encoding='UTF-8'?>
<!-- made elsewhere -->
<S:Envelope xmlns:S="${namespaces.soap}" xmlns="http://eucalyptus.ucsb.edu/" xmlns:u="${namespaces.wsu}" xmlns:unused="urn:unused"
            xmlns:a="${namespaces.wsa}">
 <S:Header>
  <o:Security xmlns:o="${namespaces.wsse}" S:mustUnderstand="0">
   <o:BinarySecurityToken u:Id="token" ValueType="${namespaces.token}"
     EncodingType='http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-soap-message-security-1.0#Base64Binary'>
${certificateText}
   </o:BinarySecurityToken>
   <Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo>
      <CanonicalizationMethod Algorithm="${namespaces.c14n}">${prefixes}</CanonicalizationMethod>
      <SignatureMethod Algorithm="${signatureMethod}"/>${['time', 'body', 'to', 'action', 'message'].map(reference).join('')}
    </SignedInfo><SignatureValue/>
    <KeyInfo><o:SecurityTokenReference><o:Reference URI="#token" ValueType="${namespaces.token}"/></o:SecurityTokenReference></KeyInfo>
   </Signature>
   <u:Timestamp u:Id="time"><u:Created>2026-11-22T05:48:00Z</u:Created><u:Expires>2026-11-22T05:53:00Z</u:Expires></u:Timestamp>
  </o:Security>
  <a:Action u:Id="action">EucalyptusCC#BroadcastNetworkInfo</a:Action>
  <a:To   u:Id='to' zebra="1" apple="&#9;2 &quot;"  >http://10.111.5.16:8774/axis2/services/EucalyptusCC</a:To>
  <a:MessageID u:Id="message">urn:uuid:00000000000000000000000000000001</a:MessageID>
 </S:Header>
 <S:Body u:Id="body"><!-- gone when signed -->
  <BroadcastNetworkInfo>
   <userId>r&amp;d &lt;&#13;&gt; <![CDATA[<raw>]]> é😀</userId>
   <epoch>7</epoch>
   <e:networkInfo xmlns:e="http://eucalyptus.ucsb.edu/">PGEvPg==</e:networkInfo>
  </BroadcastNetworkInfo>
 </S:Body>
</S:Envelope>`;
};

const xmlsecSigns = (template: string): string => {
  const key = file('key.pem', cloud.privateKeyPem);
  const output = join(folder, 'out.xml');
  const run = xmlsec(['--sign', '--privkey-pem', key, ...ids, '--output', output, file('template.xml', template)]);
  assert.equal(run.status, 0, run.stderr);
  return readFileSync(output, 'utf8');
};

for (const profile of profiles) {
  for (const inclusive of ['', 'S a', '#default unused u']) {
    test(`we accept what xmlsec1 signs, ${profile}, inclusive prefixes "${inclusive}"`, { skip }, () => {
      const text = xmlsecSigns(foreignTemplate(profile, inclusive));
      const verifier = () => verifierOf({ accept: [profile] });
      assert.equal(verdict(text, verifier()), 'accepted');
      assert.equal(verdict(swap(text, '<epoch>7<', '<epoch>8<'), verifier()), 'security-digest');
    });
  }
}

/** Documents that are awkward to canonicalise; `<t Id="x">` is the part to be signed. */
const awkward: readonly (readonly [string, string])[] = [
  ['', '<r xmlns="urn:u" xmlns:p="urn:v"><t Id="x"><p:a p:k="1" k="2"/><b xmlns=""><c xmlns="urn:u"/></b></t></r>'],
  ['', '<r xmlns:p="urn:1"><q><t Id="x" xmlns:p="urn:2"><p:a xmlns:p="urn:1"><p:b/></p:a><p:c/></t></q></r>'],
  ['p', '<r xmlns:p="urn:1"><q><t Id="x"><a xmlns:p="urn:2"><b xmlns:p="urn:1"/></a></t></q></r>'],
  ['#default', '<p:r xmlns="urn:1" xmlns:p="urn:2"><p:q/><t xmlns="" Id="x"><a xmlns="urn:1"/><p:b/></t></p:r>'],
  [
    '',
    '<r xml:lang="de" xml:space="preserve"><t Id="x" xml:base="http://b/">\r\n\t&#13;&#10; &#x20AC; <a b="&#13;&#10;&#9; x"/></t></r>',
  ],
  [
    'z y',
    '<r xmlns:z="urn:1" xmlns:y="urn:2"><t Id="x"><z:a xmlns:y="urn:3"><y:b xmlns:z="urn:4" z:c=""/></z:a></t></r>',
  ],
];

for (const [inclusive, xml] of awkward) {
  test(`xmlsec1 and we agree on ${xml}`, { skip }, () => {
    const prefixes = `<ec:InclusiveNamespaces xmlns:ec="${namespaces.c14n}" PrefixList="${inclusive}"/>`;
    const signature =
      `<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo><CanonicalizationMethod Algorithm="${namespaces.c14n}"/>` +
      '<SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/><Reference URI="#x"><Transforms>' +
      `<Transform Algorithm="${namespaces.c14n}">${inclusive === '' ? '' : prefixes}</Transform></Transforms>` +
      '<DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><DigestValue/></Reference></SignedInfo><SignatureValue/></Signature>';
    const template = xml.replace(/<\/[^>]*>$/, (end) => `${signature}${end}`);
    const key = file('key.pem', cloud.privateKeyPem);
    const output = join(folder, 'c14n.xml');
    const names = ['--id-attr:Id', 't', '--id-attr:Id', 'urn:u:t'];
    const run = xmlsec(['--sign', '--privkey-pem', key, ...names, '--output', output, file('c14n-in.xml', template)]);
    assert.equal(run.status, 0, run.stderr);
    const theirs = /<DigestValue>([^<]*)</.exec(readFileSync(output, 'utf8'))?.[1];
    const reader = createXmlReader();
    reader.write(Buffer.from(xml));
    const root = reader.end();
    assert.ok(!isRefusal(root));
    const apex = [...within(root)].find((element) => element.local === 't');
    assert.ok(apex);
    const hash = createHash('sha256');
    canonicalise(apex, prefixList(inclusive), (stretch) => hash.update(stretch));
    assert.equal(hash.digest('base64'), theirs);
  });
}
