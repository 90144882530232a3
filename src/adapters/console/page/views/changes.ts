/** What differs between two moments, in sentences with their authors, and line by line for who wants to see the document. */
import type { Difference } from '../answers.ts';
import { linkTo, type Place } from '../place.ts';
import { classes, h, type Tree } from '../tree.ts';
import { counted } from '../words.ts';
import { authored } from './why.ts';

const MOST = 80;
const MOST_LINES = 400;
const signs = { came: '+', went: '\u2212', changed: '~' } as const;

const change = (place: Place, one: Difference['changes'][number]): Tree =>
  h(
    'li',
    { key: `${one.kind} ${one.text}`, class: one.kind },
    h('i', { class: 'sign', 'aria-hidden': 'true' }, signs[one.kind]),
    h('span', {}, h('span', { class: 'visually-hidden' }, `${one.kind}: `), one.text, ' ', authored(place, one.by)),
  );

const documentLines = ({ cluster, lines }: Difference['documents'][number]): Tree =>
  h(
    'details',
    { key: cluster },
    h('summary', {}, `${cluster}: ${counted(lines.filter(({ sign }) => sign !== ' ').length, 'line')} of its document`),
    h(
      'pre',
      { class: 'lines', tabindex: 0 },
      lines
        .slice(0, MOST_LINES)
        .map(({ sign, text }, i) =>
          h('span', { key: i, class: sign === '+' ? 'came' : sign === '-' ? 'went' : '' }, `${sign} ${text}\n`),
        ),
      lines.length > MOST_LINES && `\u2026 ${lines.length - MOST_LINES} more lines`,
    ),
  );

export const changes = (difference: Difference, place: Place): Tree => {
  const differing = difference.documents.filter(({ same }) => !same);
  const rest = difference.more + Math.max(0, difference.changes.length - MOST);
  return h(
    'div',
    { class: 'changes' },
    h(
      'p',
      { class: 'soft' },
      'Between position ',
      h('a', { href: linkTo(place, { at: String(difference.from) }) }, difference.from),
      ' and ',
      h('a', { href: linkTo(place, { at: String(difference.to) }) }, difference.to),
      difference.same ? ' nothing differs.' : `: ${counted(difference.changes.length + difference.more, 'change')}.`,
    ),
    h(
      'ul',
      { class: classes('change-list') },
      difference.changes.slice(0, MOST).map((one) => change(place, one)),
    ),
    rest > 0 && h('p', { class: 'soft' }, `and ${rest} more`),
    differing.map(documentLines),
  );
};
