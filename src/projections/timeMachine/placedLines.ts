/**
 * The lines of a document as people see it, each with its place: the elements it stands in. A key is the same for the same
 * line in the documents of two moments, wherever in the text it stands; what an element holds does not change its key.
 */
import { pretty } from '../document/pretty.ts';
import type { ClusterDocument } from '../documents.ts';

export type PlacedLine = {
  readonly text: string;
  /** Opening tags around it without blanks, outermost first, e.g. `<property name="clusters">`. */
  readonly within: readonly string[];
  /** Without blanks and without the slash of an element that happens to be empty. */
  readonly bare: string;
};

export const prettyOf = ({ pieces }: Pick<ClusterDocument, 'pieces'>): string =>
  pretty(Buffer.concat([...pieces]).toString('utf8'));

const isOpening = (bare: string): boolean => /^<[^/?][^<]*[^/]>$/.test(bare) && !bare.includes('</');

export const placedLines = (text: string): readonly PlacedLine[] => {
  const within: string[] = [];
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const trimmed = line.trim();
      const isClosing = trimmed.startsWith('</');
      const opened = isClosing ? within.pop() : undefined;
      const placed = { text: line, within: [...within], bare: opened ?? trimmed.replace(/\/>$/, '>') };
      if (isOpening(trimmed)) within.push(trimmed);
      return placed;
    });
};

export const keyOf = ({ within, bare }: PlacedLine): string => [...within.slice(1), bare].join(' ');

const attribute = /^<[A-Za-z]+ name="([^"]*)">$/;

const unescaped = (text: string): string =>
  text.replace(
    /&(lt|gt|quot|apos|amp);/g,
    (_, name: string) => ({ lt: '<', gt: '>', quot: '"', apos: "'" })[name] ?? '&',
  );

/** The name of an element `tag` among those around a line or of the line itself. */
export const nameWithin = ({ within, bare }: PlacedLine, tag: string): string | undefined => {
  const found = [...within, bare].find((element) => element.startsWith(`<${tag} name=`));
  const name = found === undefined ? undefined : attribute.exec(found)?.[1];
  return name === undefined ? undefined : unescaped(name);
};

/** What an element without elements of its own holds: `<value>x</value>` -> `x`. */
export const heldBy = ({ bare }: PlacedLine): string | undefined => {
  const value = /^<[A-Za-z]+>(.*)<\/[A-Za-z]+>$/.exec(bare)?.[1];
  return value === undefined ? undefined : unescaped(value);
};
