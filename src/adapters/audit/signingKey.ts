/** The key that signs checkpoints and bundles: made at first use, kept where only the control plane's user can read it. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keyIdOf } from './bundleProof.ts';

export type SigningKey = {
  readonly id: string;
  /** PEM, to be given to auditors. */
  readonly publicKey: string;
  /** Base64. */
  readonly sign: (text: string) => string;
};

const privateFile = 'audit-key.pem';
const publicFile = 'audit-key.pub.pem';

const signingKey = (key: KeyObject): SigningKey => {
  const publicKey = createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString();
  return { id: keyIdOf(publicKey), publicKey, sign: (text) => sign(null, Buffer.from(text), key).toString('base64') };
};

/** Reads the key of the folder, or makes one. Throws when it is there and cannot be used. */
export const openSigningKey = (folder: string): SigningKey => {
  const file = join(folder, privateFile);
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const { privateKey } = generateKeyPairSync('ed25519');
    writeFileSync(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600, flag: 'wx' });
  }
  chmodSync(file, 0o600);
  const key = signingKey(createPrivateKey(readFileSync(file)));
  writeFileSync(join(folder, publicFile), key.publicKey);
  return key;
};
