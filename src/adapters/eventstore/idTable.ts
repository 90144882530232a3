/**
 * Which positions may hold an event id: a table of 32-bit fingerprints beside the log. A unique index over random ids in
 * the file would dirty one page per event and halve the speed of appends; this costs 12 bytes of memory per slot instead.
 * It only ever proposes: the caller reads the event at a proposed position before it believes it.
 */

export type IdTable = {
  readonly add: (id: string, position: number) => void;
  /** The first proposed position that `holds`, if any. An id that was added is always proposed. */
  readonly find: (id: string, holds: (position: number) => boolean) => number | undefined;
  readonly size: () => number;
};

const FIRST_CAPACITY = 1024;

/** The last eight digits: random in every version of UUID, unlike the first ones of a time-ordered one. */
const fingerprintOf = (id: string): number => Number.parseInt(id.slice(28, 36), 16) >>> 0;

/** Positions must be 1 or more: 0 marks an empty slot. */
export const createIdTable = (): IdTable => {
  let fingerprints = new Uint32Array(FIRST_CAPACITY);
  let positions = new Float64Array(FIRST_CAPACITY);
  let size = 0;

  const place = (fingerprint: number, position: number): void => {
    const mask = positions.length - 1;
    let slot = fingerprint & mask;
    while (positions[slot] !== 0) slot = (slot + 1) & mask;
    fingerprints[slot] = fingerprint;
    positions[slot] = position;
  };

  const grow = (): void => {
    const oldFingerprints = fingerprints;
    const oldPositions = positions;
    fingerprints = new Uint32Array(oldPositions.length * 2);
    positions = new Float64Array(oldPositions.length * 2);
    oldPositions.forEach((position, slot) => {
      if (position !== 0) place(oldFingerprints[slot] ?? 0, position);
    });
  };

  return {
    add: (id, position) => {
      if (size * 2 >= positions.length) grow();
      place(fingerprintOf(id), position);
      size += 1;
    },
    find: (id, holds) => {
      const mask = positions.length - 1;
      const fingerprint = fingerprintOf(id);
      for (let slot = fingerprint & mask; ; slot = (slot + 1) & mask) {
        const position = positions[slot] ?? 0;
        if (position === 0) return undefined;
        if (fingerprints[slot] === fingerprint && holds(position)) return position;
      }
    },
    size: () => size,
  };
};
