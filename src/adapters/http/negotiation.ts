/** Which of the forms we have a client wants (RFC 9110, Accept). */

type Range = { readonly type: string; readonly quality: number };

const rangesOf = (accept: string): readonly Range[] =>
  accept.split(',').map((part) => {
    const [type = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase());
    const written = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2);
    const quality = written === undefined ? 1 : Number(written);
    return { type, quality: Number.isNaN(quality) ? 0 : quality };
  });

/** The most special range that covers the type decides (RFC 9110, 12.5.1). */
const qualityOf = (type: string, ranges: readonly Range[]): number => {
  const exact = ranges.find((range) => range.type === type);
  const family = ranges.find((range) => range.type === `${type.split('/')[0]}/*`);
  const all = ranges.find((range) => range.type === '*/*');
  return (exact ?? family ?? all)?.quality ?? 0;
};

/** The first of the best liked types, undefined when the client takes none of them. */
export const prefers = (accept: string | undefined, types: readonly string[]): string | undefined => {
  if (accept === undefined || accept === '*/*') return types[0];
  const ranges = rangesOf(accept);
  let best: string | undefined;
  let quality = 0;
  for (const type of types) {
    const found = qualityOf(type, ranges);
    if (found > quality) {
      best = type;
      quality = found;
    }
  }
  return best;
};
