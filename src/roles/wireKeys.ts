/** Who signs and who checks on which hop. Without a key folder messages are unsigned, which is only fit for loopback. */

import type { Settings } from '../adapters/settings/settings.ts';
import { readCertificate, readKeys } from '../adapters/soap/keys.ts';
import { createSigner } from '../adapters/soap/security/signer.ts';
import { createVerifier } from '../adapters/soap/security/verifier.ts';

type Signer = ReturnType<typeof createSigner>;
type Verifier = ReturnType<typeof createVerifier>;

export type WireKeys = {
  readonly cloudSender: { readonly signer?: Signer };
  readonly clusterReceiver: { readonly verifier?: Verifier };
  readonly clusterSender: { readonly signer?: Signer };
  readonly nodeReceiver: { readonly verifier?: Verifier };
};

const none: WireKeys = { cloudSender: {}, clusterReceiver: {}, clusterSender: {}, nodeReceiver: {} };

/** Reads only what the roles of this process need: a node has no business with the cloud's private key. */
export const readWireKeys = async (settings: Settings, roles: ReadonlySet<string>): Promise<WireKeys> => {
  const folder = settings.text('wire-keys');
  if (folder === '') return none;
  const profile = settings.text('wire-profile') === 'sha1' ? 'rsa-sha1' : 'rsa-sha256';
  const has = (...names: readonly string[]): boolean => roles.has('all') || names.some((name) => roles.has(name));
  const signer = async (owner: 'cloud' | 'cluster') => createSigner({ ...(await readKeys(folder, owner)), profile });
  const verifier = async (owner: 'cloud' | 'cluster') =>
    createVerifier({ certificates: [await readCertificate(folder, owner)], now: Date.now, accept: [profile] });
  return {
    cloudSender: has('clc', 'worker') ? { signer: await signer('cloud') } : {},
    clusterReceiver: has('cc') ? { verifier: await verifier('cloud') } : {},
    clusterSender: has('cc') ? { signer: await signer('cluster') } : {},
    nodeReceiver: has('nc') ? { verifier: await verifier('cluster') } : {},
  };
};
