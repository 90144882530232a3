/**
 * A document as a controller receives it: bytes, and the order among documents of one cloud. Receivers keep the newest
 * (epoch, position) and refuse older ones. Documents of a foreign control plane carry no order: every new content is newer.
 */

export type DocumentOrder = { readonly epoch: number; readonly position: number };

export type ReceivedDocument = {
  readonly pieces: readonly Uint8Array[];
  /** The root's `version`, empty when it has none. */
  readonly stamp: string;
  /** Undefined for documents of a foreign control plane. */
  readonly order: DocumentOrder | undefined;
};

export type Acceptance =
  | { readonly accepted: true }
  | { readonly accepted: false; readonly reason: string; readonly detail: string };

const ROOT = /<network-data((?:\s+[\w-]+="[^"<]*")*)\s*\/?>/;

const attribute = (attributes: string, name: string): string | undefined =>
  new RegExp(`\\s${name}="([^"]*)"`).exec(attributes)?.[1];

const wholeNumber = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;

/** Reads the root's attributes from the first bytes; undefined when they are not those of a network document. */
export const receivedDocument = (pieces: readonly Uint8Array[]): ReceivedDocument | undefined => {
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
  return {
    pieces,
    stamp: attribute(attributes, 'version') ?? '',
    order: epoch === undefined || position === undefined ? undefined : { epoch, position },
  };
};

/** Negative when `a` is older, 0 when equal, positive when newer; undefined when they cannot be compared. */
export const compareOrder = (a: DocumentOrder | undefined, b: DocumentOrder | undefined): number | undefined => {
  if (a === undefined || b === undefined) return undefined;
  return a.epoch - b.epoch || a.position - b.position;
};

export const sameBytes = (a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean => {
  if (a === b) return true;
  return Buffer.concat(a).equals(Buffer.concat(b));
};
