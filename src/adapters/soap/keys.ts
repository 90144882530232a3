/**
 * Makes and reads the key pairs of the two hops under Eucalyptus' own file names: `cloud-*` signs towards cluster
 * controllers, `cluster-*` towards nodes, `node-*` signs a node's answers (node spec 1.3). Files are mode 0600 and never
 * overwritten: losing a key that peers have pinned is an outage. Private keys never leave this file except into a file.
 */
import { generateKeyPair, type KeyObject, randomBytes } from 'node:crypto';
import { lstat, mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Refusal } from '../../domain/refusals.ts';
import { pemOf, selfSignedCertificate } from './certificate.ts';
import { soapRefusal } from './soapRefusals.ts';

export type KeyOwner = 'cloud' | 'cluster' | 'node';
export const keyOwners: readonly KeyOwner[] = ['cloud', 'cluster', 'node'];

export type KeySettings = {
  readonly folder: string;
  readonly owners?: readonly KeyOwner[];
  /** Start of validity, milliseconds since 1970. */
  readonly nowMs: number;
  /** Default 10. */
  readonly years?: number;
  /** Default: 16 random bytes. */
  readonly newSerial?: () => Uint8Array;
};

export type MadeKeys = { readonly files: readonly string[] };

export const keyFile = (folder: string, owner: KeyOwner): string => join(folder, `${owner}-pk.pem`);
export const certificateFile = (folder: string, owner: KeyOwner): string => join(folder, `${owner}-cert.pem`);

const dayMs = 86_400_000;
const newPair = promisify(generateKeyPair);

const isThere = (file: string): Promise<boolean> =>
  lstat(file).then(
    () => true,
    () => false,
  );

const writeNew = async (file: string, text: string): Promise<void> => {
  const handle = await open(file, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
};

const certify = (privateKey: KeyObject, owner: KeyOwner, { nowMs, years = 10, newSerial }: KeySettings): string =>
  pemOf(
    selfSignedCertificate({
      privateKey,
      commonName: `edgelog ${owner}`,
      serial: newSerial?.() ?? randomBytes(16),
      notBeforeMs: nowMs,
      notAfterMs: nowMs + Math.round(years * 365.25) * dayMs,
    }),
  );

/** PKCS#1 text, which OpenSSL of any age reads. */
const makePair = async (owner: KeyOwner, settings: KeySettings): Promise<readonly (readonly [string, string])[]> => {
  const { privateKey } = await newPair('rsa', { modulusLength: 2048, publicExponent: 0x10001 });
  const pem = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
  return [
    [keyFile(settings.folder, owner), pem],
    [certificateFile(settings.folder, owner), certify(privateKey, owner, settings)],
  ];
};

/**
 * Two files per owner, or a refusal naming the first file that is already there; then nothing was written. If writing
 * fails half way (a full disk) what this call wrote is removed and the fault thrown.
 */
export const makeKeys = async (settings: KeySettings): Promise<MadeKeys | Refusal> => {
  const { folder, owners = keyOwners } = settings;
  for (const file of owners.flatMap((owner) => [keyFile(folder, owner), certificateFile(folder, owner)])) {
    if (await isThere(file)) return soapRefusal('key-file-exists', `${file} exists and is not overwritten`);
  }
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const written: string[] = [];
  try {
    for (const owner of owners) {
      for (const [file, text] of await makePair(owner, settings)) {
        await writeNew(file, text);
        written.push(file);
      }
    }
  } catch (error) {
    for (const file of written) await rm(file, { force: true });
    throw error;
  }
  return { files: written };
};

export type KeyTexts = { readonly privateKeyPem: string; readonly certificatePem: string };

/** What `createSigner` takes. Throws the file system's own fault if a file cannot be read. */
export const readKeys = async (folder: string, owner: KeyOwner): Promise<KeyTexts> => ({
  privateKeyPem: await readFile(keyFile(folder, owner), 'utf8'),
  certificatePem: await readFile(certificateFile(folder, owner), 'utf8'),
});

/** What a receiver pins. */
export const readCertificate = (folder: string, owner: KeyOwner): Promise<string> =>
  readFile(certificateFile(folder, owner), 'utf8');
