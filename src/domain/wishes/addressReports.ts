/**
 * Public addresses as clusters report them, and what follows from it (cloud spec 5.7). Only in generic mode: there the clusters
 * say which addresses there are, and a lasting contradiction is settled in their favour. In EDGE mode nothing of it runs.
 */
import { clusterAggregate } from '../cluster.ts';
import type { CommandOf } from '../commands.ts';
import { instanceAggregate } from '../instance.ts';
import { formatRange, mergeRanges, rangesOf } from '../ipRange.ts';
import { parseIpv4 } from '../ipv4.ts';
import { definePublicPool, publicPoolAggregate, reclaimOrphan, restorePublic } from '../publicPool.ts';
import { isRefusal, refuse } from '../refusals.ts';
import { activeNetwork, type Outcome, type Scene } from './scene.ts';

/** Addresses nobody knew come into the pool; as in Eucalyptus, none leaves it by not being reported. */
export const addressReportWish = (command: CommandOf<'ReportAddresses'>, scene: Scene): Outcome => {
  const { cluster, addresses } = command;
  const { unit, surroundings } = scene;
  if (unit.read(clusterAggregate, cluster).state === 'unknown') {
    return refuse('cluster-not-found', `There is no cluster ${cluster}. Register it first.`, { value: cluster });
  }
  const wrong = addresses.find(({ address }) => parseIpv4(address) === undefined);
  if (wrong !== undefined) {
    const value = wrong.address.slice(0, 80);
    return refuse('invalid-parameter-value', `${value} is not an IPv4 address.`, {
      member: 'addresses.address',
      value,
    });
  }
  if (activeNetwork(scene) === 'EDGE') return { cluster };
  const pool = unit.read(publicPoolAggregate, surroundings.cloud);
  const known = mergeRanges(rangesOf([...pool.ranges, ...addresses.map(({ address }) => address)]));
  unit.write(publicPoolAggregate, surroundings.cloud, definePublicPool(pool, known.map(formatRange)));
  return { cluster };
};

export const reclaimWish = ({ address }: CommandOf<'ReclaimAddress'>, { unit, surroundings }: Scene): Outcome => {
  const events = reclaimOrphan(unit.read(publicPoolAggregate, surroundings.cloud), address);
  if (isRefusal(events)) return events;
  unit.write(publicPoolAggregate, surroundings.cloud, events);
  return { address };
};

export const adoptWish = ({ address, instanceId }: CommandOf<'AdoptAddress'>, scene: Scene): Outcome => {
  const { unit, surroundings } = scene;
  const { state, account, cluster, privateAddress } = unit.read(instanceAggregate, instanceId);
  if (state !== 'RUNNING') return { address };
  const use = { address, instanceId, instanceAddress: privateAddress, cluster, account };
  const restored = restorePublic(unit.read(publicPoolAggregate, surroundings.cloud), use);
  if (isRefusal(restored)) return restored;
  unit.write(publicPoolAggregate, surroundings.cloud, restored.events);
  return { address };
};
