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
  | {
      readonly kind: 'list';
      readonly parts: readonly Piece[];
      /** Of the parts, one after the other: what the list's own digest is made of. */
      readonly digests: string;
    }
);

export type ListPiece = Extract<Piece, { kind: 'list' }>;

export const bytesPiece = (bytes: Buffer, ends?: readonly number[]): Piece => {
  const digest = hash('sha256', bytes);
  return ends === undefined
    ? { kind: 'bytes', bytes, byteLength: bytes.length, digest }
    : { kind: 'bytes', bytes, byteLength: bytes.length, digest, ends };
};

export const textPiece = (text: string): Piece => bytesPiece(Buffer.from(text));

/** Sets digests of digests apart from those of bytes. */
const MARK = '\u0001';
const DIGEST_LENGTH = 64;

const listOf = (parts: readonly Piece[], byteLength: number, digests: string): ListPiece => ({
  ...{ kind: 'list', parts, byteLength, digests },
  digest: hash('sha256', digests),
});

export const listPiece = (parts: readonly Piece[]): ListPiece => {
  let byteLength = 0;
  let digests = MARK;
  for (const part of parts) {
    byteLength += part.byteLength;
    digests += part.digest;
  }
  return listOf(parts, byteLength, digests);
};

/**
 * The list with as many other parts, most of which are those of `before`: the parts that stayed need not even be looked at,
 * which matters because most of them have not been for long.
 */
export const alteredList = (before: ListPiece, parts: readonly Piece[]): ListPiece => {
  let { byteLength, digests } = before;
  for (let index = 0; index < parts.length; index += 1) {
    const [was, is] = [before.parts[index] as Piece, parts[index] as Piece];
    if (was === is) continue;
    const at = MARK.length + index * DIGEST_LENGTH;
    byteLength += is.byteLength - was.byteLength;
    digests = digests.slice(0, at) + is.digest + digests.slice(at + DIGEST_LENGTH);
  }
  return listOf(parts, byteLength, digests);
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
  get digests(): string | undefined {
    const content = contentOf(this as unknown as Late);
    return content.kind === 'list' ? content.digests : undefined;
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
