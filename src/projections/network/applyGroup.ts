/** Security groups: rules with the position that set each, members, and how many of them are in the document. */
import type { DomainEvent } from '../../domain/events.ts';
import type { Recorded } from '../../domain/recorded.ts';
import type { Rule, SecurityGroupEvent } from '../../domain/securityGroup.ts';
import { createTrieIn, get, put, remove } from '../trie.ts';
import { nameSources, touchGroup, touchMembersOf } from './touching.ts';
import type { GroupView, Network } from './views.ts';

const sourceKey = (rule: Rule): string => (rule.source.kind === 'cidr' ? rule.source.cidr : `@${rule.source.groupId}`);

/** Two rules are the same when protocol, range and source are. */
export const ruleKey = (rule: Rule): string => `${rule.protocol}/${rule.low}/${rule.high}/${sourceKey(rule)}`;

type Created = Extract<SecurityGroupEvent, { readonly type: 'SecurityGroupCreated' }>;

const create = (network: Network, event: Created, { position, revision }: Recorded<DomainEvent>): void => {
  const { groupId: id, account, name, description } = event;
  const before = get(network.groups, id);
  if (before !== undefined) nameSources(network, id, before.rules, []);
  put(network.groups, id, {
    id,
    account,
    name,
    description,
    rules: [],
    members: createTrieIn<number>(network.groups),
    liveMembers: 0,
    createdAt: position,
    at: position,
    revision,
  });
  touchGroup(network, id, position);
};

const become = (network: Network, group: GroupView, rules: GroupView['rules'], position: number): void => {
  nameSources(network, group.id, group.rules, rules);
  group.rules = rules;
  group.at = position;
  touchMembersOf(network, group.id, position);
};

export const applyGroup = (network: Network, event: SecurityGroupEvent, recorded: Recorded<DomainEvent>): void => {
  const { position, revision } = recorded;
  if (event.type === 'SecurityGroupCreated') {
    create(network, event, recorded);
    return;
  }
  const group = get(network.groups, event.groupId);
  if (group === undefined) return;
  group.revision = revision;
  switch (event.type) {
    case 'SecurityGroupDeleted':
      nameSources(network, group.id, group.rules, []);
      remove(network.groups, event.groupId);
      touchGroup(network, event.groupId, position);
      return;
    case 'SecurityGroupRulesAuthorized': {
      const came = event.rules.map((rule) => ({ rule, at: position }));
      become(network, group, [...group.rules, ...came], position);
      return;
    }
    case 'SecurityGroupRulesRevoked': {
      const gone = new Set(event.rules.map(ruleKey));
      const stayed = group.rules.filter(({ rule }) => !gone.has(ruleKey(rule)));
      become(network, group, stayed, position);
      return;
    }
    case 'SecurityGroupMemberJoined':
      put(group.members, event.instanceId, position);
      return;
    case 'SecurityGroupMemberLeft':
      remove(group.members, event.instanceId);
      return;
  }
};
