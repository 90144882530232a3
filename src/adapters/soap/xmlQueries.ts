/**
 * Questions asked of the tree: children by name, text of a leaf, attributes. All are exact about namespaces and none looks
 * deeper than it says, because a signature that is found "somewhere below" is how wrapping attacks begin.
 */
import { namespaces } from './names.ts';
import type { XmlElement } from './xmlTree.ts';

export const isElement = (child: XmlElement | string): child is XmlElement => typeof child !== 'string';

export const isNamed = (element: XmlElement, uri: string, local: string): boolean =>
  element.local === local && element.uri === uri;

/** Direct element children. */
export const elementsOf = (parent: XmlElement): readonly XmlElement[] => parent.children.filter(isElement);

/** Direct element children of that name. */
export const named = (parent: XmlElement, uri: string, local: string): readonly XmlElement[] =>
  elementsOf(parent).filter((child) => isNamed(child, uri, local));

/** Whether anything but blanks stands between the element children. */
export const hasStrayText = (parent: XmlElement): boolean =>
  parent.children.some((child) => typeof child === 'string' && /[^ \t\r\n]/.test(child));

/** The character data of a leaf; undefined if it has element children. */
export const textOf = (leaf: XmlElement): string | undefined =>
  leaf.children.some(isElement) ? undefined : leaf.children.join('');

/** The value of an attribute without namespace. */
export const attribute = (element: XmlElement, local: string): string | undefined =>
  element.attributes.find((a) => a.local === local && a.uri === '')?.value;

/** The value of `wsu:Id`, the only kind of id a reference may point to. */
export const wsuId = (element: XmlElement): string | undefined =>
  element.attributes.find((a) => a.local === 'Id' && a.uri === namespaces.securityUtility)?.value;

/** The element itself and everything below it, in document order. */
export function* within(element: XmlElement): Generator<XmlElement> {
  yield element;
  for (const child of element.children) if (isElement(child)) yield* within(child);
}
