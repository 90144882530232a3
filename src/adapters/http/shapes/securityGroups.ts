/** How a security group and its rules look in answers. Every member is always there; what is unknown or absent is `null`. */
import type { Rule } from '../../../domain/securityGroup.ts';
import type { GroupView } from '../../../projections/network/views.ts';
import { entries } from '../../../projections/trie.ts';
import { list, name, object, position, record, type Schema, text, whole } from '../schema.ts';

const MANY = 1_000_000;

const sourceSchema: Schema = {
  title: 'RuleSource',
  oneOf: [
    object({ kind: { const: 'cidr' }, cidr: text('CIDR block') }, ['kind', 'cidr']),
    object(
      {
        kind: { const: 'group' },
        groupId: name('Group id'),
        account: name('Its account'),
        groupName: name('Its name'),
      },
      ['kind', 'groupId', 'account'],
    ),
  ],
};

export const ruleSchema = record('Rule', {
  protocol: whole('Protocol number', -1, 255),
  low: whole('First port or ICMP type', -1, 65535),
  high: whole('Last port or ICMP code', -1, 65535),
  source: sourceSchema,
  at: position('Event that authorized it'),
});

export const groupSchema = record('SecurityGroup', {
  groupId: name('Group id'),
  account: name('Owning account'),
  name: text('Name'),
  description: { type: 'string' },
  rules: list(ruleSchema, MANY, 'What may come in'),
  members: list(name('Instance id'), MANY, 'Instances in the group'),
  createdAt: position('Event that created it'),
  changedAt: position('Event that last changed it'),
  revision: whole('Revision: its ETag', 0),
});

const ruleBody = (rule: Rule, at: number): object => ({ ...rule, at });

export const groupBody = (view: GroupView): object => ({
  groupId: view.id,
  account: view.account,
  name: view.name,
  description: view.description,
  rules: view.rules.map(({ rule, at }) => ruleBody(rule, at)),
  members: Array.from(entries(view.members), ([id]) => id),
  createdAt: view.createdAt,
  changedAt: view.at,
  revision: view.revision,
});
