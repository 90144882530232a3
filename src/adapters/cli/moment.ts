/** Times as people write them for the future: `30d`, `12h`, or a date. */

const units: { readonly [unit: string]: number } = { h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 };

/** Milliseconds since 1970, or undefined if it is not a time to come. */
export const timeToCome = (written: string, now: number): number | undefined => {
  const [, many, unit = ''] = /^([0-9]{1,5})([hdw])$/.exec(written) ?? [];
  if (many !== undefined) return now + Number(many) * (units[unit] ?? 0);
  if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9:.]+(Z|[+-][0-9]{2}:[0-9]{2}))?$/.test(written)) return undefined;
  const time = Date.parse(written);
  return time > now ? time : undefined;
};
