/**
 * Running instances (cloud spec 7.3): verify, prepare the network, make the records. One unit of work, all or nothing, so
 * there is nothing to roll back. The MAC address follows from the cluster's prefix and the instance's id and is known from the
 * first document on.
 */
import type { CommandOf } from '../commands.ts';
import { resolvedClusterNamed } from '../configuration/resolve.ts';
import { canonicalInstanceId } from '../identifiers.ts';
import { createInstance, type InstanceEvent, instanceAggregate } from '../instance.ts';
import { macAddress } from '../mac.ts';
import { isRefusal, type Refusal, refuse } from '../refusals.ts';
import { type Allocation, tokenOf } from './allocation.ts';
import { runPoint } from './lifecycle.ts';
import { prepareNetwork } from './networking.ts';
import { activeNetwork, type Outcome, resolvedOf, type Scene } from './scene.ts';

const MAX_PER_RUN = 1000;

const canonicalIds = (ids: readonly string[]): readonly string[] | Refusal => {
  if (ids.length === 0 || ids.length > MAX_PER_RUN) {
    return refuse('invalid-parameter-value', `A run makes 1 to ${MAX_PER_RUN} instances, not ${ids.length}.`, {
      member: 'instanceIds',
    });
  }
  const canonical = ids.map((id) => canonicalInstanceId(id));
  const bad = canonical.indexOf(undefined);
  if (bad >= 0) {
    const value = ids[bad] ?? '';
    return refuse('invalid-instance-id', 'An instance id is "i-" and eight hex digits.', {
      member: `instanceIds[${bad}]`,
      value,
    });
  }
  return [...new Set(canonical as readonly string[])];
};

/** Instances of this run that exist already, because the wish is repeated. */
const existing = (scene: Scene, ids: readonly string[], command: CommandOf<'RunInstances'>): Outcome | undefined => {
  const records = ids.map((id) => scene.unit.read(instanceAggregate, id));
  if (records.every(({ state }) => state === undefined)) return undefined;
  const taken = ids.find((_, i) => {
    const record = records[i];
    return record?.state === undefined || record.account !== command.account || record.cluster !== command.cluster;
  });
  if (taken !== undefined)
    return refuse('instance-exists', `Some of these instances exist already, others do not: ${taken}.`);
  const instances = ids.map((instanceId, i) => {
    const { privateAddress, macAddress, groups } = records[i] ?? { privateAddress: '', macAddress: '', groups: [] };
    return { instanceId, privateAddress, macAddress, groups };
  });
  return { instances };
};

const known = (scene: Scene, cluster: string): Refusal | undefined => {
  const { clusters, unresolved } = resolvedOf(scene);
  const listed = clusters.some(({ name }) => name === cluster) || unresolved.includes(cluster);
  return listed
    ? undefined
    : refuse('cluster-not-found', `There is no cluster ${cluster}. Register or configure it first.`, {
        member: 'cluster',
        value: cluster,
      });
};

const makeRecords = (allocation: Allocation, node: string | undefined): Refusal | undefined => {
  const { scene, account, cluster, addressing, tokens } = allocation;
  const prefix = resolvedClusterNamed(resolvedOf(scene), cluster)?.macPrefix;
  const groups = allocation.groups.map(({ groupId }) => groupId);
  for (const { instanceId, record, privateAddress, reservation } of tokens) {
    // Without a network of ours the cluster makes the address and says which.
    const mac = prefix === undefined ? '' : macAddress(prefix, instanceId);
    const particulars = {
      instanceId,
      account,
      cluster,
      groups,
      macAddress: mac,
      privateAddress,
      reservation,
      addressing,
    };
    const events = createInstance(record, { ...particulars, restored: false });
    if (isRefusal(events)) return events;
    const placed: readonly InstanceEvent[] = node === undefined ? [] : [{ type: 'InstancePlaced', instanceId, node }];
    scene.unit.write(instanceAggregate, instanceId, [...events, ...placed]);
  }
  return undefined;
};

/** Runs instances with addresses and groups, all or none; asked again with the same ids it answers what they have. */
export const runWish = (command: CommandOf<'RunInstances'>, scene: Scene): Outcome => {
  const { account, cluster, addressing, node } = command;
  const ids = canonicalIds(command.instanceIds);
  if (isRefusal(ids)) return ids;
  const again = existing(scene, ids, command);
  if (again !== undefined) return again;
  const { commandId } = scene.unit.context;
  const allocation: Allocation = {
    scene,
    network: activeNetwork(scene),
    account,
    cluster,
    addressing,
    groupsWished: command.groups,
    cause: 'aborted',
    tokens: ids.map((id, i) => tokenOf(id, scene.unit.read(instanceAggregate, id), `${commandId}/${i}`)),
    groups: [],
    requests: [],
    grants: [],
  };
  const refused =
    known(scene, cluster) ??
    runPoint('verifyAllocation', allocation) ??
    prepareNetwork(allocation, node) ??
    runPoint('prepareVmInstance', allocation) ??
    makeRecords(allocation, node);
  return refused ?? {};
};
