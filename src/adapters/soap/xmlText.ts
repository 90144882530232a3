/**
 * How text and attribute values are escaped, in exactly the form Canonical XML prescribes. The writer uses it so that what
 * it emits is already canonical, the canonicaliser so that what it hashes is; there must be no second way.
 */

const textEscapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#xD;' };
const attributeEscapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '"': '&quot;',
  '\t': '&#x9;',
  '\n': '&#xA;',
  '\r': '&#xD;',
};

/** Character data of an element (Canonical XML 1.0, section 2.3, text nodes). Text without specials is returned as it is. */
export const canonicalText = (text: string): string =>
  /[&<>\r]/.test(text) ? text.replace(/[&<>\r]/g, (c) => textEscapes[c] ?? c) : text;

/** An attribute's value between double quotes (Canonical XML 1.0, section 2.3, attribute nodes). */
export const canonicalAttribute = (value: string): string =>
  /[&<"\t\n\r]/.test(value) ? value.replace(/[&<"\t\n\r]/g, (c) => attributeEscapes[c] ?? c) : value;

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters XML 1.0 has no way to write
const unwritable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

/** Text of our own on its way out: what XML 1.0 cannot carry at all becomes U+FFFD, the rest is escaped. */
export const writtenText = (text: string): string => canonicalText(text.toWellFormed().replace(unwritable, '\ufffd'));

const specials = ['&', '<', '>', '\r'].map((c) => c.charCodeAt(0));

/**
 * A piece of character data as bytes. Base64 has no specials, so a shared buffer passes through untouched and uncopied; a
 * piece that has any (it can only come from a lying peer) is escaped rather than trusted.
 */
export const writtenPiece = (piece: Uint8Array | string): Uint8Array => {
  if (typeof piece === 'string') return Buffer.from(writtenText(piece));
  if (!specials.some((code) => piece.includes(code))) return piece;
  return Buffer.from(writtenText(Buffer.from(piece).toString('utf8')));
};
