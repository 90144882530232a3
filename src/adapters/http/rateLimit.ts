/** How fast one key may ask: a bucket per key that fills with time. Forgets full buckets, so it stays as small as its load. */

export type RateLimit = { readonly perSecond: number; readonly burst: number };

/** Seconds to wait, 0 when the request may pass. */
export type RateGate = (key: string, now: number) => number;

const MANY = 10_000;

/** One bucket a key, full at first; those that are full again are forgotten. */
export const createRateGate = ({ perSecond, burst }: RateLimit): RateGate => {
  const buckets = new Map<string, { level: number; at: number }>();
  const levelAt = (bucket: { level: number; at: number }, now: number): number =>
    Math.min(burst, bucket.level + (Math.max(0, now - bucket.at) / 1000) * perSecond);
  const forgetFull = (now: number): void => {
    for (const [key, bucket] of buckets) if (levelAt(bucket, now) >= burst) buckets.delete(key);
  };
  return (key, now) => {
    if (buckets.size > MANY) forgetFull(now);
    const bucket = buckets.get(key) ?? { level: burst, at: now };
    buckets.set(key, bucket);
    bucket.level = levelAt(bucket, now);
    bucket.at = now;
    if (bucket.level < 1) return (1 - bucket.level) / perSecond;
    bucket.level -= 1;
    return 0;
  };
};
