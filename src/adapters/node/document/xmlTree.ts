/**
 * Bytes of a network document -> a small tree. Strict on purpose: no document type, no entities but XML's own five and
 * numeric ones, bounded depth. It must never guess: whatever is not well-formed is a refusal.
 */
import { SaxesParser } from 'saxes';
import { type Refusal, refuse } from '../../../domain/refusals.ts';

export type XmlElement = {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: XmlElement[];
  text: string;
};

const deepest = 16;

/** Elements at the top of `text`: one for a document, any number for a fragment. */
export const readElements = (text: string, options: { fragment: boolean }): XmlElement[] | Refusal => {
  const tops: XmlElement[] = [];
  const open: XmlElement[] = [];
  let refusal: Refusal | undefined;
  const fail = (detail: string): void => {
    refusal ??= refuse('document-malformed', detail);
  };
  const parser = new SaxesParser({ fragment: options.fragment, xmlns: false as const });
  parser.on('error', (error) => fail(error.message));
  parser.on('doctype', () => fail('a document type is not allowed'));
  parser.on('opentag', (tag) => {
    const element: XmlElement = { name: tag.name, attributes: tag.attributes, children: [], text: '' };
    (open.at(-1)?.children ?? tops).push(element);
    open.push(element);
    if (open.length > deepest) fail(`elements are nested deeper than ${deepest}`);
  });
  parser.on('closetag', () => open.pop());
  const addText = (piece: string): void => {
    const inside = open.at(-1);
    if (inside !== undefined) inside.text += piece;
    else if (piece.trim() !== '') fail('text stands outside any element');
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  try {
    parser.write(text).close();
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error));
  }
  return refusal ?? tops;
};

export const childrenNamed = (element: XmlElement, name: string): XmlElement[] =>
  element.children.filter((child) => child.name === name);

export const childNamed = (element: XmlElement, name: string): XmlElement | undefined =>
  element.children.find((child) => child.name === name);

/** The trimmed text of a child, or undefined when there is none or it is empty. */
export const childText = (element: XmlElement, name: string): string | undefined => {
  const text = childNamed(element, name)?.text.trim();
  return text === undefined || text === '' ? undefined : text;
};

/** Texts of the `value` children that are not empty. */
export const values = (element: XmlElement | undefined): string[] =>
  element === undefined
    ? []
    : childrenNamed(element, 'value')
        .map((value) => value.text.trim())
        .filter((text) => text !== '');

/** Children called `property` are told apart by their name attribute; the last of a name counts (node spec 3.2). */
export const property = (element: XmlElement, name: string): XmlElement | undefined =>
  childrenNamed(element, 'property').findLast((child) => child.attributes['name'] === name);
