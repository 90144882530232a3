/**
 * A bundle held against checkpoints that were kept where nobody who can change the log can change them. The bundle's own signature
 * proves that it is what the control plane gave out; this proves that it gave out the log it had signed for before, with nothing
 * changed since and no newest part missing.
 */
import { type Checked, canonical, createBundleCheck, type Peaks, rootOf } from './bundleProof.ts';
import { CHECKPOINT_NOTE, type Checkpoint, checkpointOf, isGenuine } from './checkpoints.ts';

/** `size` and `position` are those of the newest checkpoint it was held against. */
export type Held =
  | { readonly ok: true; readonly checkpoints: number; readonly size: number; readonly position: number }
  | { readonly ok: false; readonly why: string };

/** Told of the tree as a bundle grows it, and of what the bundle is; one walk for any number of checkpoints. */
export type Holding = { readonly onPeaks: (peaks: Peaks) => void; readonly end: (checked: Checked) => Held };

const no = (why: string): Held => ({ ok: false, why });

/** What a journal says of a checkpoint besides. */
const withoutJournal = (said: { readonly [member: string]: never }) => {
  const { time: _time, level: _level, role: _role, what, ...checkpoint } = said;
  return what === CHECKPOINT_NOTE ? checkpoint : said;
};

/** A line of a file of checkpoints or of a journal, or what a control plane answered, in any layout. */
const anchorIn = (text: string): Checkpoint | undefined => {
  try {
    const said = withoutJournal(JSON.parse(text));
    return checkpointOf(canonical({ edgelog: 'checkpoint', version: 1, ...said }));
  } catch {
    return undefined;
  }
};

/** One checkpoint, or all of a file of lines: what a journal says besides is passed over. */
const anchorsIn = (text: string): readonly Checkpoint[] => {
  const whole = anchorIn(text);
  if (whole !== undefined) return [whole];
  const found = text.split('\n').flatMap((line) => (line.includes('"signature"') ? (anchorIn(line) ?? []) : []));
  return found.sort((a, b) => a.size - b.size);
};

const changed = ({ size, position }: Checkpoint): Held =>
  no(`The first ${size} events, up to position ${position}, are not those that were signed for.`);

/** `anchors` is the text of one checkpoint or of a file with some. Never throws on any text. */
export const createHolding = (anchors: string, publicKey: string): Holding => {
  const all = anchorsIn(anchors);
  let next = 0;
  let begins: number | undefined;
  let broken: Checkpoint | undefined;
  let newest: Checkpoint | undefined;
  let held = 0;

  const onPeaks = (peaks: Peaks): void => {
    begins ??= peaks.size;
    for (let one = all[next]; one !== undefined && one.size <= peaks.size; one = all[next]) {
      next += 1;
      if (one.size < peaks.size) continue;
      if (one.root !== rootOf(peaks)) broken ??= one;
      held += 1;
      newest = one;
    }
  };

  const end = (checked: Checked): Held => {
    if (all.length === 0) return no('The checkpoint is not one, or was changed.');
    if (!checked.ok) return no(checked.why);
    if (!all.every((one) => isGenuine(one, publicKey))) {
      return no('The checkpoint is not signed with this key, or was changed.');
    }
    const foreign = all.find(({ cloud }) => cloud !== checked.cloud);
    if (foreign !== undefined) {
      return no(`The checkpoint is of cloud ${foreign.cloud}, the bundle of cloud ${checked.cloud}.`);
    }
    if (broken !== undefined) return changed(broken);
    const last = all.at(-1) as Checkpoint;
    if (last.size > checked.size) {
      return no(`The newest events are missing: ${last.size} were signed for, the bundle ends after ${checked.size}.`);
    }
    if (newest === undefined) {
      return no(`The checkpoint is of ${last.size} events, the bundle begins after ${begins ?? 0}; export from there.`);
    }
    return { ok: true, checkpoints: held, size: newest.size, position: newest.position };
  };
  return { onPeaks, end };
};

/** The same for a bundle that is at hand as a whole. Never throws on any bytes. */
export const holdAgainst = (bundle: Uint8Array, anchors: string, publicKey: string): Held => {
  const holding = createHolding(anchors, publicKey);
  const check = createBundleCheck(publicKey, holding.onPeaks);
  check.take(bundle);
  return holding.end(check.end());
};
