/**
 * Whether a document is to be taken after what was taken before. Documents of our own control plane are ordered by epoch and
 * position and never go back; others can only be told apart by their version, and every new one is newer.
 */
import { type Refusal, refuse } from '../../../domain/refusals.ts';
import { compareOrder, type DocumentOrder } from '../../shared/receivedDocument.ts';
import type { ReadStamp } from '../documentReader.ts';

/** `bytes` are unknown after a restart, when only the kernel's stamp is left. */
export type Accepted = { readonly stamp: ReadStamp; readonly bytes?: Buffer };

const orderOf = ({ epoch, position }: ReadStamp): DocumentOrder | undefined =>
  epoch === undefined || position === undefined ? undefined : { epoch, position };

export const refusedAfter = (before: Accepted | undefined, next: Required<Accepted>): Refusal | undefined => {
  if (before === undefined || before.bytes?.equals(next.bytes) === true) return undefined;
  const order = compareOrder(orderOf(next.stamp), orderOf(before.stamp));
  if (order !== undefined && order < 0) {
    return refuse('older-document', `got ${stampText(next.stamp)}, have ${stampText(before.stamp)}`);
  }
  const sameVersion = order === undefined && next.stamp.version !== '' && next.stamp.version === before.stamp.version;
  if (before.bytes !== undefined && (order === 0 || sameVersion)) {
    return refuse('same-version-other-content', `two documents call themselves ${stampText(next.stamp)}`);
  }
  return undefined;
};

export const stampText = ({ epoch, position, version }: ReadStamp): string =>
  epoch === undefined || position === undefined
    ? `version ${version || '(none)'}`
    : `epoch ${epoch} position ${position}`;
