/** Wishes about clusters: each is one decision of the cluster's own aggregate. */
import {
  type ClusterEvent,
  type ClusterState,
  clusterAggregate,
  deregisterCluster,
  disableCluster,
  enableCluster,
  forgetNodes,
  registerCluster,
  reportMode,
  reportNodes,
} from '../cluster.ts';
import type { Command, CommandOf } from '../commands.ts';
import type { Decision } from '../decider.ts';
import { isRefusal } from '../refusals.ts';
import type { Outcome, Scene } from './scene.ts';

type ClusterWish = CommandOf<
  | 'RegisterCluster'
  | 'EnableCluster'
  | 'DisableCluster'
  | 'DeregisterCluster'
  | 'ReportNodes'
  | 'ForgetNodes'
  | 'ReportMode'
>;

const decide = (state: ClusterState, command: Extract<Command, ClusterWish>): Decision<ClusterEvent> => {
  switch (command.type) {
    case 'RegisterCluster': {
      const { type: _type, ...particulars } = command;
      return registerCluster(state, particulars);
    }
    case 'EnableCluster':
      return enableCluster(state, command.cluster);
    case 'DisableCluster':
      return disableCluster(state, command.cluster, command.reason);
    case 'DeregisterCluster':
      return deregisterCluster(state, command.cluster);
    case 'ReportNodes':
      return reportNodes(state, command.cluster, command.nodes);
    case 'ForgetNodes':
      return forgetNodes(state, command.cluster, command.nodes);
    case 'ReportMode':
      return reportMode(state, command.cluster, command.mode);
  }
};

export const clusterWish = (command: ClusterWish, { unit }: Scene): Outcome => {
  const events = decide(unit.read(clusterAggregate, command.cluster), command);
  if (isRefusal(events)) return events;
  unit.write(clusterAggregate, command.cluster, events);
  return { cluster: command.cluster };
};
