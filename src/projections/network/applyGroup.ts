/** Security groups: rules with the position that set each, members, and how many of them are in the document. */
import type { DomainEvent } from '../../domain/events.ts';
import type { Recorded } from '../../domain/recorded.ts';
import type { Rule, SecurityGroupEvent } from '../../domain/securityGroup.ts';
import { createTrie, peek, withEntry, withoutEntry } from '../trie.ts';
import { type Draft, own, putNew, remove } from './draft.ts';
import { nameSources, touchGroup, touchMembersOf } from './touching.ts';
import type { GroupView } from './views.ts';

const sourceKey = (rule: Rule): string => (rule.source.kind === 'cidr' ? rule.source.cidr : `@${rule.source.groupId}`);

/** Two rules are the same when protocol, range and source are. */
export const ruleKey = (rule: Rule): string => `${rule.protocol}/${rule.low}/${rule.high}/${sourceKey(rule)}`;

type Created = Extract<SecurityGroupEvent, { readonly type: 'SecurityGroupCreated' }>;

const create = (draft: Draft, event: Created, { position, revision }: Recorded<DomainEvent>): void => {
  const { groupId: id, account, name, description } = event;
  const before = peek(draft.network.groups, id);
  if (before !== undefined) nameSources(draft, id, before.rules, []);
  putNew(draft, 'groups', id, {
    id,
    account,
    name,
    description,
    rules: [],
    members: createTrie<number>(),
    liveMembers: 0,
    createdAt: position,
    at: position,
    revision,
  });
  touchGroup(draft, id, position);
};

const become = (draft: Draft, group: GroupView, rules: GroupView['rules'], position: number): void => {
  nameSources(draft, group.id, group.rules, rules);
  group.rules = rules;
  group.at = position;
  touchMembersOf(draft, group.id, position);
};

export const applyGroup = (draft: Draft, event: SecurityGroupEvent, recorded: Recorded<DomainEvent>): void => {
  const { position, revision } = recorded;
  if (event.type === 'SecurityGroupCreated') {
    create(draft, event, recorded);
    return;
  }
  const group = own(draft, 'groups', event.groupId);
  if (group === undefined) return;
  group.revision = revision;
  switch (event.type) {
    case 'SecurityGroupDeleted':
      nameSources(draft, group.id, group.rules, []);
      remove(draft, 'groups', event.groupId);
      touchGroup(draft, event.groupId, position);
      return;
    case 'SecurityGroupRulesAuthorized': {
      const came = event.rules.map((rule) => ({ rule, at: position }));
      become(draft, group, [...group.rules, ...came], position);
      return;
    }
    case 'SecurityGroupRulesRevoked': {
      const gone = new Set(event.rules.map(ruleKey));
      const stayed = group.rules.filter(({ rule }) => !gone.has(ruleKey(rule)));
      become(draft, group, stayed, position);
      return;
    }
    case 'SecurityGroupMemberJoined':
      group.members = withEntry(group.members, event.instanceId, position, draft.owner);
      return;
    case 'SecurityGroupMemberLeft':
      group.members = withoutEntry(group.members, event.instanceId, draft.owner);
      return;
  }
};
