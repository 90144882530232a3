/**
 * Identifiers of resources: a prefix, a dash and eight hex digits, such as `i-0a1b2c3d` and `sg-0a1b2c3d`. Only the hex
 * digits are folded to lower case; the prefix is case sensitive (cloud spec 6.1). Everything that keys by an id keys by
 * its canonical form. Also the forms of account numbers and names that become parts of stream names.
 */

const form = /^(.+)-([0-9a-fA-F]{8})$/s;

/** The canonical form, or undefined when malformed or of another prefix; without `expectedPrefix` any prefix will do. */
export const canonicalIdentifier = (text: string, expectedPrefix?: string): string | undefined => {
  const match = form.exec(text);
  const prefix = match?.[1];
  const digits = match?.[2];
  if (prefix === undefined || digits === undefined) return undefined;
  if (expectedPrefix !== undefined && prefix !== expectedPrefix) return undefined;
  return `${prefix}-${digits.toLowerCase()}`;
};

export const canonicalInstanceId = (text: string): string | undefined => canonicalIdentifier(text, 'i');

export const canonicalGroupId = (text: string): string | undefined => canonicalIdentifier(text, 'sg');

/** The eight hex digits of a canonical identifier. */
export const identifierDigits = (identifier: string): string => identifier.slice(-8);

/** An account is a number of exactly twelve digits, written as text. */
export const isAccountNumber = (text: string): boolean => /^[0-9]{12}$/.test(text);
