/**
 * What a conformance suite takes and gives, and the one comparison most of them need. Knows no suite.
 */
import { isDeepStrictEqual } from 'node:util';

/** One case as it stands in the file; `id` is checked by the runner, everything else by the suite that reads it. */
export type Case = { readonly id: string; readonly [member: string]: unknown };

export type Verdict =
  | { readonly passed: true }
  | { readonly passed: false; readonly expected: unknown; readonly got: unknown };

/** A suite judges one case. It may throw: the runner makes a failure of it, with the message as `got`. */
export type Suite = (c: Case) => Verdict | Promise<Verdict>;
export type Suites = { readonly [suite: string]: Suite };

export const passed: Verdict = { passed: true };

/** Exact comparison of plain JSON; members that are `undefined` count as absent. */
export const same = (expected: unknown, got: unknown): Verdict =>
  isDeepStrictEqual(withoutUndefined(expected), withoutUndefined(got)) ? passed : { passed: false, expected, got };

/** An operation that the suite does not know is a failure, never a skip. */
export const unknownOperation = (op: unknown): Verdict => ({
  passed: false,
  expected: 'an operation that this suite knows',
  got: `operation ${JSON.stringify(op)}`,
});

/** The member as an object; throws for anything else, so that a malformed case fails with a reason. */
export const objectMember = (
  c: { readonly [m: string]: unknown },
  member: string,
): { readonly [m: string]: unknown } => {
  const value = c[member];
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as { readonly [m: string]: unknown };
  throw malformed(member, 'an object', value);
};

export const textMember = (c: { readonly [m: string]: unknown }, member: string): string => {
  const value = c[member];
  if (typeof value === 'string') return value;
  throw malformed(member, 'text', value);
};

export const numberMember = (c: { readonly [m: string]: unknown }, member: string): number => {
  const value = c[member];
  if (typeof value === 'number') return value;
  throw malformed(member, 'a number', value);
};

/** The member as a list of texts. */
export const textsMember = (c: { readonly [m: string]: unknown }, member: string): readonly string[] => {
  const value = c[member];
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
  throw malformed(member, 'a list of texts', value);
};

const malformed = (member: string, wanted: string, value: unknown): Error =>
  new Error(`malformed case: expected ${wanted} at "${member}", found ${JSON.stringify(value) ?? 'nothing'}`);

const withoutUndefined = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(withoutUndefined);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(entries.map(([name, member]) => [name, withoutUndefined(member)]));
};
