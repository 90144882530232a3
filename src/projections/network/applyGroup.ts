/** Security groups: rules with the position that set each, members, and how many of them are in the document. */
import type { DomainEvent } from '../../domain/events.ts';
import type { Recorded } from '../../domain/recorded.ts';
import type { Rule, SecurityGroupEvent } from '../../domain/securityGroup.ts';
import { createTrie, get, put, remove } from '../trie.ts';
import type { Network } from './views.ts';

const sourceKey = (rule: Rule): string => (rule.source.kind === 'cidr' ? rule.source.cidr : `@${rule.source.groupId}`);

/** Two rules are the same when protocol, range and source are. */
export const ruleKey = (rule: Rule): string => `${rule.protocol}/${rule.low}/${rule.high}/${sourceKey(rule)}`;

export const applyGroup = (network: Network, event: SecurityGroupEvent, recorded: Recorded<DomainEvent>): void => {
  const { position, revision } = recorded;
  if (event.type === 'SecurityGroupCreated') {
    const { groupId: id, account, name, description } = event;
    const birth = { createdAt: position, at: position, revision };
    put(network.groups, id, {
      id,
      account,
      name,
      description,
      rules: [],
      members: createTrie<number>(),
      liveMembers: 0,
      ...birth,
    });
    network.touched.groups = position;
    return;
  }
  const group = get(network.groups, event.groupId);
  if (group === undefined) return;
  group.revision = revision;
  switch (event.type) {
    case 'SecurityGroupDeleted':
      remove(network.groups, event.groupId);
      network.touched.groups = position;
      return;
    case 'SecurityGroupRulesAuthorized':
      group.rules.push(...event.rules.map((rule) => ({ rule, at: position })));
      group.at = position;
      network.touched.groups = position;
      return;
    case 'SecurityGroupRulesRevoked': {
      const gone = new Set(event.rules.map(ruleKey));
      group.rules = group.rules.filter(({ rule }) => !gone.has(ruleKey(rule)));
      group.at = position;
      network.touched.groups = position;
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
