/**
 * Where Redis is, from the setting `lanes`: `redis://[user:password@]host:port[,host:port…][/db]`, `rediss://` for TLS. More
 * than one host means a Redis Cluster. Passwords are in here and must never be shown: `shown` is for people.
 */

export type RedisAddress = {
  readonly nodes: readonly { readonly host: string; readonly port: number }[];
  readonly tls: boolean;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly db: number;
  readonly shown: string;
};

export type RedisAddressFault = { readonly problem: string };
export const isRedisAddressFault = (x: RedisAddress | RedisAddressFault): x is RedisAddressFault => 'problem' in x;

const USUAL_PORT = 6379;
const FORM = /^(rediss?):\/\/(?:([^@/]*)@)?([^@/?#]+)(?:\/(\d{1,4})?)?$/;
const NODE = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9._-]+))(?::(\d{1,5}))?$/;

const wrong = (): RedisAddressFault => ({
  problem: 'Expected lanes such as in-process, redis://127.0.0.1:6379 or rediss://user:password@redis.example:6379',
});

const decoded = (text: string | undefined): string | undefined =>
  text === undefined || text === '' ? undefined : decodeURIComponent(text);

const nodeOf = (text: string): RedisAddress['nodes'][number] | undefined => {
  const match = NODE.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3] ?? USUAL_PORT);
  return host === undefined || port > 65_535 ? undefined : { host, port };
};

/** The problem never repeats what was given: it may hold a password. */
export const readRedisAddress = (url: string): RedisAddress | RedisAddressFault => {
  const match = FORM.exec(url);
  if (match === null) return wrong();
  const [, scheme = '', credentials = '', hosts = '', db = '0'] = match;
  const nodes = hosts.split(',').map(nodeOf);
  if (nodes.some((node) => node === undefined)) return wrong();
  const known = nodes.flatMap((node) => (node === undefined ? [] : [node]));
  const colon = credentials.indexOf(':');
  const [username, password] =
    colon < 0 ? [credentials, ''] : [credentials.slice(0, colon), credentials.slice(colon + 1)];
  try {
    return {
      nodes: known,
      tls: scheme === 'rediss',
      username: decoded(username),
      password: decoded(password),
      db: Number(db),
      shown: `${scheme}://${known.map(({ host, port }) => `${host}:${port}`).join(',')}`,
    };
  } catch {
    return wrong();
  }
};

const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || /^127\./.test(host);

/**
 * Why this address should not be used without being told so: who can reach an open Redis can delay every delivery. The worst
 * a hostile one can do is delay, because nudges carry nothing (practice: Redis holds nothing that cannot be rebuilt).
 */
export const unsafeRedis = ({ nodes, tls, password, shown }: RedisAddress): string | undefined => {
  if (nodes.every(({ host }) => isLoopback(host))) return undefined;
  if (!tls) return `${shown} is not on this machine and has no TLS: use rediss://, or say --insecure`;
  return password === undefined
    ? `${shown} is not on this machine and asks for no password: set one, or say --insecure`
    : undefined;
};
