/**
 * What a view returns: plain data that names elements, attributes and texts. A text is only ever a text: there is no way to
 * write markup, a script or an inline style here, so names chosen by strangers cannot become any of them.
 */

export type Attribute = string | number | boolean | undefined;
export type Attributes = { readonly [name: string]: Attribute };
export type Tree = {
  readonly tag: string;
  readonly attributes: Attributes;
  readonly children: readonly (Tree | string)[];
};

/** `false`, `undefined` and `null` leave a child out; lists are flattened. */
export type Child = Tree | string | number | false | undefined | null | readonly Child[];

const forbiddenTags: ReadonlySet<string> = new Set(['script', 'style', 'iframe', 'object', 'embed', 'base']);
const linkAttributes: ReadonlySet<string> = new Set(['href', 'src', 'action', 'formaction', 'xlink:href']);

/** Links lead into this page or to this server, never to a scheme. */
const isOwnLink = (value: string): boolean => value.startsWith('#') || /^\/(?!\/)/.test(value);

/** Throws for what no view may say; that is a fault of the view, never of the data. */
const checked = (tag: string, attributes: Attributes): Attributes => {
  if (forbiddenTags.has(tag)) throw new Error(`expected an element without a program, got ${tag}`);
  for (const [name, value] of Object.entries(attributes)) {
    if (/^on/i.test(name) || name === 'style') throw new Error(`expected an attribute without a program, got ${name}`);
    if (linkAttributes.has(name) && value !== undefined && !isOwnLink(String(value))) {
      throw new Error(`expected a link into the console, got ${String(value)}`);
    }
  }
  return attributes;
};

const flattened = (children: readonly Child[], into: (Tree | string)[]): (Tree | string)[] => {
  for (const child of children) {
    if (Array.isArray(child)) flattened(child, into);
    else if (typeof child === 'number') into.push(String(child));
    else if (typeof child === 'string') {
      if (child !== '') into.push(child);
    } else if (child !== false && child !== undefined && child !== null) into.push(child as Tree);
  }
  return into;
};

/** `key` among the attributes keeps an element its own when its neighbours change. */
export const h = (tag: string, attributes: Attributes, ...children: readonly Child[]): Tree => ({
  tag,
  attributes: checked(tag, attributes),
  children: flattened(children, []),
});

/** Class names that apply. */
export const classes = (...names: readonly (string | false | undefined)[]): string =>
  names.filter((name) => name !== false && name !== undefined && name !== '').join(' ');

/** All texts below, as one; what a person who sees nothing is told. */
export const textOf = (tree: Tree | string): string =>
  typeof tree === 'string' ? tree : tree.children.map(textOf).join(' ').replaceAll(/\s+/g, ' ').trim();

/** Every element below and the element itself that passes. */
export const findAll = (tree: Tree | string, passes: (tree: Tree) => boolean): readonly Tree[] => {
  if (typeof tree === 'string') return [];
  const below = tree.children.flatMap((child) => findAll(child, passes));
  return passes(tree) ? [tree, ...below] : below;
};

/** Calls the view again only when what it is shown has changed; identity is enough, all data is immutable. */
export const memo = <Shown extends readonly unknown[], Made>(
  view: (...shown: Shown) => Made,
): ((...shown: Shown) => Made) => {
  let last: { readonly shown: Shown; readonly made: Made } | undefined;
  return (...shown) => {
    const before = last;
    if (before?.shown.length === shown.length && shown.every((one, i) => one === before.shown[i])) return before.made;
    const made = view(...shown);
    last = { shown, made };
    return made;
  };
};
