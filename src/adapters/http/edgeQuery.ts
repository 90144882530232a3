/**
 * How the nodes are built, as far as it decides who reaches whom: what a caller may say of it with a question, and what is taken
 * for granted otherwise. The same members as parameters of a query and as members of a body.
 */
import { defaultEdgeOptions, type EdgeOptions } from '../../projections/reachability/explanation.ts';
import { choice, type Members, object, type Schema, yesNo } from './schema.ts';

export const edgeMembers: Members = {
  sameGroupTraffic: yesNo('Nodes let members of one group reach each other without a rule; usually false'),
  masquerade: yesNo('Instances without an elastic address leave with their node’s public address; usually false'),
  wires: choice('How many wires the nodes have; usually two', ['one', 'two']),
  sourceWire: choice(
    'By which wire an outside source comes; left out: private subnets by the private one, others by the public one',
    ['public', 'private'],
  ),
};

/** What an answer rests on: everything that was said or taken for granted. */
export const edgeSchema: Schema = object(edgeMembers, ['sameGroupTraffic', 'masquerade', 'wires'], { title: 'Edge' });

/** Members of anything else are left alone. */
export const edgeIn = (given: { readonly [member: string]: unknown }): EdgeOptions => {
  const said = Object.keys(edgeMembers).filter((member) => given[member] !== undefined);
  return { ...defaultEdgeOptions, ...Object.fromEntries(said.map((member) => [member, given[member]])) };
};
