/**
 * What counts as a DNS domain name in the configuration (cloud spec 1.5): one trailing dot allowed, at most 253 characters
 * and 127 labels of 1 to 63 characters; ASCII letters, digits, `-` and `_` (non-ASCII is not checked); no `-` or `_` at
 * either end of a label; the last label does not start with a digit. A single label is fine. The two non-characters that XML
 * cannot carry are refused: the name is written into documents.
 */

const dots = /[.\u3002\uFF0E\uFF61]/;

export const isDomainName = (text: string): boolean => {
  const parts = text.split(dots);
  const labels = parts.at(-1) === '' ? parts.slice(0, -1) : parts;
  const length = labels.reduce((sum, label) => sum + label.length + 1, -1);
  if (labels.length === 0 || labels.length > 127 || length > 253 || /[\uFFFE\uFFFF]/.test(text)) return false;
  return labels.every(isLabel) && !/^[0-9]/.test(labels.at(-1) ?? '');
};

const isLabel = (label: string): boolean =>
  label.length >= 1 &&
  label.length <= 63 &&
  ![...label].some((character) => character <= '\u007f' && !/[0-9A-Za-z_-]/.test(character)) &&
  !/^[-_]|[-_]$/.test(label);
