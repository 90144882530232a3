/**
 * The same document for people: indented by four blanks, one element per line. It reads only what `fragments.ts` wrote
 * (no comments, no mixed content, text escaped), and never goes to a node.
 */

const token = /<[^>]*>|[^<]+/g;
const indent = '    ';

/** `compact` as rendered, with line breaks; values stay on the line of their element. */
export const pretty = (compact: string): string => {
  const tokens = compact.match(token) ?? [];
  const lines: string[] = [];
  let depth = 0;
  for (let at = 0; at < tokens.length; at += 1) {
    const tag = tokens[at] as string;
    if (tag.startsWith('</')) depth -= 1;
    const length = opens(tag) ? valueLength(tokens[at + 1]) : 1;
    lines.push(indent.repeat(depth) + tokens.slice(at, at + length).join(''));
    if (length === 1 && opens(tag)) depth += 1;
    at += length - 1;
  }
  return `${lines.join('\n')}\n`;
};

const opens = (tag: string): boolean => !tag.startsWith('</') && !tag.startsWith('<?') && !tag.endsWith('/>');

/** How many tokens the element is made of that an opening tag and `next` begin, if it holds a value; otherwise 1. */
const valueLength = (next: string | undefined): number => {
  if (next === undefined || (next.startsWith('<') && !next.startsWith('</'))) return 1;
  return next.startsWith('</') ? 2 : 3;
};
