/**
 * Whether a Redis (or Valkey) server may keep lanes, from what it says of itself in INFO. Where keys may be evicted a lane can
 * vanish or, worse, keep a trace that silences it, so such a server is refused and not warned about.
 */

const OLDEST = [6, 2] as const;

/** Valkey says both its own version and the Redis version it is compatible with. */
const fact = (info: string, name: string): string | undefined =>
  info
    .split(/\r?\n/)
    .find((line) => line.startsWith(`${name}:`))
    ?.slice(name.length + 1)
    .trim();

const isOlder = (version: string): boolean => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
};

/** `info`: the text of INFO. Undefined when it is fit, otherwise the reason in words for the operator. */
export const unfitRedis = (info: string): string | undefined => {
  const version = fact(info, 'redis_version');
  if (version === undefined) return 'the server does not say its version (INFO is empty or not permitted)';
  if (isOlder(version)) return `the server is version ${version}; ${OLDEST.join('.')} or newer is needed`;
  const policy = fact(info, 'maxmemory_policy');
  if (policy !== undefined && policy !== 'noeviction') {
    return `the server evicts keys (maxmemory-policy ${policy}); run: redis-cli config set maxmemory-policy noeviction`;
  }
  if (fact(info, 'role') === 'slave') return 'the server is a read-only replica; name its primary';
  return fact(info, 'loading') === '1' ? 'the server is still loading its data' : undefined;
};
