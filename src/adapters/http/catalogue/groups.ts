/** Problems of security groups: the domain's own list, with a title for each. */
import { type GroupRefusalCode, groupRefusals } from '../../../domain/groupRefusals.ts';
import type { ProblemRows } from '../problems.ts';

const titles: { readonly [C in GroupRefusalCode]: string } = {
  'invalid-group-duplicate': 'The name is taken',
  'invalid-group-id-used': 'The id is taken',
  'invalid-group-not-found': 'There is no such security group',
  'invalid-group-in-use': 'The group is in use',
  'invalid-group-reserved': 'The default group is reserved',
  'invalid-group-id-malformed': 'Not a group id',
  'invalid-group-name': 'Not a group name',
  'invalid-group-description': 'Not a description',
  'missing-group': 'Which group?',
  'missing-source': 'From where?',
  'missing-parameter': 'A parameter is missing',
  'invalid-parameter-combination': 'Parameters that exclude each other',
  'invalid-permission-malformed': 'Not a permission',
  'invalid-permission-protocol': 'A protocol nodes cannot program',
  'invalid-permission-port-zero': 'A range from port 0',
  'invalid-permission-duplicate': 'The rule exists',
  'invalid-permission-not-found': 'There is no such rule',
  'security-group-limit-exceeded': 'Too many security groups',
  'rules-per-group-limit-exceeded': 'Too many rules',
  'groups-per-instance-limit-exceeded': 'Too many groups',
  'invalid-filter': 'There is no such filter',
};

export const groupProblems: ProblemRows = Object.fromEntries(
  (Object.keys(groupRefusals) as GroupRefusalCode[]).map((code) => {
    const { class: kind, meaning, next } = groupRefusals[code];
    return [code, [kind, titles[code], meaning, next] as const];
  }),
);
