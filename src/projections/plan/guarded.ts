/**
 * Rule lines that know which protection they belong to, so that a test can build the same ruleset with exactly one
 * protection missing. Untagged lines are never left out.
 */
import type { ChainPiece, GuardName, TableName } from './model.ts';

export type Line = string | { readonly text: string; readonly guard: GuardName };

export const guarded = (guard: GuardName, ...texts: string[]): Line[] => texts.map((text) => ({ text, guard }));

export const kept = (lines: readonly Line[], without: GuardName | undefined): string[] =>
  lines
    .filter((line) => typeof line === 'string' || line.guard !== without)
    .map((line) => (typeof line === 'string' ? line : line.text));

/** `hook` as nft writes it, without the trailing policy, which is always accept: refusing is done by named lines. */
export const chain = (
  table: TableName,
  name: string,
  lines: readonly Line[],
  at: { without: GuardName | undefined; hook?: string },
): ChainPiece => ({
  table,
  name,
  ...(at.hook === undefined ? {} : { hook: `type ${at.hook}; policy accept;` }),
  rules: kept(lines, at.without),
});
