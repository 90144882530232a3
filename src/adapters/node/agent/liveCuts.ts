/**
 * Flows to forget after a time in which nobody followed the document: what the kernel's sets still hold and the plan does not
 * says which instances went and which elastic addresses moved meanwhile. What only the plan holds ends nothing.
 */
import type { Cut } from '../../../projections/plan/afterwards.ts';
import type { LiveRuleset } from './liveRuleset.ts';

/** Elements of one set that are live and not wanted, read. */
const surplus = (live: LiveRuleset, wanted: LiveRuleset, where: string): unknown[] => {
  const held = wanted.sets.get(where)?.elements ?? new Set<string>();
  return [...(live.sets.get(where)?.elements ?? [])].filter((text) => !held.has(text)).map((text) => JSON.parse(text));
};

const firstOf = (parts: unknown): string[] => (Array.isArray(parts) && typeof parts[0] === 'string' ? [parts[0]] : []);

/** All of them soon: nobody knows who has got the address since. */
export const cutsBetween = (live: LiveRuleset, wanted: LiveRuleset): Cut[] => {
  const gone = surplus(live, wanted, 'ip edge ingress').flatMap(firstOf);
  const moved = surplus(live, wanted, 'ip edge translations').flatMap((element) =>
    firstOf((element as { readonly concat?: unknown }).concat),
  );
  const forget = (fields: readonly Cut['field'][], addresses: readonly string[]): Cut[] =>
    addresses.flatMap((address) => fields.map((field) => ({ field, address, soon: true })));
  return [...forget(['orig-src', 'reply-src'], gone), ...forget(['orig-dst', 'reply-dst'], moved)];
};
