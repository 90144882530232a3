/** Why something could not be shown, and what to do. */
import type { Problem } from '../answers.ts';
import { h, type Tree } from '../tree.ts';

export const problemNote = ({ title, detail, next }: Problem): Tree =>
  h(
    'p',
    { class: 'problem', role: 'status' },
    h('strong', {}, title),
    ` ${detail}`,
    next !== '' && h('span', { class: 'soft' }, ` ${next}`),
  );
