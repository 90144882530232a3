/** Keys on disk: whole, private, never overwritten; certificates that other software reads. */
import assert from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { selfSignedCertificate } from '../../../src/adapters/soap/certificate.ts';
import { keyOwners, makeKeys, readCertificate, readKeys } from '../../../src/adapters/soap/keys.ts';
import { createSigner } from '../../../src/adapters/soap/security/signer.ts';
import { isRefusal } from '../../../src/domain/refusals.ts';
import { nowMs, signedText, verdict, verifierOf } from './fixtures.ts';

const folderFor = async (t: TestContext): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'edgelog-keys-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
};

test('six files, mode 0600, and what one owner signs only its certificate verifies', async (t) => {
  const folder = join(await folderFor(t), 'keys');
  const made = await makeKeys({ folder, nowMs });
  assert.ok(!isRefusal(made));
  const expected = keyOwners.flatMap((owner) => [`${owner}-cert.pem`, `${owner}-pk.pem`]).sort();
  assert.deepEqual((await readdir(folder)).sort(), expected);
  assert.equal((await stat(folder)).mode & 0o777, 0o700);
  for (const file of made.files) assert.equal((await stat(file)).mode & 0o777, 0o600);
  const signed = signedText({ signer: createSigner(await readKeys(folder, 'cluster')) });
  assert.equal(verdict(signed, verifierOf({ certificates: [await readCertificate(folder, 'cluster')] })), 'accepted');
  assert.equal(
    verdict(signed, verifierOf({ certificates: [await readCertificate(folder, 'cloud')] })),
    'security-certificate',
  );
});

test('one file in the way refuses everything, and nothing is written, not even through a dangling link', async (t) => {
  const folder = await folderFor(t);
  await writeFile(join(folder, 'node-cert.pem'), 'precious');
  const refused = await makeKeys({ folder, nowMs });
  assert.ok(isRefusal(refused) && refused.refused === 'key-file-exists' && refused.detail.includes('node-cert.pem'));
  assert.deepEqual(await readdir(folder), ['node-cert.pem']);
  assert.equal(await readFile(join(folder, 'node-cert.pem'), 'utf8'), 'precious');
  const linked = await folderFor(t);
  await symlink(join(folder, 'elsewhere'), join(linked, 'cloud-pk.pem'));
  assert.ok(isRefusal(await makeKeys({ folder: linked, nowMs })));
  assert.deepEqual(await readdir(linked), ['cloud-pk.pem']);
});

test('only the owners asked for', async (t) => {
  const folder = await folderFor(t);
  await makeKeys({ folder, owners: ['node'], nowMs });
  assert.deepEqual((await readdir(folder)).sort(), ['node-cert.pem', 'node-pk.pem']);
});

test('the certificate: self-signed, v3, serial and ten years as asked, for this key', async (t) => {
  const folder = await folderFor(t);
  await makeKeys({ folder, owners: ['cloud'], nowMs, newSerial: () => Buffer.from([0x80, 1]) });
  const { privateKeyPem, certificatePem } = await readKeys(folder, 'cloud');
  const certificate = new X509Certificate(certificatePem);
  assert.equal(certificate.serialNumber, '8001');
  assert.equal(certificate.subject, 'CN=edgelog cloud');
  assert.equal(certificate.issuer, certificate.subject);
  assert.equal(certificate.ca, false);
  assert.equal(Date.parse(certificate.validFrom), nowMs);
  assert.equal(new Date(certificate.validTo).getUTCFullYear(), 2036);
  assert.ok(certificate.verify(certificate.publicKey));
  assert.ok(certificate.checkPrivateKey(createPrivateKey(privateKeyPem)));
  assert.match(privateKeyPem, /^-----BEGIN RSA PRIVATE KEY-----/);
  assert.equal(certificate.toString(), certificatePem);
});

test('the same input gives the same bytes; years from 2050 and odd serials are written as prescribed', () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const request = {
    privateKey,
    commonName: 'é',
    serial: Buffer.from([0, 0, 5]),
    notBeforeMs: Date.UTC(2049, 11, 31, 23, 59, 59),
    notAfterMs: Date.UTC(2050, 0, 1),
  };
  assert.deepEqual(selfSignedCertificate(request), selfSignedCertificate(request));
  const read = (serial: Uint8Array): X509Certificate =>
    new X509Certificate(selfSignedCertificate({ ...request, serial }));
  const certificate = read(request.serial);
  assert.equal(certificate.serialNumber, '05');
  assert.equal(Date.parse(certificate.validFrom), request.notBeforeMs);
  assert.equal(Date.parse(certificate.validTo), request.notAfterMs);
  assert.equal(read(Buffer.alloc(3)).serialNumber, '0');
  assert.equal(read(Buffer.alloc(20, 0xff)).serialNumber, 'FF'.repeat(20));
});
