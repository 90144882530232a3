/** A bundle: the lines of a piece of the log between a head and a signed foot, with what proves that they are the log's. */
import { type Log, PAGE, type Place } from './auditWalk.ts';
import { canonical, leafHash, rootOf, signedText, withLeaf } from './bundleProof.ts';
import { eventLine } from './eventLine.ts';
import type { SigningKey } from './signingKey.ts';

/** `before`: the tree just before `from`. `isoNow`: the time that is signed. */
export type BundleOf = {
  readonly cloud: string;
  readonly key: SigningKey;
  readonly before: Place;
  readonly from: number;
  readonly to: number;
  readonly isoNow: () => string;
};

/** The lines, each with its line break. */
export async function* bundleLines(
  log: Log,
  { cloud, key, before, from, to, isoNow }: BundleOf,
): AsyncIterable<string> {
  const { size: first, hashes: peaks } = before.peaks;
  const headLine = canonical({ edgelog: 'audit-bundle', version: 1, cloud, first, peaks });
  yield `${headLine}\n`;
  let place = before;
  let begins = -1;
  while (place.position < to) {
    const page = await log.readAll(Math.max(place.position, from - 1), PAGE);
    const due = page.filter(({ position }) => position <= to);
    if (due.length === 0) break;
    for (const stored of due) {
      const line = eventLine(stored);
      place = { peaks: withLeaf(place.peaks, leafHash(line)), position: stored.position };
      if (begins < 0) begins = stored.position;
      yield `${line}\n`;
    }
  }
  const root = rootOf(place.peaks);
  const foot = { size: place.peaks.size, from: begins, to: place.position, root, key: key.id, signedAt: isoNow() };
  yield `${canonical({ ...foot, signature: key.sign(signedText(headLine, foot)) })}\n`;
}
