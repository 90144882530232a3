/** What a key shows that is bound to an account or to a cluster, and which key would show the rest. */
import type { Caller, Problem } from '../answers.ts';
import { h, type Tree } from '../tree.ts';
import { panel } from './panel.ts';
import { problemNote } from './problem.ts';

const otherKey = h(
  'p',
  { class: 'soft note' },
  'A key that is bound to nothing shows the whole cloud: ',
  h('code', {}, 'edgelog keys add NAME --role viewer'),
  ' makes one.',
);

export const accountScope = ({ actor, account }: Caller): Tree =>
  panel(
    'scope',
    'What this key shows',
    false,
    h(
      'p',
      {},
      `The key of ${actor} is bound to account `,
      h('span', { class: 'mono' }, account ?? ''),
      ': it shows the instances and security groups of that account.',
    ),
    h(
      'p',
      { class: 'soft note' },
      'Convergence, address pools, the log with its traces and changes, and why something may pass concern everybody ',
      'in the cloud, and are not shown.',
    ),
    otherKey,
  );

export const nothingInScope = (problem: Problem): Tree =>
  panel('scope', 'This key shows nothing here', false, problemNote(problem), otherKey);
