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

type Late = { readonly make: () => Piece; content: Piece | undefined } & Pick<Piece, 'byteLength' | 'digest' | 'kind'>;

const contentOf = (late: Late): Piece => {
  if (late.content !== undefined) return late.content;
  const made = late.make();
  if (made.digest !== late.digest) throw new Error(`expected a piece with digest ${late.digest}, got ${made.digest}`);
  late.content = made;
  return made;
};

/** Shared by all of them, so that they look alike to the machine. */
const lately = {
  get bytes(): Buffer | undefined {
    const content = contentOf(this as unknown as Late);
    return content.kind === 'bytes' ? content.bytes : undefined;
  },
  get ends(): readonly number[] | undefined {
    const content = contentOf(this as unknown as Late);
    return content.kind === 'bytes' ? content.ends : undefined;
  },
  get parts(): readonly Piece[] | undefined {
    const content = contentOf(this as unknown as Late);
    return content.kind === 'list' ? content.parts : undefined;
  },
};

/**
 * A piece that is known to have this length and digest, and is made when somebody looks into it; throws then when it turns out
 * to be another one.
 */
export const latePiece = (facts: Pick<Piece, 'byteLength' | 'digest' | 'kind'>, make: () => Piece): Piece =>
  Object.assign(Object.create(lately), { ...facts, make, content: undefined }) as Piece;

/** The part at this place of a list, if it is one. */
export const partAt = (piece: Piece | undefined, index: number): Piece | undefined =>
  piece?.kind === 'list' ? piece.parts[index] : undefined;

/** The buffers in order, shared with the pieces: to be read only. Costs a step per piece. */
export const buffersOf = (piece: Piece, into: Buffer[] = []): Buffer[] => {
  if (piece.kind === 'list') for (const part of piece.parts) buffersOf(part, into);
  else if (piece.byteLength > 0) into.push(piece.bytes);
  return into;
};
