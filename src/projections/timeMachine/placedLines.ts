/**
 * The lines of a document as people see it, each with its place: the elements it stands in. A key is the same for the same
 * line in the documents of two moments, wherever in the text it stands; what an element holds does not change its key.
 */
import { pretty, prettyLines } from '../document/pretty.ts';
import type { ClusterDocument } from '../documents.ts';

export type PlacedLine = {
  readonly text: string;
  /** Opening tags around it without blanks, outermost first, e.g. `<property name="clusters">`. */
  readonly within: readonly string[];
  /** Without blanks and without the slash of an element that happens to be empty. */
  readonly bare: string;
};

const textOf = ({ pieces }: Pick<ClusterDocument, 'pieces'>): string => Buffer.concat([...pieces]).toString('utf8');

export const prettyOf = (document: Pick<ClusterDocument, 'pieces'>): string => pretty(textOf(document));

const isOpening = (bare: string): boolean =>
  bare.startsWith('<') &&
  bare.endsWith('>') &&
  !bare.endsWith('/>') &&
  !bare.startsWith('<?') &&
  bare.lastIndexOf('<') === 0;

/** Lines in the same place share one list of the elements around them. */
function* place(lines: Iterable<string>): Generator<PlacedLine> {
  const around: (readonly string[])[] = [[]];
  for (const line of lines) {
    if (line === '') continue;
    const trimmed = line.trim();
    const inner = around.at(-1) ?? [];
    if (trimmed.startsWith('</')) {
      if (around.length > 1) around.pop();
      yield { text: line, within: around.at(-1) ?? [], bare: inner.at(-1) ?? trimmed };
      continue;
    }
    yield { text: line, within: inner, bare: trimmed.endsWith('/>') ? `${trimmed.slice(0, -2)}>` : trimmed };
    if (isOpening(trimmed)) around.push([...inner, trimmed]);
  }
}

export const placedLines = (text: string): readonly PlacedLine[] => [...place(text.split('\n'))];

/** The lines of a whole document, drawn one by one: of a large one nobody wants them all at once. */
export const placedLinesOf = (document: Pick<ClusterDocument, 'pieces'>): Iterable<PlacedLine> =>
  place(prettyLines(textOf(document)));

export const keyOf = ({ within, bare }: PlacedLine): string => [...within.slice(1), bare].join(' ');

/** The same for many lines in order: what lines in one place have in common is put together once a place. */
export const createKeys = (): ((line: PlacedLine) => string) => {
  let place: readonly string[] | undefined;
  let prefix = '';
  return ({ within, bare }) => {
    if (within !== place) {
      place = within;
      prefix = within
        .slice(1)
        .map((element) => `${element} `)
        .join('');
    }
    return prefix + bare;
  };
};

const attribute = /^<[A-Za-z]+ name="([^"]*)">$/;

const unescaped = (text: string): string =>
  text.includes('&')
    ? text.replace(
        /&(lt|gt|quot|apos|amp);/g,
        (_, name: string) => ({ lt: '<', gt: '>', quot: '"', apos: "'" })[name] ?? '&',
      )
    : text;

const nameOf = (element: string): string | undefined => {
  const name = attribute.exec(element)?.[1];
  return name === undefined ? undefined : unescaped(name);
};

/** The name of the outermost of these elements that is a `tag` with a name. */
export const nameAround = (within: readonly string[], tag: string): string | undefined => {
  const found = within.find((element) => element.startsWith(`<${tag} name=`));
  return found === undefined ? undefined : nameOf(found);
};

/** What an element without elements of its own holds: `<value>x</value>` -> `x`. */
export const heldBy = ({ bare }: PlacedLine): string | undefined => {
  const value = /^<[A-Za-z]+>(.*)<\/[A-Za-z]+>$/.exec(bare)?.[1];
  return value === undefined ? undefined : unescaped(value);
};
