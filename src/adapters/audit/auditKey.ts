/**
 * The key that signs checkpoints: Ed25519, made when it is first needed, kept in the data folder for its owner alone. Its
 * public half lies beside it, to be carried to whoever verifies. A key that others may read is refused, never repaired.
 */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { chmod, open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureFolder, readIfThere, replaceFile } from '../shared/atomicFile.ts';

export type AuditKey = { readonly privateKey: KeyObject; readonly publicKey: KeyObject; readonly keyId: string };

/** First 16 hex digits of the SHA-256 of the public key's DER form. */
export const keyIdOf = (publicKey: KeyObject): string =>
  createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex')
    .slice(0, 16);

export const pemOf = (publicKey: KeyObject): string => String(publicKey.export({ type: 'spki', format: 'pem' }));

/** Undefined when the text is no Ed25519 public key. */
export const publicKeyIn = (pem: string): KeyObject | undefined => {
  try {
    const key = createPublicKey(pem);
    return key.asymmetricKeyType === 'ed25519' ? key : undefined;
  } catch {
    return undefined;
  }
};

/** Two processes may begin at once: whoever creates the file first has made the key. */
const makeKey = async (file: string): Promise<void> => {
  const pem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });
  try {
    const handle = await open(file, 'wx', 0o600);
    try {
      await handle.writeFile(pem);
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code !== 'EEXIST') throw fault;
  }
};

/** Throws when the file is open to others or holds no Ed25519 private key. */
export const openAuditKey = async (folder: string): Promise<AuditKey> => {
  await ensureFolder(folder);
  const file = join(folder, 'audit-key.pem');
  if ((await readIfThere(file)) === undefined) await makeKey(file);
  const mode = (await stat(file)).mode & 0o777;
  if ((mode & 0o077) !== 0) {
    throw new Error(`${file} has mode ${mode.toString(8)}, expected 600: others may have signed with it`);
  }
  const privateKey = createPrivateKey(await readFile(file));
  if (privateKey.asymmetricKeyType !== 'ed25519') {
    throw new Error(`${file} holds a key of type ${privateKey.asymmetricKeyType}, expected ed25519`);
  }
  const publicKey = createPublicKey(privateKey);
  const publicFile = join(folder, 'audit-key.pub.pem');
  const pem = pemOf(publicKey);
  if ((await readIfThere(publicFile))?.toString('utf8') !== pem) {
    await replaceFile(publicFile, [Buffer.from(pem)]);
    await chmod(publicFile, 0o644);
  }
  return { privateKey, publicKey, keyId: keyIdOf(publicKey) };
};
