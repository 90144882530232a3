/**
 * A document as a controller receives it: bytes, and the order among documents of one cloud. Receivers keep the newest
 * (epoch, position) and refuse older ones. Documents of a foreign control plane carry no order: every new content is newer.
 */
import { createHash } from 'node:crypto';
import { buffersOf } from '../../projections/document/pieces.ts';
import type { ReceivedDocument as Structure } from '../../projections/document/received.ts';

export type { ReceivedDocument as Structure } from '../../projections/document/received.ts';

export type DocumentOrder = { readonly epoch: number; readonly position: number };

export type ReceivedDocument = {
  readonly pieces: readonly Uint8Array[];
  /** The root's `version`, empty when it has none. */
  readonly stamp: string;
  /** Undefined for documents of a foreign control plane. */
  readonly order: DocumentOrder | undefined;
  /**
   * What tells its content: SHA-256 of the bytes (hex, computed when first asked for), or `parts:` and the digest of the
   * parts, which nobody need walk all bytes for. Compare with `tellsSame`.
   */
  readonly digest: string;
  /** W3C trace context of the change it came with, for whoever follows a change through the house. */
  readonly traceparent?: string;
  /** What it is made of, when it came part by part: deltas lead on from it, and can be passed on. */
  readonly structure?: Structure;
};

export type Acceptance =
  | { readonly accepted: true }
  | { readonly accepted: false; readonly reason: string; readonly detail: string };

/** A document that cannot be written is refused with the reason; the sender comes again. */
export const refusingFaults = (writing: Promise<Acceptance>): Promise<Acceptance> =>
  writing.catch((fault: Error): Acceptance => ({ accepted: false, reason: 'cannot-write', detail: fault.message }));

const ROOT = /<network-data((?:\s+[\w-]+="[^"<]*")*)\s*\/?>/;

const attribute = (attributes: string, name: string): string | undefined =>
  new RegExp(`\\s${name}="([^"]*)"`).exec(attributes)?.[1];

const wholeNumber = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;

const hashed = (pieces: readonly Uint8Array[]): string => {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return hash.digest('hex');
};

/** Reads the root's attributes from the first bytes; undefined when they are not those of a network document. */
export const receivedDocument = (pieces: readonly Uint8Array[], traceparent?: string): ReceivedDocument | undefined => {
  let head = '';
  for (const piece of pieces) {
    head += Buffer.from(piece.buffer, piece.byteOffset, Math.min(piece.byteLength, 1024)).toString('latin1');
    if (head.length >= 512) break;
  }
  const root = ROOT.exec(head.slice(0, 1024));
  if (root === null) return undefined;
  const attributes = root[1] ?? '';
  const epoch = wholeNumber(attribute(attributes, 'epoch'));
  const position = wholeNumber(attribute(attributes, 'position'));
  let digest: string | undefined;
  return {
    pieces,
    stamp: attribute(attributes, 'version') ?? '',
    order: epoch === undefined || position === undefined ? undefined : { epoch, position },
    get digest() {
      digest ??= hashed(pieces);
      return digest;
    },
    ...(traceparent === undefined ? {} : { traceparent }),
  };
};

const PARTS = 'parts:';

/** Undefined where two digests are of different kinds and say nothing about one another. */
export const tellsSame = (a: string, b: string): boolean | undefined =>
  a.startsWith(PARTS) === b.startsWith(PARTS) ? a === b : undefined;

/** A document put together from deltas. Its bytes are listed when somebody asks for them. */
export const structuredDocument = (structure: Structure, traceparent?: string): ReceivedDocument => {
  const { version, epoch, position } = structure.parts.stamp;
  let pieces: readonly Uint8Array[] | undefined;
  return {
    digest: PARTS + structure.pieces.digest,
    ...(traceparent === undefined ? {} : { traceparent }),
    get pieces() {
      pieces ??= buffersOf(structure.pieces.piece);
      return pieces;
    },
    stamp: version,
    order: epoch === undefined || position === undefined ? undefined : { epoch, position },
    structure,
  };
};

/** Negative when `a` is older, 0 when equal, positive when newer; undefined when they cannot be compared. */
export const compareOrder = (a: DocumentOrder | undefined, b: DocumentOrder | undefined): number | undefined => {
  if (a === undefined || b === undefined) return undefined;
  return a.epoch - b.epoch || a.position - b.position;
};

const sameBytes = (a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean =>
  Buffer.concat(a).equals(Buffer.concat(b));

/** Whether two documents are the same bytes; by their digests where both have one, otherwise by looking at all of them. */
export const isSameDocument = (a: ReceivedDocument, b: ReceivedDocument): boolean => {
  if (a.structure !== undefined && b.structure !== undefined) {
    return a.structure.pieces.digest === b.structure.pieces.digest;
  }
  return a.pieces === b.pieces || sameBytes(a.pieces, b.pieces);
};

/**
 * What a receiver that has `current` makes of `offered`: `newer` is to be taken, `same` is there already. A newer one of the
 * same cloud is never compared byte by byte.
 */
export const successionOf = (
  offered: ReceivedDocument,
  current: ReceivedDocument | undefined,
): 'newer' | 'same' | { readonly reason: string; readonly detail: string } => {
  if (current === undefined) return 'newer';
  const order = compareOrder(offered.order, current.order);
  if (order !== undefined && order > 0) return 'newer';
  if (order !== undefined && order < 0) {
    const [got, have] = [offered.order, current.order].map((one) => `${one?.epoch}/${one?.position}`);
    return { reason: 'older-document', detail: `got epoch/position ${got}, have ${have}` };
  }
  if (isSameDocument(offered, current)) return 'same';
  if (order === undefined) return 'newer';
  const detail = `version ${offered.stamp} (epoch/position ${offered.order?.epoch}/${offered.order?.position}) was seen with other content`;
  return { reason: 'same-version-other-content', detail };
};
