/**
 * Signatures on the wire between our own controllers: RSA with SHA-256 over one line that names the body's hash, for whom it
 * is and when it was made, checked against the one certificate the receiver has pinned. Cheaper than WS-Security by the XML,
 * and as strict: without a valid seal nothing of a body is read.
 */
import {
  createHash,
  createPrivateKey,
  type KeyObject,
  sign as signBytes,
  verify as verifyBytes,
  X509Certificate,
} from 'node:crypto';
import { type Refusal, refuse } from '../../domain/refusals.ts';

/** Header that carries the seal: time in ms, a dot, the signature in base64url. */
export const SEAL_HEADER = 'edgelog-seal';
export const AUDIENCE_HEADER = 'edgelog-audience';

/** For whom a body is: one receiver by name, or any receiver of this sender. */
export const ANYONE = '*';

/** What an answer to a body is sealed for: for nobody but who sent that body. */
export const ANSWER = 'answer';

/** What is sealed of an answer: that it is one, to what, and all it says. */
export const answerText = (status: number, request: Uint8Array, said: string): Buffer =>
  Buffer.from(`${status} ${createHash('sha256').update(request).digest('hex')} ${said}`);

/** As long as a WS-Security timestamp lives, and as far as clocks may differ (node spec 1.3). */
const LIFE_MS = 300_000;
const SKEW_MS = 20_000;

const lineOf = (audience: string, at: number, body: Uint8Array): Buffer =>
  Buffer.from(`edgelog-1 ${encodeURIComponent(audience)} ${at} ${createHash('sha256').update(body).digest('hex')}\n`);

export type Sealer = (body: Uint8Array, audience: string) => Promise<string>;

export const createSealer = (privateKeyPem: string, now: () => number): Sealer => {
  const key: KeyObject = createPrivateKey(privateKeyPem);
  return (body, audience) =>
    new Promise((resolve, reject) => {
      const at = now();
      // Off the main thread: a signature takes longer than all the rest of sending a change.
      signBytes('sha256', lineOf(audience, at, body), key, (fault, signature) =>
        fault === null ? resolve(`${at}.${signature.toString('base64url')}`) : reject(fault),
      );
    });
};

export type SealCheck = (body: Uint8Array, seal: string | undefined, audience: string) => Refusal | undefined;

const notSealed = (detail: string): Refusal => refuse('seal-refused', detail);

/** `name`: who this receiver is; a body for somebody else is refused however well it is sealed. */
export const createSealCheck = (certificatePem: string, name: string, now: () => number): SealCheck => {
  const { publicKey } = new X509Certificate(certificatePem);
  return (body, seal, audience) => {
    const [time = '', signature = ''] = (seal ?? '').split('.', 2);
    const at = /^\d{1,15}$/.test(time) ? Number(time) : Number.NaN;
    if (Number.isNaN(at) || signature === '') return notSealed('it carries no seal');
    if (audience !== ANYONE && audience !== name) return notSealed(`it is for ${audience}, this is ${name}`);
    if (at > now() + SKEW_MS || at < now() - LIFE_MS) return notSealed('its seal is too old, or the clocks differ');
    const bytes = Buffer.from(signature, 'base64url');
    return verifyBytes('sha256', lineOf(audience, at, body), publicKey, bytes)
      ? undefined
      : notSealed('its seal is not the one of the pinned certificate');
  };
};
