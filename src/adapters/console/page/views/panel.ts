/** A panel of the page: a title, and what came, or why nothing did, or that it is under way. */
import type { Network, Slot } from '../state.ts';
import { type Child, h, type Tree } from '../tree.ts';
import { problemNote } from './problem.ts';

export const panel = (id: string, title: string, note: Child, ...content: readonly Child[]): Tree =>
  h(
    'section',
    { id, key: id, class: 'panel', 'aria-labelledby': `${id}-title`, tabindex: -1 },
    h('header', {}, h('h2', { id: `${id}-title` }, title), note),
    content,
  );

/** What came, or why nothing did, or that it is under way. */
export const slotted = <T>(slot: Slot<T>, show: (value: T) => Child): Child =>
  slot.problem !== undefined
    ? problemNote(slot.problem)
    : slot.value === undefined
      ? h('p', { class: 'empty' }, '\u2026')
      : show(slot.value);

/** Says so when what is shown is still that of another moment. */
export const staleNote = ({ value }: Slot<Network>, at: number | undefined): Child =>
  value !== undefined &&
  value.at !== at &&
  h(
    'span',
    { class: 'unsure', role: 'status' },
    `${value.at === undefined ? 'of now' : `of ${value.at}`}, ${at ?? 'now'} is on its way`,
  );
