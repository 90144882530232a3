/**
 * The ruleset of a node before its agent has spoken: every instance port dead in both directions, nothing routed to or from
 * the instances' bridge. Loaded at boot and left behind by a flush, so that the time without an agent is a closed door. The
 * tables are the agent's own, so its first application replaces this in one transaction.
 */
import { type NodeOptions, tableNames } from './model.ts';

export const skeletonText = ({ portPrefix, bridge }: Pick<NodeOptions, 'portPrefix' | 'bridge'>): string => {
  const ports = `"${portPrefix}*"`;
  const base = (table: string, hook: string, rules: readonly string[]): string[] => [
    `add chain ${table} boot_${hook} { type filter hook ${hook} priority 0; policy accept; }`,
    ...rules.map((rule) => `add rule ${table} boot_${hook} ${rule} drop`),
  ];
  return `${[
    ...tableNames.flatMap((table) => [`add table ${table}`, `delete table ${table}`, `add table ${table}`]),
    ...base('bridge edge', 'prerouting', [`iifname ${ports}`]),
    ...base('bridge edge', 'forward', [`iifname ${ports}`, `oifname ${ports}`]),
    ...base('bridge edge', 'output', [`oifname ${ports}`]),
    ...base('inet edge', 'prerouting', [`iifname ${ports}`]),
    ...base('arp edge', 'input', [`iifname ${ports}`]),
    ...base('ip edge', 'forward', [`iifname "${bridge}"`, `oifname "${bridge}"`]),
    ...base('ip edge', 'input', [`iifname "${bridge}"`]),
  ].join('\n')}\n`;
};
