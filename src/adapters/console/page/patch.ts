/**
 * Makes the page look like a tree: creates, changes, moves and removes only what differs. The one file that touches elements;
 * texts become text nodes, attributes are set by name, nothing is ever parsed as markup.
 */
import type { Attributes, Tree } from './tree.ts';

const SVG = 'http://www.w3.org/2000/svg';

type Shown = { readonly tree: Tree | string; readonly node: ChildNode };

/** What an element was last made from, so that only differences are written. */
const drawn = new WeakMap<Node, Tree>();

const create = (tree: Tree | string, inSvg: boolean): ChildNode => {
  if (typeof tree === 'string') return document.createTextNode(tree);
  const isSvg = inSvg || tree.tag === 'svg';
  const element = isSvg ? document.createElementNS(SVG, tree.tag) : document.createElement(tree.tag);
  for (const child of tree.children) element.append(create(child, isSvg));
  // After the children: a select takes its value from the options it has.
  setAttributes(element, {}, tree.attributes);
  drawn.set(element, tree);
  return element;
};

const setAttributes = (element: Element, before: Attributes, after: Attributes): void => {
  for (const name of Object.keys(before)) {
    if (after[name] === undefined && name !== 'key') element.removeAttribute(name);
  }
  for (const [name, value] of Object.entries(after)) {
    if (name === 'key' || (value === before[name] && name !== 'value')) continue;
    if (value === undefined || value === false) element.removeAttribute(name);
    else if (name === 'value' && 'value' in element) setValue(element as HTMLInputElement, String(value));
    else element.setAttribute(name, value === true ? '' : String(value));
  }
};

/** What somebody is typing is theirs; what somebody drags is in the tree already. */
const setValue = (field: HTMLInputElement, value: string): void => {
  const isTyped = field === document.activeElement && field.type !== 'range';
  if (!isTyped && field.value !== value) field.value = value;
};

const keyOf = (tree: Tree | string): string | undefined => {
  const key = typeof tree === 'string' ? undefined : tree.attributes['key'];
  return key === undefined ? undefined : String(key);
};

const isSameKind = (a: Tree | string, b: Tree | string): boolean =>
  typeof a === 'string' || typeof b === 'string' ? typeof a === typeof b : a.tag === b.tag && keyOf(a) === keyOf(b);

const patchNode = ({ tree: before, node }: Shown, after: Tree | string, inSvg: boolean): ChildNode => {
  if (before === after) return node;
  if (typeof after === 'string' || typeof before === 'string') {
    if (typeof after === 'string' && typeof before === 'string') {
      node.textContent = after;
      return node;
    }
    const made = create(after, inSvg);
    node.replaceWith(made);
    return made;
  }
  const element = node as ChildNode & Element;
  patchChildren(element, before, after, inSvg || after.tag === 'svg');
  setAttributes(element, before.attributes, after.attributes);
  drawn.set(element, after);
  return element;
};

const patchChildren = (element: Element, before: Tree, after: Tree, inSvg: boolean): void => {
  if (before.children === after.children) return;
  const there = [...element.childNodes].map((node, i): Shown => ({ tree: before.children[i] ?? '', node }));
  const keyed = new Map<string, Shown>();
  for (const shown of there) {
    const key = keyOf(shown.tree);
    if (key !== undefined) keyed.set(key, shown);
  }
  const unkeyed = there.filter(({ tree }) => keyOf(tree) === undefined);
  const kept = new Set<ChildNode>();
  let next = 0;
  const wanted = after.children.map((child) => {
    const key = keyOf(child);
    const match = key === undefined ? unkeyed[next++] : keyed.get(key);
    if (match === undefined || !isSameKind(match.tree, child) || kept.has(match.node)) return create(child, inSvg);
    kept.add(match.node);
    return patchNode(match, child, inSvg);
  });
  for (const { node } of there) if (!kept.has(node)) node.remove();
  wanted.forEach((node, i) => {
    const here = element.childNodes[i];
    if (here !== node) element.insertBefore(node, here ?? null);
  });
};

/** Makes `place`, which holds nothing of anybody else's, show the tree. */
export const patch = (place: Element, tree: Tree): void => {
  const node = place.firstElementChild;
  const before = node === null ? undefined : drawn.get(node);
  if (node === null || before === undefined || !isSameKind(before, tree)) {
    place.replaceChildren(create(tree, false));
    return;
  }
  patchNode({ tree: before, node }, tree, false);
};
