/**
 * Plays the scripts of the suite `security-groups`: every step is a command, carried out by the product on memory in the
 * mode of Eucalyptus 4.0, and its answer is held against what the step expects. Labels such as `$g` stand for ids.
 */
import type { GroupCommand } from '../../src/domain/executeGroups.ts';
import { ensureDefaultGroup, executeGroupCommand, launchGroups } from '../../src/domain/executeGroups.ts';
import { groupNamesAggregate } from '../../src/domain/groupNames.ts';
import { awsNames } from '../../src/domain/groupRefusals.ts';
import { defaultGroupSettings } from '../../src/domain/groupSettings.ts';
import { permissionsOf } from '../../src/domain/permissionRequest.ts';
import { isRefusal, type Refusal } from '../../src/domain/refusals.ts';
import { protocolName, type Rule } from '../../src/domain/rule.ts';
import { joinGroup, leaveGroup, securityGroupAggregate } from '../../src/domain/securityGroup.ts';
import { createMemoryUnits } from './memoryUnit.ts';
import { type Case, passed, type Verdict } from './verdict.ts';

type Step = { readonly [member: string]: unknown };
type Answer = Refusal | { readonly [member: string]: unknown };

const settings = { ...defaultGroupSettings, strictAws: false };
const usualAccount = '000000000002';

const textOf = (step: Step, ...names: readonly string[]): string | undefined => {
  const value = names.map((name) => step[name]).find((member) => member !== undefined);
  return typeof value === 'string' ? value : undefined;
};
const textsOf = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);
const stepsOf = (value: unknown): readonly Step[] => (Array.isArray(value) ? value : []);
const numberOf = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

/** Only the members that have a value. */
const given = <T extends object>(members: { readonly [M in keyof T]: T[M] | undefined }): T =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as T;

const wishOf = (permission: Step) =>
  given({
    protocol: textOf(permission, 'protocol'),
    fromPort: numberOf(permission['from']),
    toPort: numberOf(permission['to']),
    cidrs: permission['cidrs'] === undefined ? undefined : textsOf(permission['cidrs']),
    groups: stepsOf(permission['groups']).map((group) =>
      given({
        groupId: textOf(group, 'id', 'groupId'),
        groupName: textOf(group, 'name', 'groupName'),
        account: textOf(group, 'account', 'accountId', 'ownerId', 'userId'),
      }),
    ),
  });

type Units = ReturnType<typeof createMemoryUnits>;

const reference = (step: Step) => {
  const named = textOf(step, 'group', 'groupName', 'name');
  const id = textOf(step, 'id', 'groupId') ?? (named?.startsWith('sg-') ? named : undefined);
  return given<{ groupId: string; name: string }>({ groupId: id, name: named === id ? undefined : named });
};

const permissionsIn = (step: Step) =>
  permissionsOf(
    given({
      permissions: step['permissions'] === undefined ? undefined : stepsOf(step['permissions']).map(wishOf),
      cidrIp: textOf(step, 'cidrIp'),
      ipProtocol: textOf(step, 'ipProtocol'),
      fromPort: numberOf(step['fromPort']),
      toPort: numberOf(step['toPort']),
      sourceSecurityGroupName: textOf(step, 'sourceSecurityGroupName'),
      sourceSecurityGroupOwnerId: textOf(step, 'sourceSecurityGroupOwnerId'),
    }),
  );

/** Instances and the groups they are in, as far as a script speaks of them. */
const createMemberships = (units: Units) => {
  const memberships = new Map<string, readonly string[]>();

  const run = (account: string, step: Step): Answer => {
    const instance = textOf(step, 'instance') ?? '';
    const wished = [...textsOf(step['groups']), ...textsOf(step['groupNames']), ...textsOf(step['groupIds'])];
    const { result } = units.run((unit) => {
      const groups = launchGroups(unit, account, wished, settings);
      if (isRefusal(groups)) return groups;
      for (const { groupId, record } of groups) {
        const joined = joinGroup(record, groupId, instance);
        if (isRefusal(joined)) return joined;
        unit.write(securityGroupAggregate, groupId, joined);
      }
      return { groups: groups.map(({ groupId }) => groupId) };
    });
    if (isRefusal(result)) return result;
    memberships.set(instance, result.groups);
    return result;
  };

  /** Whether the state is one in which an instance is in no group any more. */
  const enter = (step: Step): boolean => {
    if (step['state'] !== 'TERMINATED' && step['state'] !== 'BURIED') return false;
    const instance = textOf(step, 'instance') ?? '';
    units.run((unit) => {
      for (const id of memberships.get(instance) ?? []) {
        unit.write(securityGroupAggregate, id, leaveGroup(unit.read(securityGroupAggregate, id), id, instance));
      }
    });
    memberships.delete(instance);
    return true;
  };

  return { run, enter };
};

const describe = (units: Units, account: string, step: Step): Answer => {
  units.run((unit) => ensureDefaultGroup(unit, account, settings));
  const names = step['names'] === undefined ? undefined : textsOf(step['names']);
  const ids = step['ids'] === undefined ? undefined : textsOf(step['ids']);
  const { result } = units.run((unit) =>
    [...unit.read(groupNamesAggregate, account).ids]
      .filter(([name, id]) => (names ?? ids) === undefined || names?.includes(name) || ids?.includes(id))
      .map(([name, id]) => ({ name, id, record: unit.read(securityGroupAggregate, id) })),
  );
  return {
    names: result.map(({ name }) => name),
    rules: Object.fromEntries(result.map(({ name, record }) => [name, [...record.rules.values()].map(shownRule)])),
    whole: (names ?? ids) !== undefined,
  };
};

const groupWish = (number: number, account: string, step: Step): GroupCommand => {
  const groupId = `sg-${number.toString(16).padStart(8, '0')}`;
  const name = textOf(step, 'name') ?? '';
  const description = textOf(step, 'description') ?? '';
  return { type: 'CreateSecurityGroup', account, groupId, name, description };
};

const createWorld = () => {
  const units = createMemoryUnits();
  const memberships = createMemberships(units);
  let broadcastRequested = false;
  let created = 0;

  const command = (wish: GroupCommand, step: Step): Answer => {
    const { result, events } = units.run((unit) => executeGroupCommand(unit, wish, settings), step['admin'] === true);
    if (events.some(({ type }) => type.startsWith('SecurityGroupRules'))) broadcastRequested = true;
    return result;
  };

  const rules = (type: 'AuthorizeIngress' | 'RevokeIngress', account: string, step: Step): Answer => {
    const permissions = permissionsIn(step);
    return isRefusal(permissions) ? permissions : command({ type, account, ...reference(step), permissions }, step);
  };

  /** What changes who is in a group has documents made anew, unless it was refused. */
  const broadcast = (answer: Answer): Answer => {
    if (!isRefusal(answer)) broadcastRequested = true;
    return answer;
  };

  const check = (): Answer => {
    const value = broadcastRequested;
    broadcastRequested = false;
    return { value };
  };

  const play = (step: Step): Answer | undefined => {
    const account = textOf(step, 'account') ?? usualAccount;
    if (step['check'] === 'broadcastRequested') return check();
    switch (step['op']) {
      case 'createGroup':
        created += 1;
        return command(groupWish(created, account, step), step);
      case 'deleteGroup':
        return command({ type: 'DeleteSecurityGroup', account, ...reference(step) }, step);
      case 'authorize':
        return rules('AuthorizeIngress', account, step);
      case 'revoke':
        return rules('RevokeIngress', account, step);
      case 'describeGroups':
        return describe(units, account, step);
      case 'runInstance':
        return broadcast(memberships.run(account, step));
      case 'setInstanceState':
        return memberships.enter(step) ? broadcast({}) : {};
      default:
        return undefined;
    }
  };

  return { play };
};

/** One text per source, so that rules are compared as sets whatever way they were written. */
const shownRule = ({ protocol, low, high, source }: Rule): string =>
  `${protocolName(protocol)} ${low} ${high} ${source.kind === 'cidr' ? source.cidr : (source.groupName ?? source.groupId)}`;

const expectedRules = (rules: unknown): readonly string[] =>
  stepsOf(rules).flatMap((rule) => {
    const groups = stepsOf(rule['groups']).map((group) => textOf(group, 'name', 'groupName', 'id', 'groupId'));
    const sources = [...groups, ...textsOf(rule['cidrs'])];
    return sources.map((source) => `${rule['protocol']} ${rule['from']} ${rule['to']} ${source}`);
  });

const pascal = (code: string): string =>
  code.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());

const isSet = (a: readonly string[], b: readonly string[]): boolean =>
  new Set(a).size === new Set(b).size && a.every((item) => b.includes(item));

/** Undefined when the answer meets this expectation, else what it was instead. */
const unmet = (name: string, expected: unknown, answer: Answer): unknown => {
  const refused = isRefusal(answer) ? answer : undefined;
  const members = isRefusal(answer) ? {} : answer;
  const differs = (met: boolean, got: unknown) => (met ? undefined : (got ?? answer));
  switch (name) {
    case 'ok':
      return differs((refused === undefined) === expected, answer);
    case 'error':
      return differs(refused !== undefined && awsNames[refused.refused] === expected, answer);
    case 'errorKind':
      return differs(refused !== undefined && pascal(refused.refused) === expected, answer);
    case 'idPattern':
      return differs(new RegExp(String(expected)).test(String(members['groupId'])), answer);
    case 'return':
      return differs(members['return'] === expected, answer);
    case 'names':
      return differs(isSet(textsOf(expected), textsOf(members['names'])), members['names']);
    case 'rules':
      return unmetRules(expected as { readonly [group: string]: unknown }, members);
    default:
      return `expectation ${name} is not known`;
  }
};

const unmetRules = (expected: { readonly [group: string]: unknown }, answer: Step): unknown => {
  const got = (answer['rules'] ?? {}) as { readonly [group: string]: readonly string[] };
  const everyGroup = answer['whole'] !== true || isSet(Object.keys(expected), Object.keys(got));
  const met = Object.entries(expected).every(
    ([group, rules]) => got[group] !== undefined && isSet(expectedRules(rules), got[group]),
  );
  return met && everyGroup ? undefined : got;
};

const withLabels = (step: Step, labels: ReadonlyMap<string, string>): Step =>
  JSON.parse(JSON.stringify(step), (_, value) => (typeof value === 'string' ? (labels.get(value) ?? value) : value));

export const runScript = (c: Case): Verdict => {
  const world = createWorld();
  const labels = new Map<string, string>();
  for (const [index, written] of stepsOf(c['steps']).entries()) {
    const step = withLabels(written, labels);
    const answer = world.play(step);
    if (answer === undefined) return { passed: false, expected: 'a known step', got: step };
    const groupId = isRefusal(answer) ? undefined : answer['groupId'];
    if (typeof step['as'] === 'string' && typeof groupId === 'string') labels.set(`$${step['as']}`, groupId);
    const expectations = step['check'] === undefined ? ((step['expect'] ?? {}) as Step) : undefined;
    if (expectations === undefined && !isRefusal(answer) && answer['value'] !== step['value']) {
      return { passed: false, expected: { step: index, value: step['value'] }, got: answer };
    }
    for (const [name, expected] of Object.entries(expectations ?? {})) {
      const got = unmet(name, expected, answer);
      if (got !== undefined) return { passed: false, expected: { step: index, [name]: expected }, got };
    }
  }
  return passed;
};
