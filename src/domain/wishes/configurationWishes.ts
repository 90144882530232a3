/**
 * Wishes about the configuration, the properties and the epoch. The public pool follows the configuration in the same unit,
 * so that no moment exists in which one knows of an address that the other does not.
 */
import type { CommandOf } from '../commands.ts';
import {
  type ConfigurationEvent,
  type ConfigurationState,
  changeProperty,
  clearConfiguration,
  configurationAggregate,
  postConfiguration,
  resetProperty,
} from '../configuration/aggregate.ts';
import { configurationWarnings } from '../configuration/warnings.ts';
import type { Decision } from '../decider.ts';
import { epochAggregate, raiseEpoch } from '../epoch.ts';
import { definePublicPool, publicPoolAggregate } from '../publicPool.ts';
import { isRefusal, refuse } from '../refusals.ts';
import type { Outcome, Scene } from './scene.ts';
import { worldToken } from './worldToken.ts';

type ConfigurationWish = CommandOf<'PostConfiguration' | 'ClearConfiguration' | 'ChangeProperty' | 'ResetProperty'>;

const decide = (state: ConfigurationState, command: ConfigurationWish): Decision<ConfigurationEvent> => {
  switch (command.type) {
    case 'PostConfiguration':
      return postConfiguration(state, command.text);
    case 'ClearConfiguration':
      return clearConfiguration(state);
    case 'ChangeProperty':
      return changeProperty(state, command.name, command.value);
    case 'ResetProperty':
      return resetProperty(state, command.name);
  }
};

/** Ranges of the public pool after these events; undefined when they leave it as it is. */
const rangesAfter = (events: readonly ConfigurationEvent[]): readonly string[] | undefined => {
  for (const event of events) {
    if (event.type === 'ConfigurationPosted') return event.configuration.PublicIps ?? [];
    if (event.type === 'ConfigurationCleared') return [];
  }
  return undefined;
};

export const configurationWish = (command: ConfigurationWish, scene: Scene): Outcome => {
  const { unit, surroundings } = scene;
  const { cloud } = surroundings;
  const state = unit.read(configurationAggregate, cloud);
  if (command.type === 'PostConfiguration' && command.token !== undefined && command.token !== worldToken(scene)) {
    return refuse('world-moved', 'Something changed since the dry run this token comes from. Make a new dry run.');
  }
  const events = decide(state, command);
  if (isRefusal(events)) return events;
  unit.write(configurationAggregate, cloud, events);
  const ranges = rangesAfter(events);
  if (ranges !== undefined) {
    unit.write(publicPoolAggregate, cloud, definePublicPool(unit.read(publicPoolAggregate, cloud), ranges));
  }
  return { changed: events.length > 0, warnings: warningsOf(events, surroundings.registeredClusters()) };
};

const warningsOf = (events: readonly ConfigurationEvent[], registered: readonly string[]) =>
  events.flatMap((event) =>
    event.type === 'ConfigurationPosted' ? configurationWarnings(event.configuration, registered) : [],
  );

export const raiseEpochWish = (command: CommandOf<'RaiseEpoch'>, { unit, surroundings }: Scene): Outcome => {
  const events = raiseEpoch(unit.read(epochAggregate, surroundings.cloud), command.reason, command.atLeast);
  if (isRefusal(events)) return events;
  unit.write(epochAggregate, surroundings.cloud, events);
  return {};
};
