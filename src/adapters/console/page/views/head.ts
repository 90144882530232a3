/** The first line: whether all is well, how much there is, and whether the page follows. */
import { boundTo, isShutOut, type State } from '../state.ts';
import { type Child, classes, h, type Tree } from '../tree.ts';
import { counted, grouped } from '../words.ts';
import { liveWords } from './feed.ts';
import { problemNote } from './problem.ts';

const state3 = (converged: boolean | null | undefined): readonly [string, string] =>
  converged === true
    ? ['good', 'every node has what is wanted']
    : converged === false
      ? ['bad', 'some are behind']
      : ['unsure', 'convergence unknown'];

const statusLine = (state: State): Child => {
  const { status, convergence } = state;
  const account = boundTo(state);
  if (account !== undefined) return h('span', { class: 'state' }, `account ${account}`);
  if (isShutOut(state)) return false;
  if (status.problem !== undefined) return problemNote(status.problem);
  const known = status.value;
  if (known === undefined) return h('span', { class: 'soft' }, 'loading \u2026');
  const [tone, said] = state3(convergence.value?.converged);
  const wrong = known.checks.filter(({ ok }) => !ok);
  return [
    h(
      'span',
      { class: classes('state', known.ready ? 'good' : 'bad') },
      h('i', { class: 'sign', 'aria-hidden': 'true' }),
      known.ready ? 'ready' : 'not ready',
    ),
    h('span', { class: classes('state', tone) }, h('i', { class: 'sign', 'aria-hidden': 'true' }), said),
    !known.configured && h('span', { class: 'state unsure' }, 'no network configuration'),
    wrong.map(({ name, detail }) => h('span', { key: name, class: 'state bad' }, `${name}: ${detail}`)),
  ];
};

const countsLine = ({ status }: State): Child => {
  const known = status.value;
  if (known === undefined) return false;
  const { clusters = 0, instances = 0, securityGroups = 0 } = known.counts;
  return h(
    'p',
    { class: 'counts soft' },
    [
      `position ${grouped(known.position)}`,
      `epoch ${known.epoch}`,
      counted(clusters, 'cluster'),
      counted(instances, 'instance'),
      counted(securityGroups, 'group'),
    ].join(' \u00b7 '),
  );
};

export const headOf = (state: State): Tree =>
  h(
    'header',
    { class: 'top', key: 'top' },
    h('h1', {}, h('a', { href: '#now' }, 'Edgelog')),
    h('div', { class: 'states', 'aria-live': 'polite' }, statusLine(state)),
    countsLine(state),
    boundTo(state) === undefined &&
      !isShutOut(state) &&
      h(
        'span',
        { class: classes('live', `live-${state.live}`) },
        h('i', { class: 'sign', 'aria-hidden': 'true' }),
        liveWords[state.live],
      ),
    state.hasKey && h('button', { type: 'button', 'data-act': 'forget-key', class: 'quiet' }, 'Forget key'),
  );
