/** The security groups: their colours, names and rules, as a list and wherever one is mentioned. */
import { describeRule } from '../../../../domain/rule.ts';
import type { Group } from '../answers.ts';
import { LOOKS, type Looks, lookOf } from '../findings.ts';
import { notchPath } from '../notch.ts';
import { linkTo, type Place } from '../place.ts';
import type { Network } from '../state.ts';
import { classes, h, type Tree } from '../tree.ts';
import { counted } from '../words.ts';

const MOST_GROUPS = 40;

export type Context = {
  readonly network: Network;
  readonly looks: Looks;
  readonly place: Place;
};

export const swatch = (looks: Looks, groupId: string): Tree => {
  const { colour, notch } = lookOf(looks, groupId);
  const box = { x: 0, y: 0, width: 10, height: 10 };
  return h(
    'svg',
    { class: 'swatch', viewBox: '0 0 10 10', 'aria-hidden': 'true' },
    h('rect', { class: classes('fill', colour), ...box, rx: 2 }),
    notch !== undefined && h('path', { class: 'notch', d: notchPath(notch, box) }),
  );
};

const groupName = ({ network }: Context, groupId: string): string =>
  network.groups.find((group) => group.groupId === groupId)?.name ?? groupId;

export const groupLink = (context: Context, groupId: string): Tree =>
  h(
    'a',
    { key: groupId, class: 'group-link', href: linkTo(context.place, { select: groupId }), title: groupId },
    swatch(context.looks, groupId),
    groupName(context, groupId),
  );

const ruleText = (context: Context, rule: Group['rules'][number]): string =>
  rule.source.kind === 'cidr'
    ? describeRule(rule)
    : describeRule(rule).replace(rule.source.groupId, rule.source.groupName ?? groupName(context, rule.source.groupId));

export const ruleItem = (context: Context, rule: Group['rules'][number]): Tree =>
  h(
    'li',
    { key: rule.at + describeRule(rule) },
    context.network.account !== undefined
      ? ruleText(context, rule)
      : h(
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

const legendRow = (context: Context, group: Group): Tree => {
  const { place } = context;
  const isChosen = place.select === group.groupId;
  return h(
    'li',
    { key: group.groupId, class: classes(isChosen && 'selected') },
    h(
      'a',
      { href: linkTo(place, { select: isChosen ? '' : group.groupId }), title: group.description },
      swatch(context.looks, group.groupId),
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
    groups.length > LOOKS &&
      h('p', { class: 'soft' }, `Of ${groups.length} groups some look alike: there are ${LOOKS} looks.`),
    groups.length > MOST_GROUPS &&
      h('p', { class: 'soft' }, `and ${groups.length - MOST_GROUPS} more; find them by name above`),
  );
};
