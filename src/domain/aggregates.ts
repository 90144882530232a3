/** All aggregates: the categories of streams there are, and those whose revision doors may name (If-Match). */
import { clusterAggregate } from './cluster.ts';
import { commandAuditAggregate } from './commandAudit.ts';
import { configurationAggregate } from './configuration/aggregate.ts';
import { deliveryAggregate } from './deliveryLog.ts';
import { epochAggregate } from './epoch.ts';
import { groupNamesAggregate } from './groupNames.ts';
import { instanceAggregate } from './instance.ts';
import { networkTagsAggregate } from './networkTags.ts';
import { privatePoolAggregate } from './privatePool.ts';
import { publicPoolAggregate } from './publicPool.ts';
import { securityGroupAggregate } from './securityGroup.ts';
import type { Unit } from './transact.ts';

/** First part of every stream name that is ours; where others write to the same log, the rest is not read. */
export const categories: readonly string[] = [
  configurationAggregate,
  epochAggregate,
  clusterAggregate,
  privatePoolAggregate,
  publicPoolAggregate,
  groupNamesAggregate,
  securityGroupAggregate,
  instanceAggregate,
  networkTagsAggregate,
  deliveryAggregate,
  commandAuditAggregate,
].map(({ category }) => category);

/** Last revision of the stream, as this unit sees it; undefined for a category nobody can name. */
export const revisionIn = (unit: Unit, category: string, id: string): number | undefined => {
  switch (category) {
    case 'configuration':
      return unit.revision(configurationAggregate, id);
    case 'cluster':
      return unit.revision(clusterAggregate, id);
    case 'instance':
      return unit.revision(instanceAggregate, id);
    case 'securityGroup':
      return unit.revision(securityGroupAggregate, id);
    default:
      return undefined;
  }
};
