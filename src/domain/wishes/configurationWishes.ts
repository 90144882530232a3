/**
 * Wishes about the configuration, the properties and the epoch. The public pool follows configuration and properties in the
 * same unit, so that no moment exists in which one knows of an address that the other does not.
 */
import type { CommandOf } from '../commands.ts';
import {
  type ConfigurationEvent,
  type ConfigurationState,
  changeProperties,
  changeProperty,
  clearConfiguration,
  configurationAfter,
  configurationAggregate,
  postConfiguration,
  resetProperty,
} from '../configuration/aggregate.ts';
import { configurationWarnings } from '../configuration/warnings.ts';
import type { Decision } from '../decider.ts';
import { epochAggregate, raiseEpoch } from '../epoch.ts';
import { applyPublicPool } from '../publicPool/state.ts';
import {
  branchOfPool,
  definePublicPool,
  type PublicPoolEvent,
  type PublicPoolState,
  publicPoolAggregate,
  reserveForSystem,
} from '../publicPool.ts';
import { isRefusal, refuse } from '../refusals.ts';
import { choicesOf } from './publicSetting.ts';
import { effectiveOf, type Outcome, type Scene } from './scene.ts';
import { worldToken } from './worldToken.ts';

type ConfigurationWish = CommandOf<
  'PostConfiguration' | 'ClearConfiguration' | 'ChangeProperty' | 'ChangeProperties' | 'ResetProperty'
>;

const decide = (state: ConfigurationState, command: ConfigurationWish): Decision<ConfigurationEvent> => {
  switch (command.type) {
    case 'PostConfiguration':
      return postConfiguration(state, command.text);
    case 'ClearConfiguration':
      return clearConfiguration(state);
    case 'ChangeProperty':
      return changeProperty(state, command.name, command.value);
    case 'ChangeProperties':
      return changeProperties(state, command.values);
    case 'ResetProperty':
      return resetProperty(state, command.name);
  }
};

/** Ranges of the public pool after these events; undefined when they leave it as it is. */
const rangesAfter = (events: readonly ConfigurationEvent[]): readonly string[] | undefined => {
  const last = events.findLast(({ type }) => type === 'ConfigurationPosted' || type === 'ConfigurationCleared');
  if (last === undefined) return undefined;
  return last.type === 'ConfigurationPosted' ? (last.configuration.PublicIps ?? []) : [];
};

const concernsPool = (event: ConfigurationEvent): boolean =>
  event.type === 'ConfigurationPosted' ||
  event.type === 'ConfigurationCleared' ||
  event.name.startsWith('cloud.addresses.');

/** The pool's ranges follow the configuration, and what the static manager keeps in reserve follows both. */
const poolEvents = (
  pool: PublicPoolState,
  events: readonly ConfigurationEvent[],
  after: ConfigurationState,
  seed: number,
): readonly PublicPoolEvent[] => {
  const ranges = rangesAfter(events);
  const defined = ranges === undefined ? [] : definePublicPool(pool, ranges);
  const branch = branchOfPool(pool);
  for (const event of defined) applyPublicPool(branch, event, { time: 0, revision: 0, commandId: '' });
  return [...defined, ...reserveForSystem(branch, choicesOf(effectiveOf(after.properties), seed))];
};

/**
 * Posts or clears the configuration, and defines the public pool that follows from it in the same append. With the token of a
 * dry run it is refused when the world has moved since.
 */
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
  const after = configurationAfter(state, events);
  if (events.some(concernsPool)) {
    const pool = unit.read(publicPoolAggregate, cloud);
    const seed = surroundings.seedNumber(unit.context.commandId);
    unit.write(publicPoolAggregate, cloud, poolEvents(pool, events, after, seed));
  }
  return { changed: events.length > 0, ...warningsFor(command, after, surroundings.registeredClusters()) };
};

/** What is unwise about the configuration is said with every answer about it, also when it was so already. */
const warningsFor = (command: ConfigurationWish, { posted }: ConfigurationState, registered: readonly string[]) =>
  command.type === 'PostConfiguration' || command.type === 'ClearConfiguration'
    ? { warnings: posted === undefined ? [] : configurationWarnings(posted.configuration, registered) }
    : {};

export const raiseEpochWish = (command: CommandOf<'RaiseEpoch'>, { unit, surroundings }: Scene): Outcome => {
  const events = raiseEpoch(unit.read(epochAggregate, surroundings.cloud), command.reason, command.atLeast);
  if (isRefusal(events)) return events;
  unit.write(epochAggregate, surroundings.cloud, events);
  return {};
};
