/**
 * Taking in an instance that a cluster reports and the cloud does not know, or had given up as lost (cloud spec 7.4, 4.6, 5.5,
 * 6.9): its private address is asked for by name, its groups are found or replaced by one without rules, its public address
 * is kept where nobody else has it. What cannot be had is gone without; only an instance without account is refused.
 */
import type { InstanceReport } from '../commands.ts';
import { resolvedClusterNamed } from '../configuration/resolve.ts';
import { createInstance, type InstanceEvent, type InstanceRecord, instanceAggregate } from '../instance.ts';
import { isMacAddress, macAddress } from '../mac.ts';
import { publicPoolAggregate, restorePublic } from '../publicPool.ts';
import { isRefusal, type Refusal, refuse } from '../refusals.ts';
import { type Allocation, tokenOf } from './allocation.ts';
import { allocationFor } from './instanceWishes.ts';
import { runPoint } from './lifecycle.ts';
import { takeResources } from './networking.ts';
import { type Outcome, resolvedOf, type Scene } from './scene.ts';

export type Reported = InstanceReport & { readonly cluster: string };

const isAddress = (text: string | undefined): text is string => text !== undefined && text !== '' && text !== '0.0.0.0';

/**
 * Takes an instance up that a cluster reports and the log does not have as living, with the addresses it reports where they are
 * free.
 */
export const restore = (scene: Scene, reported: Reported, record: InstanceRecord): Outcome => {
  const { instanceId, cluster } = reported;
  const isBack = record.state !== undefined;
  const account = isBack ? record.account : reported.account;
  if (account === undefined) {
    const detail = `${instanceId} is unknown here; to restore it the report must name its account.`;
    return refuse('invalid-parameter-value', detail, { member: 'instances.account' });
  }
  const known = isBack ? record.privateAddress : undefined;
  const wanted = isAddress(reported.privateAddress) ? reported.privateAddress : known;
  const token = tokenOf(
    instanceId,
    record,
    `${scene.unit.context.commandId}/0`,
    isAddress(wanted) ? wanted : undefined,
  );
  const allocation: Allocation = {
    ...allocationFor(scene, instanceId, record),
    account,
    cluster,
    groupsWished: reported.groups ?? record.groups,
    tokens: [token],
  };
  const refused =
    runPoint('verifyRestore', allocation) ??
    (token.reportedAddress === undefined
      ? undefined
      : (runPoint('prepareRestore', allocation) ?? takeResources(allocation))) ??
    runPoint('restoreInstanceResources', allocation) ??
    makeRecord(scene, allocation, reported) ??
    restorePublicAddress(scene, { ...reported, account }, token.privateAddress);
  return refused ?? { instanceId, restored: true };
};

/** The one it has; what Eucalyptus would have made of the cluster's prefix when the report does not say. */
const macOf = (scene: Scene, { instanceId, cluster, macAddress: said = '' }: Reported): string => {
  if (isMacAddress(said)) return said.toLowerCase();
  const prefix = resolvedClusterNamed(resolvedOf(scene), cluster)?.macPrefix;
  return prefix === undefined ? '' : macAddress(prefix, instanceId);
};

const makeRecord = (scene: Scene, { account, cluster, groups, tokens, network }: Allocation, reported: Reported) => {
  const { instanceId, node } = reported;
  const [token] = tokens;
  if (token === undefined) return undefined;
  const { record, reservation } = token;
  // In generic mode no pool is asked: what the cluster says is so.
  const privateAddress = network === 'generic' ? (token.reportedAddress ?? '0.0.0.0') : token.privateAddress;
  const wasUp = record.state !== undefined;
  const addressing = wasUp ? record.addressing : isAddress(reported.publicAddress) ? 'public' : 'private';
  const events = createInstance(record, {
    instanceId,
    account,
    cluster,
    groups: groups.map(({ groupId }) => groupId),
    macAddress: macOf(scene, reported),
    privateAddress,
    reservation: privateAddress === '0.0.0.0' ? '' : reservation,
    addressing,
    restored: true,
  });
  if (isRefusal(events)) return events;
  const placed: readonly InstanceEvent[] = node ? [{ type: 'InstancePlaced', instanceId, node }] : [];
  const running: readonly InstanceEvent[] =
    reported.state === 'Extant' ? [{ type: 'InstanceRunning', instanceId }] : [];
  scene.unit.write(instanceAggregate, instanceId, [...events, ...placed, ...running]);
  return undefined;
};

/** Last row of cloud spec 5.5: free -> taken as a system address, the account's own -> assigned, else left alone. */
const restorePublicAddress = (
  scene: Scene,
  reported: Reported & { readonly account: string },
  instanceAddress: string,
): Refusal | undefined => {
  const { publicAddress: address, instanceId, cluster, account } = reported;
  if (!isAddress(address)) return undefined;
  const { cloud } = scene.surroundings;
  const restored = restorePublic(scene.unit.read(publicPoolAggregate, cloud), {
    address,
    instanceId,
    instanceAddress,
    cluster,
    account,
  });
  if (!isRefusal(restored)) scene.unit.write(publicPoolAggregate, cloud, restored.events);
  return undefined;
};
