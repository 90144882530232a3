/**
 * Exclusive XML Canonicalization 1.0 without comments of one element of the tree, as text in stretches. Small markup is
 * gathered, long character data passes through alone, so many megabytes cost one scan for specials. It must follow the
 * recommendation to the byte: xmlsec1 is asked for its opinion in the tests.
 */
import { isElement } from '../xmlQueries.ts';
import { canonicalAttribute, canonicalText } from '../xmlText.ts';
import type { XmlAttribute, XmlElement } from '../xmlTree.ts';

/** Prefix (empty for the default namespace) to URI; the empty URI means no namespace. */
type Scope = ReadonlyMap<string, string>;

const gatheredLength = 32 * 1024;

/** Namespaces in scope at an element, from all its ancestors. */
const scopeAbove = (element: XmlElement): Scope => {
  const ancestors: XmlElement[] = [];
  for (let at = element.parent; at !== undefined; at = at.parent) ancestors.unshift(at);
  return new Map(ancestors.flatMap((ancestor) => [...ancestor.declared]));
};

const inCodePointOrder = (a: string, b: string): number =>
  a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b));

const byNamespaceThenName = (a: XmlAttribute, b: XmlAttribute): number =>
  inCodePointOrder(a.uri, b.uri) || inCodePointOrder(a.local, b.local);

/** The prefixes an element uses itself, and those the signer asked to treat inclusively that are in scope. */
const prefixesToRender = (element: XmlElement, scope: Scope, inclusive: ReadonlySet<string>): ReadonlySet<string> =>
  new Set([
    element.prefix,
    ...element.attributes.filter((a) => a.prefix !== '').map((a) => a.prefix),
    ...[...inclusive].filter((prefix) => scope.has(prefix)),
  ]);

/** Declarations to write: used, and not already written with the same value by an ancestor in the output. */
const declarationsOf = (
  element: XmlElement,
  scope: Scope,
  rendered: Scope,
  inclusive: ReadonlySet<string>,
): readonly (readonly [string, string])[] =>
  [...prefixesToRender(element, scope, inclusive)]
    .filter((prefix) => prefix !== 'xml')
    .map((prefix) => [prefix, scope.get(prefix) ?? ''] as const)
    .filter(([prefix, uri]) => (rendered.get(prefix) ?? '') !== uri)
    .sort(([a], [b]) => inCodePointOrder(a, b));

const qualified = (prefix: string, local: string): string => (prefix === '' ? local : `${prefix}:${local}`);

const startTag = (element: XmlElement, declarations: readonly (readonly [string, string])[]): string => {
  const written = declarations.map(
    ([prefix, uri]) => ` ${prefix === '' ? 'xmlns' : `xmlns:${prefix}`}="${canonicalAttribute(uri)}"`,
  );
  const attributes = [...element.attributes]
    .sort(byNamespaceThenName)
    .map(({ prefix, local, value }) => ` ${qualified(prefix, local)}="${canonicalAttribute(value)}"`);
  return `<${qualified(element.prefix, element.local)}${written.join('')}${attributes.join('')}>`;
};

/**
 * Canonical text of `apex` and everything below it, in stretches of any length. `inclusive` is the PrefixList of
 * InclusiveNamespaces, with the empty string for `#default`. Recursion is as deep as the reader let the tree be.
 */
export const canonicalise = (
  apex: XmlElement,
  inclusive: ReadonlySet<string>,
  emit: (stretch: string) => void,
): void => {
  let gathered = '';
  const flush = (): void => {
    if (gathered.length > 0) emit(gathered);
    gathered = '';
  };
  const put = (text: string): void => {
    if (text.length > gatheredLength) {
      flush();
      emit(text);
      return;
    }
    gathered += text;
    if (gathered.length > gatheredLength) flush();
  };
  const walk = (element: XmlElement, scopeOfParent: Scope, rendered: Scope): void => {
    const scope = element.declared.size === 0 ? scopeOfParent : new Map([...scopeOfParent, ...element.declared]);
    const declarations = declarationsOf(element, scope, rendered, inclusive);
    const renderedHere = declarations.length === 0 ? rendered : new Map([...rendered, ...declarations]);
    put(startTag(element, declarations));
    for (const child of element.children) {
      if (isElement(child)) walk(child, scope, renderedHere);
      else put(canonicalText(child));
    }
    put(`</${qualified(element.prefix, element.local)}>`);
  };
  walk(apex, scopeAbove(apex), new Map());
  flush();
};

/** The whole canonical text at once: for SignedInfo and tests, not for bodies. */
export const canonicalOf = (apex: XmlElement, inclusive: ReadonlySet<string> = new Set()): string => {
  const stretches: string[] = [];
  canonicalise(apex, inclusive, (stretch) => stretches.push(stretch));
  return stretches.join('');
};

/** The PrefixList of an `InclusiveNamespaces` element's attribute. */
export const prefixList = (text: string): ReadonlySet<string> =>
  new Set(
    text
      .split(/[ \t\r\n]+/)
      .filter((prefix) => prefix !== '')
      .map((prefix) => (prefix === '#default' ? '' : prefix)),
  );
