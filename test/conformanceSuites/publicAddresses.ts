/**
 * Suites of this file: public-address-transitions, public-address-flows. The first asks the state table itself; the second
 * plays scripts in `publicAddressWorld.ts`. Operations and checks that are not known here are failures, and so are members
 * of a check that nothing looks at.
 */
import { isDeepStrictEqual } from 'node:util';
import {
  awsNames,
  isAllocated,
  isAssigned,
  isReallyAssigned,
  type PublicAddressState,
  type PublicOperation,
  transition,
} from '../../src/domain/publicPool.ts';
import { isRefusal } from '../../src/domain/refusals.ts';
import { checks } from './publicAddressChecks.ts';
import { operations } from './publicAddressSteps.ts';
import { createWorld, type World } from './publicAddressWorld.ts';
import { type Case, passed, type Suites, same, textMember, unknownOperation, type Verdict } from './verdict.ts';

const states: readonly string[] = ['unallocated', 'allocated', 'impending', 'assigned'];
const tableOperations: readonly string[] = [
  'allocate',
  'pendingAssignment',
  'assign',
  'unassign',
  'release',
  'clearPending',
];

const isState = (text: string): text is PublicAddressState => states.includes(text);
const isTableOperation = (text: string): text is PublicOperation => tableOperations.includes(text);

const transitions = (c: Case): Verdict => {
  const state = textMember(c, 'state');
  const operation = textMember(c, 'op');
  if (!isState(state)) throw new Error(`malformed case: unknown state ${state}`);
  if (operation === 'flags') {
    const flags = { isAllocated: isAllocated(state), isAssigned: isAssigned(state) };
    return same(c['expected'], { ...flags, isReallyAssigned: isReallyAssigned(state) });
  }
  if (!isTableOperation(operation)) return unknownOperation(operation);
  const target = transition({ state, pending: c['pending'] === true }, operation);
  return same(
    c['expected'],
    isRefusal(target) ? { ok: false, error: awsNames[target.refused] ?? target.refused } : { ok: true, ...target },
  );
};

type Step = { readonly [member: string]: unknown };

const flows = (c: Case): Verdict => {
  const world = createWorld();
  const names = new Map<string, string>();
  const { properties, quota } = c;
  if (typeof quota === 'number') world.settings.quota = quota;
  const settings = Object.entries(Object(properties ?? {})).map(([name, value]) => ({
    op: 'setProperty',
    name,
    value,
  }));
  for (const step of [{ op: 'setPublicIps', value: c['publicIps'] }, ...settings]) {
    const verdict = play(world, step, names);
    if (!verdict.passed) return verdict;
  }
  if (!Array.isArray(c['steps'])) throw new Error('malformed case: expected a list at "steps"');
  for (const [index, written] of c['steps'].entries()) {
    const step = resolved(written, names) as Step;
    const verdict = 'check' in step ? check(world, step) : play(world, step, names);
    if (!verdict.passed) return { passed: false, expected: { step: index, is: verdict.expected }, got: verdict.got };
  }
  return passed;
};

/** Every text `$x` replaced by what an earlier step called x. */
const resolved = (value: unknown, names: ReadonlyMap<string, string>): unknown => {
  if (typeof value === 'string') return value.startsWith('$') ? (names.get(value.slice(1)) ?? value) : value;
  if (Array.isArray(value)) return value.map((item) => resolved(item, names));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([member, inner]) => [member, resolved(inner, names)]));
};

const play = (world: World, step: Step, names: Map<string, string>): Verdict => {
  const operation = operations.get(textMember(step, 'op'));
  if (operation === undefined) return unknownOperation(step['op']);
  world.commands += 1;
  const outcome = operation(world, step);
  if (typeof step['as'] === 'string' && 'address' in outcome && outcome.address !== undefined) {
    names.set(step['as'], outcome.address);
  }
  const expected = (step['expect'] ?? { ok: true }) as Step;
  const shown: Step = { ...outcome };
  const got = Object.fromEntries(Object.keys(expected).map((member) => [member, shown[member]]));
  return isDeepStrictEqual(got, expected) ? passed : { passed: false, expected, got: outcome };
};

const check = (world: World, step: Step): Verdict => {
  const look = checks.get(textMember(step, 'check'));
  if (look === undefined) return unknownOperation(`check ${step['check']}`);
  const facts = look(world, step);
  const wrong = Object.keys(step).filter((member) => !agrees(member, step[member], facts));
  if (wrong.length === 0) return passed;
  return { passed: false, expected: step, got: Object.fromEntries(wrong.map((member) => [member, facts[member]])) };
};

/** Lists are sets; `…Not` lists what must not be; `contains` lists what must be among others. */
const agrees = (member: string, expected: unknown, facts: { readonly [member: string]: unknown }): boolean => {
  if (member === 'check' || member === 'note') return true;
  if (!Object.hasOwn(facts, member)) return false;
  const fact = facts[member];
  const texts = Array.isArray(expected) ? expected : [expected];
  if (member === 'publicIpNot') return !texts.includes(fact);
  if (member === 'contains') return Array.isArray(fact) && texts.every((text) => fact.includes(text));
  if (member === 'containsNot') return Array.isArray(fact) && !texts.some((text) => fact.includes(text));
  return isDeepStrictEqual(Array.isArray(fact) ? texts.toSorted() : expected, fact);
};

export const suites: Suites = { 'public-address-transitions': transitions, 'public-address-flows': flows };
