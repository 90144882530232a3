/** One event on its way: who wished it, what happened, which documents showed it, when controllers took them, which nodes have it. */
import type { Told, Trace } from '../answers.ts';
import { linkTo, type Place } from '../place.ts';
import { type Child, classes, h, type Tree } from '../tree.ts';
import { age, clockTime, counted, wholeTime } from '../words.ts';

/** Of a wish with very many events, the first ones. */
const MOST = 30;
const MOST_NODES = 24;

const stage = (title: string, tone: string, ...said: readonly Child[]): Tree =>
  h('li', { class: classes('stage', tone) }, h('h4', {}, title), said);

const told = (place: Place, event: Told): Tree =>
  h(
    'p',
    { key: event.position },
    h('a', { class: 'figure', href: linkTo(place, { at: String(event.position) }) }, event.position),
    ` ${event.text}`,
    event.reason !== null && h('small', { class: 'soft' }, ` (${event.reason})`),
  );

type Way = Trace['clusters'][number];

const nodeMark = (node: Way['nodes'][number]): Tree => {
  const [tone, said] =
    node.applied === true ? ['good', 'has it'] : node.applied === false ? ['bad', 'not yet'] : ['unsure', 'unknown'];
  return h(
    'span',
    {
      key: node.node,
      class: classes('chip', tone),
      title: node.version === null ? said : `${said}, version ${node.version}`,
    },
    h('i', { class: 'sign', 'aria-hidden': 'true' }),
    `${node.node} `,
    h('small', {}, said),
  );
};

const wayOf = ({ cluster, version, delivered, deliveredAfterMs, nodes }: Way): readonly Tree[] => {
  const behind = nodes.filter(({ applied }) => applied !== true);
  const shown = [...behind, ...nodes.filter(({ applied }) => applied === true)].slice(0, MOST_NODES);
  const tone =
    nodes.length === 0
      ? 'unsure'
      : behind.length === 0
        ? 'good'
        : behind.some(({ applied }) => applied === false)
          ? 'bad'
          : 'unsure';
  return [
    stage('Document', 'done', h('p', {}, `${cluster}, version ${version ?? 'unknown'}`)),
    stage(
      'Cluster controller',
      delivered === null ? 'unsure' : 'good',
      delivered === null
        ? h('p', {}, `${cluster} has not taken it, as far as the log says.`)
        : h(
            'p',
            {},
            `${cluster} took version ${delivered.version} at ${clockTime(delivered.time)}`,
            deliveredAfterMs !== null && `, ${age(deliveredAfterMs)} after the event`,
          ),
    ),
    stage(
      'Nodes',
      tone,
      nodes.length === 0 ? h('p', {}, 'No node has reported.') : h('p', { class: 'chips' }, shown.map(nodeMark)),
      nodes.length > shown.length &&
        h('p', { class: 'soft' }, `and ${counted(nodes.length - shown.length, 'node')} more`),
    ),
  ];
};

export const trace = (shown: Trace, place: Place): Tree => {
  const { command, events, clusters } = shown;
  return h(
    'ol',
    { class: 'trace' },
    stage(
      'Who',
      'done',
      command === null
        ? h('p', {}, 'Nobody: it was not a wish.')
        : [
            h('p', {}, h('strong', {}, command.actor), `, ${wholeTime(command.time)}`),
            h('p', { class: 'mono soft small' }, `request ${command.correlationId}`),
          ],
    ),
    stage(
      counted(events.length, 'event'),
      'done',
      events.slice(0, MOST).map((event) => told(place, event)),
      events.length > MOST && h('p', { class: 'soft' }, `and ${events.length - MOST} more`),
    ),
    clusters.length === 0
      ? stage('Documents', 'done', h('p', {}, 'No document shows it: no node has to know.'))
      : clusters.slice(0, 8).map(wayOf),
    clusters.length > 8 && stage('More', 'done', h('p', {}, `${clusters.length - 8} more clusters`)),
  );
};
