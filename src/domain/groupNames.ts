/**
 * The names of one account's security groups: unique in the account (cloud spec 6.1). Stream `securityGroups-<account>`.
 */

export type GroupNamesEvent =
  | {
      readonly type: 'SecurityGroupNameTaken';
      readonly account: string;
      readonly name: string;
      readonly groupId: string;
    }
  | {
      readonly type: 'SecurityGroupNameGivenUp';
      readonly account: string;
      readonly name: string;
      readonly groupId: string;
    };
