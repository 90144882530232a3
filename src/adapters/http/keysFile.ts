/**
 * The file of API keys: `{"keys": [...]}`, hashes only, readable by nobody but its owner. A file others can read or that
 * does not have the form is a fault at start, with the reason; it is never half taken.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { isRefusal } from '../../domain/refusals.ts';
import { parseStrictJson } from '../../domain/strictJson.ts';
import type { KeyRecord } from './auth.ts';
import { account, choice, list, name, object, text, whole } from './schema.ts';
import { checkOf } from './validation.ts';

const keySchema = object(
  {
    id: name('Name of the key, for people', 64),
    prefix: text('The part of the key that may be shown', { pattern: '^[A-Za-z0-9]{8}$' }),
    hash: text('base64url of SHA-256 over the key', { pattern: '^[A-Za-z0-9_-]{43}$' }),
    actor: name('Who acts with this key', 128),
    role: choice('Role', ['viewer', 'operator', 'admin', 'auditor']),
    account: account('Bound to this account'),
    cluster: name('Bound to this cluster', 63),
    expires: whole('Milliseconds since 1970', 0),
  },
  ['id', 'prefix', 'hash', 'actor', 'role'],
);
const checkFile = checkOf(object({ keys: list(keySchema, 10_000, 'The keys') }, ['keys']));

/** Throws when the file is missing, is open to others, or does not hold keys. Paths are shown, contents never. */
export const readKeysFile = (path: string): readonly KeyRecord[] => {
  const parsed = parseStrictJson(readPrivately(path));
  if (isRefusal(parsed)) throw new Error(`Keys file ${path}: ${parsed.detail}`);
  const wrong = checkFile(parsed.json);
  if (wrong !== undefined)
    throw new Error(`Keys file ${path}: ${wrong.member ?? ''} is not as it should be (${wrong.refused})`);
  const { keys } = parsed.json as unknown as { readonly keys: readonly KeyRecord[] };
  const twice = keys.find((key, i) => keys.findIndex((other) => other.prefix === key.prefix) !== i);
  if (twice !== undefined) throw new Error(`Keys file ${path}: two keys have the prefix ${twice.prefix}`);
  return keys;
};

const readPrivately = (path: string): string => {
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const mode = fstatSync(file).mode & 0o777;
    if ((mode & 0o077) !== 0) {
      throw new Error(`Keys file ${path} is open to others (mode ${mode.toString(8)}). Run: chmod 600 ${path}`);
    }
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
};
