/**
 * A tree of shared pieces: leaves are buffers, lists share what they hold. Every piece knows its length and a digest, and is
 * never joined or changed. A digest never depends on how the piece came about: the same content has the same digest.
 */
import { hash } from 'node:crypto';

/** `digest` is hex: SHA-256 of the bytes, or of the digests below (which no text can be mistaken for). */
export type Piece = { readonly byteLength: number; readonly digest: string } & (
  | {
      readonly kind: 'bytes';
      readonly bytes: Buffer;
      /** Of several entries in one buffer: `ends[i]` is where entry `i` ends. */
      readonly ends?: readonly number[];
    }
  | { readonly kind: 'list'; readonly parts: readonly Piece[] }
);

export const bytesPiece = (bytes: Buffer, ends?: readonly number[]): Piece => {
  const digest = hash('sha256', bytes);
  return ends === undefined
    ? { kind: 'bytes', bytes, byteLength: bytes.length, digest }
    : { kind: 'bytes', bytes, byteLength: bytes.length, digest, ends };
};

export const textPiece = (text: string): Piece => bytesPiece(Buffer.from(text));

export const listPiece = (parts: readonly Piece[]): Piece => {
  let byteLength = 0;
  let digests = '\u0001';
  for (const part of parts) {
    byteLength += part.byteLength;
    digests += part.digest;
  }
  return { kind: 'list', parts, byteLength, digest: hash('sha256', digests) };
};

/** The part at this place of a list, if it is one. */
export const partAt = (piece: Piece | undefined, index: number): Piece | undefined =>
  piece?.kind === 'list' ? piece.parts[index] : undefined;

/** The buffers in order, shared with the pieces: to be read only. Costs a step per piece. */
export const buffersOf = (piece: Piece, into: Buffer[] = []): Buffer[] => {
  if (piece.kind === 'list') for (const part of piece.parts) buffersOf(part, into);
  else if (piece.byteLength > 0) into.push(piece.bytes);
  return into;
};
