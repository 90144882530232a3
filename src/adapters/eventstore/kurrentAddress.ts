/**
 * What a KurrentDB address may look like before anything is connected: known scheme, no default password, no plain or
 * unverified transport unless the operator said so by name. An address with a password must never be shown as it is.
 */
import { StoreFault } from '../../domain/eventStore.ts';

export type KurrentAddress = {
  /** For the client. A conflict is always an error there: the option that hides it is left out. */
  readonly url: string;
  /** For people: the same without the password. */
  readonly shown: string;
};

const FORM =
  /^(?<scheme>[a-z+]+):\/\/(?:(?<user>[^:@/]+):(?<password>[^@]*)@)?(?<hosts>[^@/?]+)\/?(?:\?(?<options>.*))?$/;
const SCHEMES = new Map([
  ['kurrentdb', 'kurrentdb'],
  ['kurrentdb+discover', 'kurrentdb+discover'],
  ['esdb', 'kurrentdb'],
  ['esdb+discover', 'kurrentdb+discover'],
]);
/** Accounts that every new server has, and their published password. */
const DEFAULT_USERS = ['admin', 'ops'];
const DEFAULT_PASSWORD = 'changeit';

export const isKurrentUrl = (url: string): boolean => SCHEMES.has(url.slice(0, Math.max(0, url.indexOf('://'))));

/** The client reads option names without case, dashes and underscores. */
const optionsOf = (text: string): readonly (readonly [string, string])[] =>
  text
    .split('&')
    .filter((pair) => pair.includes('='))
    .map((pair) => {
      const [name = '', value = ''] = pair.split('=');
      return [name.toLowerCase().replace(/[_-]/g, ''), value.trim().toLowerCase()];
    });

const refuse = (message: string): never => {
  throw new StoreFault(
    'not-permitted',
    `${message}. Allow it by name with the insecure setting, or change the address`,
  );
};

/**
 * Throws StoreFault `unsupported` for an address of another form, `not-permitted` for one that gives security away without
 * `insecure` (security list S20).
 */
export const kurrentAddressOf = (url: string, insecure: boolean): KurrentAddress => {
  const parts = FORM.exec(url.trim())?.groups ?? {};
  const scheme = SCHEMES.get(parts['scheme'] ?? '');
  const { user, password, hosts, options = '' } = parts;
  if (scheme === undefined || hosts === undefined) {
    throw new StoreFault(
      'unsupported',
      'Expected an address such as kurrentdb://user:password@host:2113 or kurrentdb+discover://host, got something else',
    );
  }
  const shown = `${scheme}://${user === undefined ? '' : `${user}:***@`}${hosts}`;
  if (!insecure) {
    const settings = optionsOf(options);
    const gives = (name: string): boolean => settings.some(([key, value]) => key === name && value === 'false');
    if (gives('tls')) refuse(`${shown}: expected an encrypted connection, got tls=false`);
    if (gives('tlsverifycert')) refuse(`${shown}: expected a verified server certificate, got tlsVerifyCert=false`);
    if (DEFAULT_USERS.includes(user ?? '') && decodeURIComponent(password ?? '') === DEFAULT_PASSWORD) {
      refuse(`${shown}: expected a password of your own, got the one every new server has`);
    }
  }
  const credentials = user === undefined ? '' : `${user}:${password}@`;
  const kept = options
    .split('&')
    .filter((pair) => pair !== '' && !pair.toLowerCase().startsWith('throwonappendfailure'));
  return { url: `${scheme}://${credentials}${hosts}${kept.length === 0 ? '' : `?${kept.join('&')}`}`, shown };
};
