/**
 * IP literals of either version, where the configuration allows both (name servers). Ranges, subnets and rules take IPv4
 * only and never come here. No scope ids, no brackets, no host names.
 */
import { isIpv4 } from './ipv4.ts';

export const isIpLiteral = (text: string): boolean => isIpv4(text) || isIpv6(text);

/** RFC 4291 text: eight groups of one to four hex digits, one `::` at most, an IPv4 tail instead of the last two groups. */
export const isIpv6 = (text: string): boolean => {
  const halves = text.split('::');
  if (halves.length > 2 || !text.includes(':')) return false;
  const counts = halves.map((half, index) => countGroups(half, index === halves.length - 1));
  const groups = counts.reduce((sum, count) => sum + count, 0);
  return halves.length === 2 ? groups <= 7 : groups === 8;
};

/** How many 16 bit groups the text stands for; NaN, which no comparison accepts, when it is malformed. */
const countGroups = (half: string, mayEndInIpv4: boolean): number => {
  if (half === '') return 0;
  const groups = half.split(':');
  const last = groups.at(-1) ?? '';
  const tail = mayEndInIpv4 && isIpv4(last);
  const plain = tail ? groups.slice(0, -1) : groups;
  if (!plain.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return Number.NaN;
  return plain.length + (tail ? 2 : 0);
};
