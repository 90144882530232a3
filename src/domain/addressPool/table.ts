/**
 * A map that can be branched: the branch sees the base, its own changes stay with it. A decision of several steps folds its
 * own events onto a branch to see what they leave, whatever the base's size. Values are replaced, never changed in place.
 */

export type Table<K, V> = {
  readonly get: (key: K) => V | undefined;
  readonly has: (key: K) => boolean;
  readonly set: (key: K, value: V) => void;
  readonly delete: (key: K) => void;
  readonly entries: () => Iterable<readonly [K, V]>;
  readonly size: () => number;
};

/** An empty table. */
export const tableOf = <K, V>(): Table<K, V> => {
  const map = new Map<K, V>();
  return {
    get: (key) => map.get(key),
    has: (key) => map.has(key),
    set: (key, value) => {
      map.set(key, value);
    },
    delete: (key) => {
      map.delete(key);
    },
    entries: () => map,
    size: () => map.size,
  };
};

/** The base must not change while the branch is in use. Entries come in the base's order, then the branch's new ones. */
export const branchOfTable = <K, V>(base: Table<K, V>): Table<K, V> => {
  const changes = new Map<K, { readonly value: V } | undefined>();
  let size = base.size();
  const get = (key: K): V | undefined => (changes.has(key) ? changes.get(key)?.value : base.get(key));
  const has = (key: K): boolean => (changes.has(key) ? changes.get(key) !== undefined : base.has(key));
  function* entries(): Generator<readonly [K, V], void, undefined> {
    for (const [key, value] of base.entries()) if (!changes.has(key)) yield [key, value];
    for (const [key, change] of changes) if (change !== undefined) yield [key, change.value];
  }
  return {
    get,
    has,
    set: (key, value) => {
      if (!has(key)) size += 1;
      changes.set(key, { value });
    },
    delete: (key) => {
      if (has(key)) size -= 1;
      changes.set(key, undefined);
    },
    entries,
    size: () => size,
  };
};
