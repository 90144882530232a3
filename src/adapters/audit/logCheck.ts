/** The whole log against every checkpoint that was ever signed: what was changed, and where the log ends too early. */

import { type Log, type Place, start, walk } from './auditWalk.ts';
import { rootOf } from './bundleProof.ts';
import { type Checkpoint, isGenuine } from './checkpoints.ts';

/** What is wrong with the log, between which positions. */
export type Break = { readonly after: number; readonly to: number; readonly why: string };

export type LogCheck = {
  readonly events: number;
  readonly root: string;
  readonly checkpoints: number;
  readonly broken: readonly Break[];
};

/** What the log is held against. `broken`: lines of the file of checkpoints that are none. */
export type Signed = {
  readonly checkpoints: readonly Checkpoint[];
  readonly broken: number;
  readonly publicKey: string;
};

export type CheckOptions = {
  readonly onProgress: (done: number, of: number) => void;
  /** It takes its time: whoever asks something of this process meanwhile hardly notices. */
  readonly inBackground: boolean;
};

const brokenLines = (count: number): readonly Break[] => {
  if (count === 0) return [];
  const one = 'a line of the file of checkpoints is no checkpoint';
  const many = `${count} lines of the file of checkpoints are no checkpoints`;
  return [{ after: -1, to: -1, why: count === 1 ? one : many }];
};

/** Undefined when the checkpoint is genuine and says what the log says. */
const flawOf = (checkpoint: Checkpoint, { peaks, position }: Place, publicKey: string): string | undefined => {
  if (!isGenuine(checkpoint, publicKey)) return 'the checkpoint’s signature is not valid';
  const { size, root } = checkpoint;
  const isSame = size === peaks.size && checkpoint.position === position && root === rootOf(peaks);
  return isSame ? undefined : 'the events are not those that were signed';
};

/** Looks at each checkpoint when the walk has as many events as it was signed over. */
const createComparison = ({ checkpoints, publicKey }: Pick<Signed, 'checkpoints' | 'publicKey'>) => {
  const broken: Break[] = [];
  let next = 0;
  let sound = -1;
  return {
    look: (place: Place): void => {
      const { peaks, position } = place;
      for (let one = checkpoints[next]; one !== undefined && one.size <= peaks.size; one = checkpoints[next]) {
        next += 1;
        const why = flawOf(one, place, publicKey);
        if (why === undefined) sound = position;
        else broken.push({ after: sound, to: one.position, why });
      }
    },
    /** At the end of the log. */
    found: (): readonly Break[] => {
      const why = 'the log ends before what was signed: its tail is gone';
      return [...broken, ...checkpoints.slice(next).map(({ position: to }) => ({ after: sound, to, why }))];
    },
  };
};

export const checkLog = async (log: Log, signed: Signed, options: CheckOptions): Promise<LogCheck> => {
  const { onProgress, inBackground } = options;
  const comparison = createComparison(signed);
  const of = signed.checkpoints.at(-1)?.size ?? 0;
  const onPlace = (place: Place): boolean => {
    const { size } = place.peaks;
    comparison.look(place);
    if (size % 10_000 === 0) onProgress(size, Math.max(of, size));
    return true;
  };
  const { peaks } = await walk(log, start, onPlace, () => !inBackground);
  const broken = [...brokenLines(signed.broken), ...comparison.found()];
  return { events: peaks.size, root: rootOf(peaks), checkpoints: signed.checkpoints.length, broken };
};
