/**
 * Who asks, and whether they may. API keys are 256 random bits, shown once, kept as SHA-256, compared in constant time.
 * Roles come from the key, never from the request. Nothing here may log or return a key.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Role } from '../../domain/recorded.ts';
import { type DoorRefusal, refuseRequest } from './refusal.ts';
import type { Access, Caller } from './route.ts';

/** One line of the keys file. `expires` in ms; `hash` is base64url of SHA-256 over the whole key. */
export type KeyRecord = {
  readonly id: string;
  readonly prefix: string;
  readonly hash: string;
  readonly actor: string;
  readonly role: Role;
  readonly account?: string;
  readonly cluster?: string;
  readonly expires?: number;
};

/**
 * `replace` takes all keys at once, e.g. after the file was edited: rotation with overlap is two records side by side. A
 * ring that ever held a key stays closed when it becomes empty: an emptied file locks the door, it does not open it.
 */
export type Keyring = {
  readonly isOpen: () => boolean;
  readonly find: (key: string, now: number) => KeyRecord | undefined;
  readonly replace: (records: readonly KeyRecord[]) => void;
};

const keyForm = /^el_([A-Za-z0-9]{8})_([A-Za-z0-9_-]{43})$/;

const hashOf = (key: string): Buffer => createHash('sha256').update(key).digest();

/** Open, and everybody local, until it has held a key once; from then on it never opens again. */
export const createKeyring = (initial: readonly KeyRecord[]): Keyring => {
  let byPrefix = new Map<string, KeyRecord>();
  let closed = false;
  const replace = (records: readonly KeyRecord[]): void => {
    closed ||= records.length > 0;
    byPrefix = new Map(records.map((record) => [record.prefix, record]));
  };
  replace(initial);
  const find = (key: string, now: number): KeyRecord | undefined => {
    const record = byPrefix.get(keyForm.exec(key)?.[1] ?? '');
    const expected = Buffer.from(record?.hash ?? '', 'base64url');
    const actual = hashOf(key);
    if (expected.length !== actual.length || !timingSafeEqual(expected, actual)) return undefined;
    return record?.expires !== undefined && record.expires <= now ? undefined : record;
  };
  return { isOpen: () => !closed, find, replace };
};

/** A new key and the record to keep of it. The key itself is nowhere else. */
export const createApiKey = (
  about: Omit<KeyRecord, 'prefix' | 'hash'>,
): { readonly key: string; readonly record: KeyRecord } => {
  const prefix = randomBytes(4).toString('hex');
  const key = `el_${prefix}_${randomBytes(32).toString('base64url')}`;
  return { key, record: { ...about, prefix, hash: hashOf(key).toString('base64url') } };
};

export const localOperator: Caller = { actor: 'local-operator', role: 'admin', keyId: 'local' };
export const nobody: Caller = { actor: 'anonymous', role: 'viewer', keyId: 'anonymous' };

const callerOf = (record: KeyRecord): Caller => ({
  actor: record.actor,
  role: record.role,
  keyId: record.id,
  ...(record.account === undefined ? {} : { account: record.account }),
  ...(record.cluster === undefined ? {} : { cluster: record.cluster }),
});

const challenge = { 'WWW-Authenticate': 'Bearer realm="edgelog"' };

/** Pages of other people's applications cannot send a bearer: there the browser asks, and the key is the password. */
const credentialIn = (authorization: string): string | undefined => {
  const [, scheme = '', value = ''] = /^(Bearer|Basic) +(\S+)$/i.exec(authorization) ?? [];
  if (scheme.toLowerCase() !== 'basic') return value === '' ? undefined : value;
  return /^[^:]*:(\S+)$/.exec(Buffer.from(value, 'base64').toString('utf8'))?.[1];
};

/** Without any key ever configured the caller is the local operator: the door is then bound to loopback (`assertSafeBinding`). */
export const authenticate = (
  keyring: Keyring,
  authorization: string | undefined,
  now: number,
): Caller | DoorRefusal => {
  if (keyring.isOpen()) return localOperator;
  const credential = credentialIn(authorization ?? '');
  if (credential === undefined) {
    return refuseRequest('unauthenticated', 'The request carries no API key.', { headers: challenge });
  }
  const record = keyring.find(credential, now);
  return record === undefined
    ? refuseRequest('unauthenticated', 'The API key is unknown or has expired.', { headers: challenge })
    : callerOf(record);
};

/** The one account a caller is confined to; administrators never are. */
export const boundAccount = (caller: Caller): string | undefined =>
  caller.role === 'admin' ? undefined : caller.account;

/** Denies unless the access names the caller's role and the key's bounds include the place. */
export const authorize = (access: Access, caller: Caller, cluster: string | undefined): DoorRefusal | undefined => {
  if (access === 'anyone') return undefined;
  if (!access.roles.includes(caller.role)) {
    return refuseRequest(
      'forbidden',
      `This takes one of the roles ${access.roles.join(', ')}; yours is ${caller.role}.`,
    );
  }
  if (boundAccount(caller) !== undefined && access.scope !== 'account') {
    return refuseRequest('forbidden', 'The key is bound to one account, and this concerns the whole cloud.');
  }
  if (caller.cluster !== undefined && caller.cluster !== cluster) {
    return refuseRequest('forbidden', `The key is bound to cluster ${caller.cluster}.`);
  }
  return undefined;
};

export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}$/.test(host);

/**
 * Throws when the door would stand open: an address others can reach, without keys. Keys over plain HTTP can be read on
 * the way, so a reachable address also needs TLS in front, declared by `tlsInFront`. `insecure` overrides both, loudly.
 */
export const assertSafeBinding = (binding: {
  readonly host: string;
  readonly hasKeys: boolean;
  readonly tlsInFront: boolean;
  readonly insecure: boolean;
}): void => {
  if (isLoopback(binding.host) || binding.insecure) return;
  if (!binding.hasKeys) {
    throw new Error(
      `Refusing to listen on ${binding.host} without API keys: anybody who can reach it could change the network. ` +
        'Make keys first (edgelog keys add), bind 127.0.0.1, or say --insecure.',
    );
  }
  if (!binding.tlsInFront) {
    throw new Error(
      `Refusing to listen on ${binding.host} without TLS: keys could be read on the way. ` +
        'Put a TLS proxy in front and say --tls-in-front, bind 127.0.0.1, or say --insecure.',
    );
  }
};
