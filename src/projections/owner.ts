/**
 * Who may change what in place while the next version of something is being made. An owner lives as long as one batch of
 * changes; once the result is handed out nobody has the owner any more, and so nothing of the result ever changes again.
 * Nodes of tries carry the mark of the owner they were made for; other records are known to their owner by identity.
 */

/** Empty, so that nodes made for different owners say the same when they hold the same. */
export type Mark = object;

export type Owner = {
  readonly mark: Mark;
  /** Records made or copied for it. Undefined: whatever it can reach is its own. */
  readonly records: Set<object> | undefined;
};

/** For changes one by one, each of which leaves everything else as it was. */
export const nobody: Owner = { mark: Object.freeze({}), records: new Set() };

/** For the next version of something that others hold. */
export const ownerOfChanges = (): Owner => ({ mark: {}, records: new Set() });

/** For something that nobody else holds, or has remembered anything about. */
export const ownerOfAll = (): Owner => ({ mark: {}, records: undefined });

/** The record itself when it may be changed, otherwise a copy of its own members that may. */
export const ownCopy = <R extends object>(owner: Owner, record: R): R => {
  const { records } = owner;
  if (records === undefined || records.has(record)) return record;
  const copy = { ...record };
  records.add(copy);
  return copy;
};
