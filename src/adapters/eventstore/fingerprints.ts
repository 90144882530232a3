/**
 * Which numbers may belong to a name: a table of 32-bit fingerprints beside the log, 12 bytes a slot. A unique index over
 * random event ids in the file would dirty one page per event and halve the speed of appends; this costs memory instead.
 * It only ever proposes: the caller looks at what a proposed number stands for before believing it.
 */
import { crc32 } from 'node:zlib';

export type Fingerprints = {
  /** `value` is 1 or more. */
  readonly add: (fingerprint: number, value: number) => void;
  /** The first proposed value that `holds`, if any. A value that was added is always proposed. */
  readonly find: (fingerprint: number, holds: (value: number) => boolean) => number | undefined;
};

/** The last eight digits: random in every version of UUID, unlike the first ones of a time-ordered one. */
export const fingerprintOfId = (id: string): number => Number.parseInt(id.slice(28, 36), 16) >>> 0;

export const fingerprintOfName = (name: string): number => crc32(name);

const FIRST_CAPACITY = 1024;

export const createFingerprints = (): Fingerprints => {
  let fingerprints = new Uint32Array(FIRST_CAPACITY);
  let values = new Float64Array(FIRST_CAPACITY);
  let size = 0;

  const place = (fingerprint: number, value: number): void => {
    const mask = values.length - 1;
    let slot = fingerprint & mask;
    while (values[slot] !== 0) slot = (slot + 1) & mask;
    fingerprints[slot] = fingerprint;
    values[slot] = value;
  };

  /** Half of the slots stay empty, so every search ends soon. */
  const grow = (): void => {
    const oldFingerprints = fingerprints;
    const oldValues = values;
    fingerprints = new Uint32Array(oldValues.length * 2);
    values = new Float64Array(oldValues.length * 2);
    oldValues.forEach((value, slot) => {
      if (value !== 0) place(oldFingerprints[slot] ?? 0, value);
    });
  };

  return {
    add: (fingerprint, value) => {
      if (size * 2 >= values.length) grow();
      place(fingerprint, value);
      size += 1;
    },
    find: (fingerprint, holds) => {
      const mask = values.length - 1;
      for (let slot = fingerprint & mask; ; slot = (slot + 1) & mask) {
        const value = values[slot] ?? 0;
        if (value === 0) return undefined;
        if (fingerprints[slot] === fingerprint && holds(value)) return value;
      }
    },
  };
};
