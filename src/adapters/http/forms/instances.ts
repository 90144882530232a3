/** Forms of the commands about instances. */
import { type CommandForm, commandForm } from '../commandForm.ts';
import { refuseRequest } from '../refusal.ts';
import { type Access, operators, operatorsInAccount } from '../route.ts';
import { account, choice, list, name, type Schema, whole } from '../schema.ts';
import { clusterName, nodeName } from './clusters.ts';

const instanceId: Schema = name('Instance', 64);
const MOST_AT_ONCE = 1000;

type Run = {
  cluster: string;
  account?: string;
  count?: number;
  instanceIds?: readonly string[];
  groups?: readonly string[];
  addressing?: 'public' | 'private';
  node?: string;
};

export const runInstances = commandForm<Run>({
  type: 'RunInstances',
  summary: 'Run instances in a cluster, with addresses and group membership',
  access: operatorsInAccount,
  members: {
    account: account(),
    cluster: clusterName,
    count: whole('How many, if their ids are not given', 1, MOST_AT_ONCE),
    instanceIds: list(instanceId, MOST_AT_ONCE, 'Ids wished for; made up if left out', { minItems: 1 }),
    groups: list(name('Group id or name'), 500, 'Groups to be in; none means the account’s default group'),
    addressing: choice('Whether a public address is wanted; public if left out', ['public', 'private']),
    node: nodeName,
  },
  required: ['cluster'],
  make: async ({ count, instanceIds, ...input }, origin) => {
    if (count !== undefined && instanceIds !== undefined) {
      return refuseRequest('invalid-member', 'Give either count or instanceIds, not both.', { member: 'count' });
    }
    return {
      type: 'RunInstances',
      groups: [],
      addressing: 'public',
      ...input,
      account: origin.account,
      instanceIds: instanceIds ?? (await origin.freshIds('i', count ?? 1)),
    };
  },
});

type Placed = { instanceId: string; node: string; macAddress?: string; privateAddress?: string };

export const placeInstance = commandForm<Placed>({
  type: 'PlaceInstance',
  summary: 'Say on which node an instance is placed',
  access: operators,
  members: {
    instanceId,
    node: nodeName,
    macAddress: name('MAC address as the cluster knows it', 64),
    privateAddress: name('Private address as the cluster knows it', 64),
  },
  required: ['instanceId', 'node'],
  concerns: 'instance',
  make: (input) => ({ type: 'PlaceInstance', ...input }),
});

export const startInstance = commandForm<{ instanceId: string; node?: string }>({
  type: 'StartInstance',
  summary: 'Start a stopped instance again, with a new private address',
  access: operatorsInAccount,
  members: { instanceId, node: nodeName },
  required: ['instanceId'],
  concerns: 'instance',
  make: (input) => ({ type: 'StartInstance', ...input }),
});

type Step = 'AbortRun' | 'MarkRunning' | 'StopInstance' | 'MarkStopped' | 'TerminateInstance' | 'MarkTerminated';

/** Wishes are the account's; what really happened to an instance only the cloud can say. */
const step = (type: Step, access: Access, summary: string): CommandForm =>
  commandForm<{ instanceId: string }>({
    type,
    summary,
    access,
    members: { instanceId },
    required: ['instanceId'],
    concerns: 'instance',
    make: (input) => ({ type, ...input }),
  });

export const abortRun = step(
  'AbortRun',
  operatorsInAccount,
  'Give up a run that has not come to life: its addresses are given back at once',
);
export const markRunning = step('MarkRunning', operators, 'Say that an instance is running');
export const stopInstance = step('StopInstance', operatorsInAccount, 'Stop an instance');
export const markStopped = step('MarkStopped', operators, 'Say that an instance has stopped');
export const terminateInstance = step('TerminateInstance', operatorsInAccount, 'Terminate an instance');
export const markTerminated = step('MarkTerminated', operators, 'Say that an instance has terminated');

export const instanceForms: readonly CommandForm[] = [
  runInstances,
  abortRun,
  placeInstance,
  markRunning,
  stopInstance,
  markStopped,
  startInstance,
  terminateInstance,
  markTerminated,
];
