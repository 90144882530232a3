/**
 * Base64 as the controllers read it: standard alphabet, padding, one line, no compression. A document is a list of shared
 * buffers, so encoding works piece by piece and never joins them; decoding is strict because the C decoder is (node spec
 * 1.2): what this accepts, an NC accepts, and nothing is silently skipped.
 */
import { isRefusal, type Refusal } from '../../domain/refusals.ts';
import type { Piece } from './messages.ts';
import { soapRefusal } from './soapRefusals.ts';

const asText = (bytes: Uint8Array): Uint8Array =>
  Buffer.from(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64'), 'latin1');

/**
 * Base64 text of the concatenation of `pieces`, as pieces again. Up to two bytes of each piece are carried into the next,
 * so that only the last piece is padded. The input is not copied beyond those bytes.
 */
export const base64OfPieces = (pieces: readonly Uint8Array[]): readonly Uint8Array[] => {
  const encoded: Uint8Array[] = [];
  let carry: Uint8Array = new Uint8Array(0);
  for (const piece of pieces) {
    const taken = carry.length === 0 ? 0 : Math.min(3 - carry.length, piece.length);
    if (taken > 0) carry = Buffer.concat([carry, piece.subarray(0, taken)]);
    if (carry.length === 3) {
      encoded.push(asText(carry));
      carry = new Uint8Array(0);
    }
    const rest = piece.subarray(taken);
    if (rest.length === 0) continue;
    const whole = rest.length - (rest.length % 3);
    if (whole > 0) encoded.push(asText(rest.subarray(0, whole)));
    carry = rest.subarray(whole);
  }
  if (carry.length > 0) encoded.push(asText(carry));
  return encoded;
};

/**
 * The bytes behind base64 text, or why not. Compares with its own re-encoding, which catches line breaks, the URL-safe
 * alphabet, missing padding and stray bits of the last digit at once.
 */
export const decodeBase64 = (text: string): Uint8Array | Refusal => {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') === text) return bytes;
  const at = text.search(/[^A-Za-z0-9+/=]/);
  return soapRefusal(
    'network-info-not-base64',
    at < 0 ? 'base64 text is cut or wrongly padded' : `not standard base64 on one line: character ${at + 1}`,
    at < 0 ? {} : { value: JSON.stringify(text.slice(at, at + 8)) },
  );
};

/** The document behind a message's `networkInfo`. One trailing line feed is tolerated, as the C decoder does. */
export const decodeNetworkInfo = (pieces: readonly Piece[]): Uint8Array | Refusal => {
  const text = pieces.map((piece) => (typeof piece === 'string' ? piece : latin1(piece))).join('');
  const line = text.endsWith('\n') ? text.slice(0, -1) : text;
  if (line.length === 0) return soapRefusal('network-info-missing', 'the message carries no networkInfo');
  const decoded = decodeBase64(line);
  return isRefusal(decoded) ? { ...decoded, member: 'networkInfo' } : decoded;
};

const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
