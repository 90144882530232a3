/**
 * Text as XML 1.0 allows it to stand. What no XML document may hold at all (control characters, halves of surrogate pairs)
 * becomes U+FFFD: one odd character in one name must not make a whole cloud's document unreadable.
 */

/** Anything that needs a closer look. Almost nothing does, so this one test is what escaping costs. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for.
const odd = /[\u0000-\u001f&<>"\ud800-\udfff\ufffe\uffff]/;

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that XML forbids.
const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu;

const replacements: { readonly [character: string]: string } = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

const replacement = (character: string): string => replacements[character] ?? character;

/** For element content. */
export const escapeText = (text: string): string =>
  odd.test(text) ? text.replace(forbidden, '\ufffd').replace(/[&<>\r]/g, replacement) : text;

/** For attribute values between double quotes; blanks other than the space survive attribute normalisation. */
export const escapeAttribute = (text: string): string =>
  odd.test(text) ? text.replace(forbidden, '\ufffd').replace(/[&<>"\t\n\r]/g, replacement) : text;
