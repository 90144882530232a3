/** Wishes about clusters. What a cluster's end means for public addresses happens in the same unit. */
import {
  type ClusterEvent,
  type ClusterState,
  clusterAggregate,
  deregisterCluster,
  disableCluster,
  enableCluster,
  forgetNodes,
  type NodeExpiry,
  registerCluster,
  reportMode,
  reportNodes,
  resolveCluster,
} from '../cluster.ts';
import type { Command, CommandOf } from '../commands.ts';
import type { Decision } from '../decider.ts';
import { clearCluster, publicPoolAggregate } from '../publicPool.ts';
import { isRefusal } from '../refusals.ts';
import { type Outcome, type Scene, settingsOf } from './scene.ts';

type ClusterWish = CommandOf<
  | 'RegisterCluster'
  | 'ResolveCluster'
  | 'EnableCluster'
  | 'DisableCluster'
  | 'DeregisterCluster'
  | 'ReportNodes'
  | 'ForgetNodes'
  | 'ReportMode'
>;

const decide = (
  state: ClusterState,
  command: Extract<Command, ClusterWish>,
  expiry: NodeExpiry,
): Decision<ClusterEvent> => {
  switch (command.type) {
    case 'RegisterCluster': {
      const { type: _type, ...particulars } = command;
      return registerCluster(state, particulars);
    }
    case 'ResolveCluster':
      return resolveCluster(state, command.cluster, command.address);
    case 'EnableCluster':
      return enableCluster(state, command.cluster);
    case 'DisableCluster':
      return disableCluster(state, command.cluster, command.reason);
    case 'DeregisterCluster':
      return deregisterCluster(state, command.cluster);
    case 'ReportNodes':
      return reportNodes(state, command.cluster, command.nodes, expiry);
    case 'ForgetNodes':
      return forgetNodes(state, command.cluster, command.nodes, command.expired ? expiry : undefined);
    case 'ReportMode':
      return reportMode(state, command.cluster, command.mode);
  }
};

/** Nobody will ever say that the nodes of a cluster that is gone have moved on (cloud spec 5.6). */
const clearGone = (cluster: string, { unit, surroundings: { cloud } }: Scene): void => {
  const reason = `cluster ${cluster} is gone`;
  const pool = unit.read(publicPoolAggregate, cloud);
  unit.write(publicPoolAggregate, cloud, clearCluster(pool, { cluster, cause: 'deregistered', reason }));
};

export const clusterWish = (command: ClusterWish, scene: Scene): Outcome => {
  const { unit } = scene;
  const expiryMs = settingsOf(scene)['edgelog.nodes.expiry'] * 60_000;
  const events = decide(unit.read(clusterAggregate, command.cluster), command, { at: unit.context.at, expiryMs });
  if (isRefusal(events)) return events;
  unit.write(clusterAggregate, command.cluster, events);
  if (command.type === 'DeregisterCluster' && events.length > 0) clearGone(command.cluster, scene);
  return { cluster: command.cluster };
};
