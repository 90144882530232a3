/**
 * Who signs and who checks on which hop. Without a key folder messages are unsigned, which is only fit for loopback. Each
 * receiving endpoint has a verifier of its own for as long as it lives, because a verifier remembers what it has accepted.
 *
 * `cloud-*` signs towards cluster controllers, `cluster-*` towards nodes, `node-*` a node's answers and its word. What a
 * process does not need for its roles is not read: a node has no business with the cloud's private key.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from '../adapters/settings/settings.ts';
import { certificateFile, type KeyOwner, keyFile } from '../adapters/soap/keys.ts';
import type { SignatureProfile } from '../adapters/soap/security/profiles.ts';
import { createSigner } from '../adapters/soap/security/signer.ts';
import { createVerifier, type Verifier } from '../adapters/soap/security/verifier.ts';
import { ANSWER, createSealCheck, createSealer, type SealCheck, type Sealer } from '../adapters/wire/seal.ts';
import { createWordCheck, type WordCheck } from '../adapters/wire/wordCheck.ts';
import { StartRefused } from './role.ts';

type Signer = ReturnType<typeof createSigner>;
type IsAddressed = (to: string) => boolean;

/** Spread into the settings of a SOAP client or server. */
export type WireEnd = { readonly signer?: Signer; readonly verifier?: Verifier };

/** One end of the wire on which documents travel as deltas: what it seals with, and what it believes. */
export type DeltaEnd = { readonly seal?: Sealer | undefined; readonly check?: SealCheck | undefined };

export type WireKeys = {
  /** Towards all clusters. */
  readonly cloudSealer: () => Sealer | undefined;
  /** Believes the answers of this one. */
  readonly cloudDeltas: (cluster: string) => DeltaEnd;
  /** Believes the cloud's deltas that are for this cluster; seals its answers to them. */
  readonly clusterDoor: (cluster: string) => DeltaEnd;
  /** Seals towards nodes; believes their answers. */
  readonly clusterDeltas: () => DeltaEnd;
  readonly nodeDoor: (node: string) => DeltaEnd;
  /** Towards one cluster's controller; a text says why no message can be sent to it yet. */
  readonly cloudSender: (cluster: string) => WireEnd | string;
  readonly clusterReceiver: (isAddressed: IsAddressed) => WireEnd;
  readonly clusterSender: () => WireEnd;
  readonly nodeReceiver: (isAddressed: IsAddressed) => WireEnd;
  readonly nodeSealer: () => Sealer | undefined;
  /** For words sent to this path. */
  readonly nodeWordCheck: (path: string) => WordCheck | undefined;
};

const none: WireKeys = {
  cloudSealer: () => undefined,
  cloudDeltas: () => ({}),
  clusterDoor: () => ({}),
  clusterDeltas: () => ({}),
  nodeDoor: () => ({}),
  cloudSender: () => ({}),
  clusterReceiver: () => ({}),
  clusterSender: () => ({}),
  nodeReceiver: () => ({}),
  nodeSealer: () => undefined,
  nodeWordCheck: () => undefined,
};

/** Private keys and certificates of one folder; a missing one is a reason not to start, said with its file. */
const createShelf = (folder: string, profile: SignatureProfile, now: () => number) => {
  const read = (file: string): string => {
    try {
      return readFileSync(file, 'utf8');
    } catch (error) {
      throw new StartRefused(`Cannot read ${file}: ${(error as Error).message}. Keys are made by: edgelog keys init`);
    }
  };
  return {
    has: (owner: KeyOwner): boolean => existsSync(keyFile(folder, owner)),
    sealer: (owner: KeyOwner): Sealer => createSealer(read(keyFile(folder, owner)), now),
    privateKey: (owner: KeyOwner): string => read(keyFile(folder, owner)),
    certificate: (owner: KeyOwner): string => read(certificateFile(folder, owner)),
    signer: (owner: KeyOwner): Signer =>
      createSigner({
        privateKeyPem: read(keyFile(folder, owner)),
        certificatePem: read(certificateFile(folder, owner)),
        profile,
      }),
    verifier: (certificatePem: string, addressedToUs?: IsAddressed): Verifier =>
      createVerifier({
        certificates: [certificatePem],
        now,
        accept: [profile],
        ...(addressedToUs === undefined ? {} : { addressedToUs }),
      }),
  };
};

/** A cluster's own certificate, or the one all clusters share. */
const clusterCertificate = (folder: string, cluster: string): string | undefined => {
  const isPlain = /^[A-Za-z0-9_.-]+$/.test(cluster) && !cluster.startsWith('.');
  const places = [...(isPlain ? [join(folder, cluster)] : []), folder];
  const found = places.map((place) => certificateFile(place, 'cluster')).find((file) => existsSync(file));
  return found === undefined ? undefined : readFileSync(found, 'utf8');
};

/**
 * Throws StartRefused when a key that these roles need is missing. Controllers of Eucalyptus (profile `sha1`) need not sign
 * their answers, and cannot sign words; ours do, and are then held to it.
 */
export const readWireKeys = (settings: Settings, roles: ReadonlySet<string>, now: () => number): WireKeys => {
  const folder = settings.text('wire-keys');
  if (folder === '') return none;
  const isForeign = settings.text('wire-profile') === 'sha1';
  const shelf = createShelf(folder, isForeign ? 'rsa-sha1' : 'rsa-sha256', now);
  const needs = (...names: readonly string[]): boolean => roles.has('all') || names.some((name) => roles.has(name));
  const cloudSigner = needs('clc', 'worker') ? shelf.signer('cloud') : undefined;
  const clusterSigner = needs('cc') ? shelf.signer('cluster') : undefined;
  const nodeSigns = needs('nc') && (!isForeign || shelf.has('node'));
  const nodeSigner = nodeSigns ? shelf.signer('node') : undefined;
  const signing = (signer: Signer | undefined): WireEnd => (signer === undefined ? {} : { signer });
  const cloudSealer = needs('clc', 'worker') ? shelf.sealer('cloud') : undefined;
  const clusterSealer = needs('cc') ? shelf.sealer('cluster') : undefined;
  /** What keeps a receiver from saying anything but what its own key has sealed. */
  const answers = (certificate: string | undefined): DeltaEnd =>
    certificate === undefined ? {} : { check: createSealCheck(certificate, ANSWER, now) };

  return {
    cloudSealer: () => cloudSealer,
    cloudDeltas: (cluster) => answers(clusterCertificate(folder, cluster)),
    clusterDoor: (cluster) => ({
      check: createSealCheck(shelf.certificate('cloud'), cluster, now),
      seal: clusterSealer,
    }),
    clusterDeltas: () => ({
      ...answers(existsSync(certificateFile(folder, 'node')) ? shelf.certificate('node') : undefined),
      seal: clusterSealer,
    }),
    nodeDoor: (node) => ({
      check: createSealCheck(shelf.certificate('cluster'), node, now),
      seal: nodeSigns ? shelf.sealer('node') : undefined,
    }),
    cloudSender: (cluster) => {
      if (isForeign) return signing(cloudSigner);
      const certificate = clusterCertificate(folder, cluster);
      if (certificate !== undefined) return { ...signing(cloudSigner), verifier: shelf.verifier(certificate) };
      return `there is no cluster-cert.pem for ${cluster} in ${folder}/${cluster} or ${folder}`;
    },
    clusterReceiver: (isAddressed) => ({
      ...signing(clusterSigner),
      verifier: shelf.verifier(shelf.certificate('cloud'), isAddressed),
    }),
    clusterSender: () => ({
      ...signing(clusterSigner),
      ...(isForeign ? {} : { verifier: shelf.verifier(shelf.certificate('node')) }),
    }),
    nodeReceiver: (isAddressed) => ({
      ...signing(nodeSigner),
      verifier: shelf.verifier(shelf.certificate('cluster'), isAddressed),
    }),
    nodeSealer: () => (nodeSigns ? createSealer(shelf.privateKey('node'), now) : undefined),
    nodeWordCheck: (path) =>
      isForeign && !existsSync(certificateFile(folder, 'node'))
        ? undefined
        : createWordCheck(shelf.certificate('node'), path, now),
  };
};
