/**
 * The points of an instance's life at which networking has something to do, and the steps hung on each, in order (cloud spec
 * 7.1, 7.2). The list is what runs: the wishes walk it, and `edgelog wiring` prints it. A step that refuses ends the wish and
 * nothing of it is written.
 */
import { isRefusal, type Refusal } from '../refusals.ts';
import type { Allocation } from './allocation.ts';
import {
  associatePrivateAddresses,
  awaitPublicAddress,
  clearMembership,
  joinGroups,
  releaseIndexes,
  releasePrivateAddress,
  requestIndexes,
  requestPrivateAddress,
  requestPublicAddress,
  resolveGroups,
  resolveReportedGroups,
  unassignPublicAddress,
} from './lifecycleSteps.ts';

export type Step = {
  readonly name: string;
  readonly network: 'EDGE' | 'generic' | 'both';
  readonly run: (allocation: Allocation) => Refusal | undefined;
};

export type Point =
  | 'verifyAllocation'
  | 'prepareNetworkAllocation'
  | 'prepareVmInstance'
  | 'startVmInstance'
  | 'runAccepted'
  | 'verifyRestore'
  | 'prepareRestore'
  | 'restoreInstanceResources'
  | 'cleanUpEntering'
  | 'cleanUpStopped'
  | 'cleanUpTerminated';

export type InterceptionPoint = { readonly point: Point; readonly when: string; readonly steps: readonly Step[] };

const both = (name: string, run: Step['run']): Step => ({ name, network: 'both', run });
const edge = (name: string, run: Step['run']): Step => ({ name, network: 'EDGE', run });
const generic = (name: string, run: Step['run']): Step => ({ name, network: 'generic', run });

export const interceptionPoints: readonly InterceptionPoint[] = [
  {
    point: 'verifyAllocation',
    when: 'the parameters of a run are verified',
    steps: [both('resolve security groups', resolveGroups)],
  },
  {
    point: 'prepareNetworkAllocation',
    when: 'resources are asked of the networking service, after verification',
    steps: [
      edge('one private address per instance', requestPrivateAddress),
      both('one public address per instance unless private only', requestPublicAddress),
      generic('one network index per instance', requestIndexes),
    ],
  },
  {
    point: 'prepareVmInstance',
    when: 'the instance record is made',
    steps: [both('bind the private address', associatePrivateAddresses), both('join the groups', joinGroups)],
  },
  {
    point: 'startVmInstance',
    when: 'a stopped instance is started again',
    steps: [both('bind the private address', associatePrivateAddresses)],
  },
  {
    point: 'runAccepted',
    when: 'the instance is placed on a node',
    steps: [both('assign the impending public address', awaitPublicAddress)],
  },
  {
    point: 'verifyRestore',
    when: 'a cluster reports an instance the cloud does not know, or had given up',
    steps: [both('find the reported groups, or make an orphaned one', resolveReportedGroups)],
  },
  {
    point: 'prepareRestore',
    when: 'what a reported instance has is asked of the networking service',
    steps: [edge('ask for the reported private address', requestPrivateAddress)],
  },
  {
    point: 'restoreInstanceResources',
    when: 'a restored instance has its record',
    steps: [both('bind the private address', associatePrivateAddresses), both('join the groups', joinGroups)],
  },
  {
    point: 'cleanUpEntering',
    when: 'the instance begins to stop or to shut down',
    steps: [both('unassign the public address', unassignPublicAddress)],
  },
  {
    point: 'cleanUpStopped',
    when: 'the instance has stopped',
    steps: [
      both('unassign the public address', unassignPublicAddress),
      both('release the private address', releasePrivateAddress),
      generic('release the network index', releaseIndexes),
    ],
  },
  {
    point: 'cleanUpTerminated',
    when: 'the instance has terminated, or its run was aborted',
    steps: [
      both('unassign the public address', unassignPublicAddress),
      both('release the private address', releasePrivateAddress),
      generic('release the network index', releaseIndexes),
      both('clear the membership', clearMembership),
    ],
  },
];

const byPoint = new Map(interceptionPoints.map((one) => [one.point, one.steps]));

/** Runs the steps of a point for the network in force; the first refusal ends it. */
export const runPoint = (point: Point, allocation: Allocation): Refusal | undefined => {
  for (const step of byPoint.get(point) ?? []) {
    if (step.network !== 'both' && step.network !== allocation.network) continue;
    const refusal = step.run(allocation);
    if (isRefusal(refusal)) return refusal;
  }
  return undefined;
};

/** The list as text, for people. */
export const describeLifecycle = (): string =>
  interceptionPoints
    .map(({ point, when, steps }) =>
      [
        `${point}: ${when}`,
        ...steps.map(({ name, network }) => `  ${name}${network === 'both' ? '' : ` (${network})`}`),
      ].join('\n'),
    )
    .join('\n');
