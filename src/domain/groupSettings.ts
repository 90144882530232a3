/**
 * What operators may choose about security groups. Plain values; reading them from the cloud's properties is the caller's work.
 *
 * | property                          | default | what it does                                                        |
 * |-----------------------------------|---------|---------------------------------------------------------------------|
 * | `edgelog.groups.strict_aws`       | true    | false: the behaviour of Eucalyptus 4.0 (cloud spec 6.12)            |
 * | `edgelog.groups.max_rules`        | 1000    | rules in one group, one per source                                  |
 * | `edgelog.groups.max_per_instance` | 16      | groups an instance may be in                                        |
 * | `edgelog.groups.max_per_account`  | 10000   | groups an account may have, the default group included              |
 */

export type GroupSettings = {
  readonly strictAws: boolean;
  readonly maxRules: number;
  readonly maxPerInstance: number;
  readonly maxPerAccount: number;
};

export const defaultGroupSettings: GroupSettings = {
  strictAws: true,
  maxRules: 1000,
  maxPerInstance: 16,
  maxPerAccount: 10_000,
};

/** Longest name and description of a group, in characters. */
export const maxGroupText = 255;

/** The group every account has; in it are instances that were run without naming any. */
export const defaultGroup = { name: 'default', description: 'default group' } as const;

/** No C0 controls and no DEL: they have no place in names, tables and XML. */
export const isPrintable = (text: string): boolean => {
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit < 32 || unit === 127) return false;
  }
  return true;
};
