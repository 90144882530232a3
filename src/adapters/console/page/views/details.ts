/** What is selected in the picture, its facts and what happened to it; and the groups with their colours and rules. */
import { describeRule } from '../../../../domain/rule.ts';
import type { Group, History, Instance } from '../answers.ts';
import { type Colours, colourOf, isOver, selectedIn } from '../findings.ts';
import { linkTo, type Place } from '../place.ts';
import type { Network, Slot } from '../state.ts';
import { type Child, classes, h, type Tree } from '../tree.ts';
import { clockTime, counted, day, stateWords, wholeTime } from '../words.ts';
import { problemNote } from './problem.ts';

const MOST_INSTANCES = 60;
const MOST_GROUPS = 40;
const MOST_EVENTS = 40;

export type Context = {
  readonly network: Network;
  readonly colours: Colours;
  readonly place: Place;
};

const swatch = (colours: Colours, groupId: string): Tree =>
  h(
    'svg',
    { class: 'swatch', viewBox: '0 0 10 10', 'aria-hidden': 'true' },
    h('rect', { class: classes('fill', colourOf(colours, groupId)), width: 10, height: 10, rx: 2 }),
  );

const groupName = ({ network }: Context, groupId: string): string =>
  network.groups.find((group) => group.groupId === groupId)?.name ?? groupId;

const groupLink = (context: Context, groupId: string): Tree =>
  h(
    'a',
    { key: groupId, class: 'group-link', href: linkTo(context.place, { select: groupId }), title: groupId },
    swatch(context.colours, groupId),
    groupName(context, groupId),
  );

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
    fact(
      'Ask',
      h('a', { href: linkTo(place, { destination: to }), 'data-act': 'go', 'data-to': 'why' }, 'who can reach it?'),
    ),
  );
};

const instanceRow = ({ place, colours }: Context, instance: Instance): Tree =>
  h(
    'li',
    { key: instance.instanceId },
    h(
      'a',
      { class: 'mono', href: linkTo(place, { select: instance.instanceId }) },
      instance.groups[0] !== undefined && swatch(colours, instance.groups[0]),
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

const ruleText = (context: Context, rule: Group['rules'][number]): string =>
  rule.source.kind === 'cidr'
    ? describeRule(rule)
    : describeRule(rule).replace(rule.source.groupId, rule.source.groupName ?? groupName(context, rule.source.groupId));

const ruleItem = (context: Context, rule: Group['rules'][number]): Tree =>
  h(
    'li',
    { key: rule.at + describeRule(rule) },
    h(
      'a',
      {
        href: linkTo(context.place, { trace: String(rule.at) }),
        'data-act': 'go',
        'data-to': 'trace',
        title: `set by event ${rule.at}`,
      },
      ruleText(context, rule),
    ),
  );

const groupFacts = (context: Context, group: Group): Tree =>
  h(
    'div',
    {},
    h(
      'p',
      {},
      swatch(context.colours, group.groupId),
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
      h('a', { href: linkTo(context.place, { subject: id }), 'data-act': 'go', 'data-to': 'events' }, 'events'),
      h('a', { class: 'button', href: linkTo(context.place, { select: '' }), 'aria-label': 'Close' }, '\u00d7'),
    ),
    factsOf(context, id),
    history(context.place, slot),
  );

const legendRow = (context: Context, group: Group): Tree => {
  const { place } = context;
  const isChosen = place.select === group.groupId;
  return h(
    'li',
    { key: group.groupId, class: classes(isChosen && 'selected') },
    h(
      'a',
      { href: linkTo(place, { select: isChosen ? '' : group.groupId }), title: group.description },
      swatch(context.colours, group.groupId),
      h('strong', {}, group.name),
      h('span', { class: 'soft figure' }, counted(group.members.length, 'member')),
    ),
    h(
      'ul',
      { class: 'rules' },
      group.rules.slice(0, 4).map((rule) => ruleItem(context, rule)),
      group.rules.length > 4 && h('li', { class: 'soft' }, `and ${group.rules.length - 4} more`),
    ),
  );
};

/** Groups by how many members they have: the colours one sees come first. */
export const legend = (context: Context): Tree => {
  const groups = context.network.groups.toSorted(
    (a, b) => b.members.length - a.members.length || (a.name < b.name ? -1 : 1),
  );
  return h(
    'div',
    { class: 'legend', key: 'legend' },
    h('h3', {}, 'Security groups'),
    groups.length === 0
      ? h('p', { class: 'empty' }, 'None yet.')
      : h(
          'ul',
          {},
          groups.slice(0, MOST_GROUPS).map((group) => legendRow(context, group)),
        ),
    groups.length > MOST_GROUPS &&
      h('p', { class: 'soft' }, `and ${groups.length - MOST_GROUPS} more; find them by name above`),
  );
};
