/**
 * What a dry run of a configuration rests on, in one short text: if it is the same later, the dry run still holds. Only what
 * its answer depends on counts, so an unrelated change does not spoil it.
 */
import { configurationAggregate } from '../configuration/aggregate.ts';
import { privatePoolAggregate } from '../privatePool.ts';
import { publicPoolAggregate } from '../publicPool.ts';
import type { Scene } from './scene.ts';

export const worldToken = ({ unit, surroundings }: Scene): string => {
  const { cloud } = surroundings;
  return [
    unit.revision(configurationAggregate, cloud),
    unit.revision(privatePoolAggregate, cloud),
    unit.revision(publicPoolAggregate, cloud),
    surroundings.seedNumber(surroundings.registeredClusters().join(' ')),
  ].join('.');
};
