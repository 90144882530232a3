/**
 * One security group: its rules are a set with one entry per source, and it knows its members, so that deletion can be
 * refused while it has any (cloud spec 6).
 */

export type RuleSource =
  | { readonly kind: 'cidr'; readonly cidr: string }
  | { readonly kind: 'group'; readonly groupId: string; readonly account: string; readonly groupName?: string };

/**
 * One source of one permission. `protocol` is the IANA number (1 icmp, 6 tcp, 17 udp); `low`..`high` are ports for tcp and
 * udp, type and code for icmp (-1 any), both -1 for other protocols. `cidr` is canonical (host bits clear).
 */
export type Rule = {
  readonly protocol: number;
  readonly low: number;
  readonly high: number;
  readonly source: RuleSource;
};

export type SecurityGroupEvent =
  | {
      readonly type: 'SecurityGroupCreated';
      readonly groupId: string;
      readonly account: string;
      readonly name: string;
      readonly description: string;
    }
  | { readonly type: 'SecurityGroupDeleted'; readonly groupId: string }
  | { readonly type: 'SecurityGroupRulesAuthorized'; readonly groupId: string; readonly rules: readonly Rule[] }
  | { readonly type: 'SecurityGroupRulesRevoked'; readonly groupId: string; readonly rules: readonly Rule[] }
  | { readonly type: 'SecurityGroupMemberJoined'; readonly groupId: string; readonly instanceId: string }
  | { readonly type: 'SecurityGroupMemberLeft'; readonly groupId: string; readonly instanceId: string };
