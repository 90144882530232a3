/**
 * The same document for people: indented by four blanks, one element per line. It reads only what `fragments.ts` wrote
 * (no comments, no mixed content, text escaped), and never goes to a node.
 */

const indents: string[] = [''];

const indentOf = (depth: number): string => {
  for (let known = indents.length; known <= depth; known += 1) indents.push(`${indents[known - 1]}    `);
  return indents[depth] ?? '';
};

/** The lines of `compact` as rendered, one by one; values stay on the line of their element. */
export function* prettyLines(compact: string): Generator<string> {
  let depth = 0;
  for (let at = 0; at < compact.length; ) {
    const opened = tagEnd(compact, at);
    const isClosing = compact.startsWith('</', at);
    if (isClosing) depth -= 1;
    const end = opens(compact, at, opened) ? valueEnd(compact, opened) : opened;
    yield indentOf(depth) + compact.slice(at, end);
    if (end === opened && opens(compact, at, opened)) depth += 1;
    at = end;
  }
}

/** `compact` with line breaks. */
export const pretty = (compact: string): string => `${[...prettyLines(compact)].join('\n')}\n`;

/** Behind the tag, or the text between two tags, that begins here. */
const tagEnd = (compact: string, at: number): number => {
  const isTag = compact.startsWith('<', at);
  const end = compact.indexOf(isTag ? '>' : '<', at);
  return end < 0 ? compact.length : end + (isTag ? 1 : 0);
};

const opens = (compact: string, at: number, end: number): boolean =>
  compact.startsWith('<', at) &&
  !compact.startsWith('</', at) &&
  !compact.startsWith('<?', at) &&
  !compact.endsWith('/>', end);

/** Where the element ends that an opening tag up to `from` begins, if it holds a value or nothing; otherwise `from`. */
const valueEnd = (compact: string, from: number): number => {
  if (from >= compact.length) return from;
  if (compact.startsWith('</', from)) return tagEnd(compact, from);
  return compact.startsWith('<', from) ? from : tagEnd(compact, tagEnd(compact, from));
};
