/** The aggregates whose revision doors may name (If-Match), by category. */
import { clusterAggregate } from './cluster.ts';
import { configurationAggregate } from './configuration/aggregate.ts';
import { instanceAggregate } from './instance.ts';
import { securityGroupAggregate } from './securityGroup.ts';
import type { Unit } from './transact.ts';

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
