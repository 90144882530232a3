/** What is selected in the picture, its facts and what happened to it. */
import type { Group, History, Instance } from '../answers.ts';
import { isOver, selectedIn } from '../findings.ts';
import { linkTo, type Place } from '../place.ts';
import type { Slot } from '../state.ts';
import { type Child, h, type Tree } from '../tree.ts';
import { clockTime, counted, day, stateWords, wholeTime } from '../words.ts';
import { type Context, groupLink, ruleItem, swatch } from './groups.ts';
import { problemNote } from './problem.ts';

const MOST_INSTANCES = 60;
const MOST_EVENTS = 40;

const fact = (name: string, ...value: readonly Child[]): readonly Tree[] => [h('dt', {}, name), h('dd', {}, value)];

const instanceFacts = (context: Context, instance: Instance): Tree => {
  const { place } = context;
  const to = instance.publicAddress ?? instance.instanceId;
  return h(
    'dl',
    {},
    fact(
      'State',
      stateWords(instance.state),
      h('small', { class: 'soft' }, ` since ${wholeTime(instance.stateSince)}`),
    ),
    fact('Private', h('span', { class: 'mono' }, instance.privateAddress ?? 'none')),
    fact('Elastic', h('span', { class: 'mono' }, instance.publicAddress ?? 'none')),
    fact('MAC', h('span', { class: 'mono' }, instance.macAddress ?? 'none')),
    fact(
      'Node',
      instance.node === null ? 'none' : h('a', { href: linkTo(place, { select: instance.node }) }, instance.node),
      ` in ${instance.cluster}`,
    ),
    fact(
      'Groups',
      h(
        'span',
        { class: 'chips' },
        instance.groups.map((groupId) => groupLink(context, groupId)),
      ),
    ),
    fact('Account', h('span', { class: 'mono' }, instance.account)),
    context.network.account === undefined &&
      fact(
        'Ask',
        h('a', { href: linkTo(place, { destination: to }), 'data-act': 'go', 'data-to': 'why' }, 'who can reach it?'),
      ),
  );
};

const instanceRow = ({ place, looks }: Context, instance: Instance): Tree =>
  h(
    'li',
    { key: instance.instanceId },
    h(
      'a',
      { class: 'mono', href: linkTo(place, { select: instance.instanceId }) },
      instance.groups[0] !== undefined && swatch(looks, instance.groups[0]),
      instance.instanceId,
    ),
    h('span', { class: 'mono soft' }, instance.privateAddress ?? ''),
    h('span', { class: 'soft' }, stateWords(instance.state)),
  );

const instanceList = (context: Context, instances: readonly Instance[]): Tree => {
  const there = instances.filter((instance) => !isOver(instance));
  return h(
    'div',
    {},
    h(
      'p',
      { class: 'soft' },
      `${counted(there.length, 'instance')}${there.length > MOST_INSTANCES ? `, the first ${MOST_INSTANCES}` : ''}`,
    ),
    h(
      'ul',
      { class: 'instances' },
      there.slice(0, MOST_INSTANCES).map((instance) => instanceRow(context, instance)),
    ),
  );
};

const groupFacts = (context: Context, group: Group): Tree =>
  h(
    'div',
    {},
    h(
      'p',
      {},
      swatch(context.looks, group.groupId),
      h('strong', {}, group.name),
      h('span', { class: 'soft' }, ` ${group.description}`),
    ),
    h(
      'ul',
      { class: 'rules' },
      group.rules.map((rule) => ruleItem(context, rule)),
      group.rules.length === 0 && h('li', { class: 'soft' }, 'lets nothing in'),
    ),
    instanceList(
      context,
      context.network.instances.filter(({ groups }) => groups.includes(group.groupId)),
    ),
  );

const history = (place: Place, slot: Slot<History>): Child => {
  if (slot.problem !== undefined) return problemNote(slot.problem);
  const events = slot.value?.events.slice(-MOST_EVENTS).toReversed() ?? [];
  return (
    events.length > 0 && [
      h('h4', {}, 'What happened to it'),
      h(
        'ol',
        { class: 'history' },
        events.map((event) =>
          h(
            'li',
            { key: event.position },
            h(
              'a',
              {
                class: 'figure',
                href: linkTo(place, { at: String(event.position) }),
                title: 'Show the network as it was then',
              },
              event.position,
            ),
            h('span', { class: 'soft time', title: day(event.time) }, clockTime(event.time)),
            h(
              'a',
              { href: linkTo(place, { trace: String(event.position) }), 'data-act': 'go', 'data-to': 'trace' },
              event.text,
            ),
          ),
        ),
      ),
    ]
  );
};

const factsOf = (context: Context, id: string): Child => {
  const { network } = context;
  const found = selectedIn(network, id);
  switch (found.kind) {
    case 'instance':
      return instanceFacts(context, found.instance);
    case 'group':
      return groupFacts(context, found.group);
    case 'node':
      return instanceList(
        context,
        network.instances.filter(({ node }) => node === found.node),
      );
    case 'cluster':
      return instanceList(
        context,
        network.instances.filter(({ cluster }) => cluster === found.cluster),
      );
    case 'other':
      return h('p', { class: 'soft' }, 'Not there at the moment shown.');
  }
};

export const details = (context: Context, id: string, slot: Slot<History>): Tree =>
  h(
    'div',
    { class: 'details', key: 'details' },
    h(
      'div',
      { class: 'details-head' },
      h('h3', { class: 'mono', id: 'details', tabindex: -1 }, id),
      context.network.account === undefined &&
        h('a', { href: linkTo(context.place, { subject: id }), 'data-act': 'go', 'data-to': 'events' }, 'events'),
      h('a', { class: 'button', href: linkTo(context.place, { select: '' }), 'aria-label': 'Close' }, '\u00d7'),
    ),
    factsOf(context, id),
    history(context.place, slot),
  );
