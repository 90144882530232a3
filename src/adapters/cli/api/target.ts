/** Where the API is and with which key: from options and environment. A key never travels where others could read it. */
import { readFileSync } from 'node:fs';
import type { Environment } from '../command.ts';
import { type Complaint, usage } from '../complaint.ts';

export type Target = {
  readonly url: URL;
  readonly key: string | undefined;
  readonly account: string | undefined;
};

const usualPort = '8773';
const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '[::1]' || /^127(\.[0-9]+){3}$/.test(host);

/** A program that listens everywhere is reached on loopback from here. */
const hostIn = (environment: Environment): string => {
  const host = environment['EDGELOG_HOST'] || '127.0.0.1';
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
};

const urlFrom = (given: string | undefined, environment: Environment): string =>
  given ?? (environment['EDGELOG_URL'] || `http://${hostIn(environment)}:${environment['EDGELOG_PORT'] || usualPort}`);

const keyIn = (environment: Environment): string | undefined | Complaint => {
  const file = environment['EDGELOG_KEY_FILE'] || undefined;
  if (file === undefined || environment['EDGELOG_KEY']) return environment['EDGELOG_KEY'] || undefined;
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (fault) {
    return usage(`EDGELOG_KEY_FILE cannot be read: ${(fault as Error).message}.`);
  }
};

const unsafeKey = (url: URL, environment: Environment): boolean =>
  url.protocol === 'http:' && !isLoopback(url.hostname) && environment['EDGELOG_INSECURE'] !== 'true';

export const targetOf = (
  given: { readonly url: string | undefined; readonly account: string | undefined },
  environment: Environment,
): Target | Complaint => {
  const written = urlFrom(given.url, environment);
  const url = URL.parse(written);
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.username !== '') {
    return usage(
      `${JSON.stringify(written)} is not the URL of an API.`,
      'set EDGELOG_URL or --url to http(s)://HOST:PORT',
    );
  }
  const key = keyIn(environment);
  if (typeof key === 'object') return key;
  if (key !== undefined && !/^[\x21-\x7e]+$/.test(key)) return usage('The API key has characters that no key has.');
  if (key !== undefined && unsafeKey(url, environment)) {
    return usage(`The API key could be read on the way to ${url.origin}.`, 'use https, or say EDGELOG_INSECURE=true');
  }
  const account = given.account ?? (environment['EDGELOG_ACCOUNT'] || undefined);
  if (account !== undefined && !/^[0-9]{12}$/.test(account)) {
    return usage(`${JSON.stringify(account)} is not an account.`, 'an account has twelve digits, e.g. 000000000001');
  }
  return { url, key, account };
};
