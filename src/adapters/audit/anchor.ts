/**
 * A bundle held against a checkpoint that was kept where nobody who can change the log can change it. The bundle's own signature
 * proves that it is what the control plane gave out; this proves that it gave out the log it had signed for before, with nothing
 * changed since and no newest part missing.
 */
import { canonical, checkBundle, leafHash, type Peaks, rootOf, withLeaf } from './bundleProof.ts';
import { type Checkpoint, checkpointOf, isGenuine } from './checkpoints.ts';

export type Held =
  | { readonly ok: true; readonly size: number; readonly position: number }
  | { readonly ok: false; readonly why: string };

const no = (why: string): Held => ({ ok: false, why });

/** Root of the tree at a size that lies within the bundle; the bundle has been checked before. */
const rootAt = (lines: readonly string[], before: Peaks, size: number): string => {
  let peaks = before;
  for (const line of lines.slice(1, 1 + size - before.size)) peaks = withLeaf(peaks, leafHash(line));
  return rootOf(peaks);
};

const heldAt = (lines: readonly string[], anchor: Checkpoint, end: number): Held => {
  const head = JSON.parse(lines[0] ?? '') as { readonly first: number; readonly peaks: readonly string[] };
  if (anchor.size > end) {
    return no(`The newest events are missing: ${anchor.size} were signed for, the bundle ends after ${end}.`);
  }
  if (anchor.size < head.first) {
    return no(`The checkpoint is of ${anchor.size} events, the bundle begins after ${head.first}; export from there.`);
  }
  const root = rootAt(lines, { size: head.first, hashes: head.peaks }, anchor.size);
  if (root !== anchor.root) {
    return no(
      `The first ${anchor.size} events, up to position ${anchor.position}, are not those that were signed for.`,
    );
  }
  return { ok: true, size: anchor.size, position: anchor.position };
};

/** A line of a file of checkpoints, or what a control plane answered, in any layout. */
const anchorIn = (text: string): Checkpoint | undefined => {
  try {
    return checkpointOf(canonical({ edgelog: 'checkpoint', version: 1, ...JSON.parse(text) }));
  } catch {
    return undefined;
  }
};

/** `anchor` is the text of one checkpoint. Never throws on any bytes. */
export const holdAgainst = (bundle: Uint8Array, anchor: string, publicKey: string): Held => {
  const checkpoint = anchorIn(anchor);
  if (checkpoint === undefined) return no('The checkpoint is not one, or was changed.');
  const checked = checkBundle(bundle, publicKey);
  if (!checked.ok) return no(checked.why);
  if (!isGenuine(checkpoint, publicKey)) return no('The checkpoint is not signed with this key, or was changed.');
  if (checkpoint.cloud !== checked.cloud) {
    return no(`The checkpoint is of cloud ${checkpoint.cloud}, the bundle of cloud ${checked.cloud}.`);
  }
  return heldAt(Buffer.from(bundle).toString('utf8').split('\n'), checkpoint, checked.size);
};
