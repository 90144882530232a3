/**
 * The cloud's configuration: the posted network configuration and the cloud properties that somebody has set. Stream
 * `configuration-<cloud>`. What is posted is whole and valid or nothing happens: the last good one stays. The parsed form is
 * stored beside the text, so that later rules never read an old text differently.
 */
import type { Aggregate, Decision } from '../decider.ts';
import type { Json } from '../eventStore.ts';
import {
  configurationProperty,
  effective,
  parsePropertyValue,
  propertyNamed,
  type SetProperties,
} from '../properties.ts';
import { isRefusal, refuse } from '../refusals.ts';
import type { ConfigurationMembers, ConfigurationProfile } from './members.ts';
import { acceptConfiguration } from './validate.ts';

/** NB these types and names are the storage format: version them with care. `value` is the property's canonical text. */
export type ConfigurationEvent =
  /** A network configuration is in force from here on: as it was written, and as it was read then. */
  | { readonly type: 'ConfigurationPosted'; readonly text: string; readonly configuration: ConfigurationMembers }
  /** There is no network configuration from here on. */
  | { readonly type: 'ConfigurationCleared' }
  /** A cloud property has this value from here on. */
  | { readonly type: 'PropertyChanged'; readonly name: string; readonly value: string }
  /** A cloud property has its default again. */
  | { readonly type: 'PropertyReset'; readonly name: string };

export type ConfigurationState = {
  posted: { readonly text: string; readonly configuration: ConfigurationMembers } | undefined;
  /** Canonical texts of the properties that have been set; the network configuration is never among them. */
  properties: SetProperties;
};

const applyConfiguration = (state: ConfigurationState, event: ConfigurationEvent): void => {
  switch (event.type) {
    case 'ConfigurationPosted':
      state.posted = { text: event.text, configuration: event.configuration };
      return;
    case 'ConfigurationCleared':
      state.posted = undefined;
      return;
    case 'PropertyChanged':
      // A new object each time: values derived from it are remembered by its identity.
      state.properties = { ...state.properties, [event.name]: event.value };
      return;
    case 'PropertyReset':
      state.properties = Object.fromEntries(Object.entries(state.properties).filter(([name]) => name !== event.name));
      return;
  }
};

export const configurationAggregate: Aggregate<ConfigurationState, ConfigurationEvent> = {
  category: 'configuration',
  initial: () => ({ posted: undefined, properties: {} }),
  apply: applyConfiguration,
};

/**
 * Posts a network configuration. The empty text clears it, as in Eucalyptus 4.0. Refusals: the codes of
 * `acceptConfiguration`. What is unwise but accepted is for `configurationWarnings` to tell.
 */
export const postConfiguration = (state: ConfigurationState, text: string): Decision<ConfigurationEvent> => {
  if (text === '') return clearConfiguration(state);
  const configuration = acceptConfiguration(text, profileOf(state));
  if (isRefusal(configuration)) return configuration;
  return isPosted(state, text, configuration) ? [] : [{ type: 'ConfigurationPosted', text, configuration }];
};

/** The same text is posted again when today's rules read it differently from those it was posted under. */
const isPosted = ({ posted }: ConfigurationState, text: string, configuration: ConfigurationMembers): boolean =>
  posted?.text === text && JSON.stringify(posted.configuration) === JSON.stringify(configuration);

/** Members that came after 4.0 are known when the documents are for 4.4; otherwise they are unknown, as in 4.0. */
export const profileOf = (state: Pick<ConfigurationState, 'properties'>): ConfigurationProfile =>
  state.properties['edgelog.document.dialect'] === '4.4' ? '4.4' : '4.0';

export const clearConfiguration = (state: ConfigurationState): Decision<ConfigurationEvent> =>
  state.posted === undefined ? [] : [{ type: 'ConfigurationCleared' }];

/** Sets a cloud property; the one that holds the network configuration posts or clears it. */
export const changeProperty = (state: ConfigurationState, name: string, wished: Json): Decision<ConfigurationEvent> => {
  const decided = changeOne(state, name, wished);
  return isRefusal(decided) ? decided : consistentAfter(state, decided);
};

const changeOne = (state: ConfigurationState, name: string, wished: Json): Decision<ConfigurationEvent> => {
  const parsed = parsePropertyValue(name, wished);
  if (isRefusal(parsed)) return parsed;
  if (name === configurationProperty) return postConfiguration(state, parsed.value);
  return state.properties[name] === parsed.value ? [] : [{ type: 'PropertyChanged', name, value: parsed.value }];
};

/** Many at once, all or none; null means back to the default. The first refusal is the answer. */
export const changeProperties = (
  state: ConfigurationState,
  values: { readonly [name: string]: string | null },
): Decision<ConfigurationEvent> => {
  const events: ConfigurationEvent[] = [];
  for (const [name, value] of Object.entries(values)) {
    const after = configurationAfter(state, events);
    const decided = value === null ? resetOne(after, name) : changeOne(after, name, value);
    if (isRefusal(decided)) return decided;
    events.push(...decided);
  }
  return consistentAfter(state, events);
};

/** The state these events lead to; the one given stays as it was. */
export const configurationAfter = (
  state: ConfigurationState,
  events: readonly ConfigurationEvent[],
): ConfigurationState => {
  const after = { ...state };
  for (const event of events) applyConfiguration(after, event);
  return after;
};

/** The lowest and the highest of these must leave something between them. */
const bounds = [
  ['cloud.network.global_min_network_tag', 'cloud.network.global_max_network_tag'],
  ['cloud.network.global_min_network_index', 'cloud.network.global_max_network_index'],
] as const;

/** Properties that only make sense together are looked at together, after all changes of one wish. */
const consistentAfter = (
  state: ConfigurationState,
  events: readonly ConfigurationEvent[],
): Decision<ConfigurationEvent> => {
  const values = effective(configurationAfter(state, events).properties);
  const wrong = events.length === 0 ? undefined : bounds.find(([low, high]) => values[low] > values[high]);
  if (wrong === undefined) return events;
  const [low, high] = wrong;
  return refuse('property.invalid', `${low} (${values[low]}) must not be above ${high} (${values[high]})`, {
    member: low,
    value: String(values[low]),
  });
};

/** Back to the default, whatever that is in this and later releases. */
export const resetProperty = (state: ConfigurationState, name: string): Decision<ConfigurationEvent> => {
  const decided = resetOne(state, name);
  return isRefusal(decided) ? decided : consistentAfter(state, decided);
};

const resetOne = (state: ConfigurationState, name: string): Decision<ConfigurationEvent> => {
  if (propertyNamed(name) === undefined) {
    return refuse('property.unknown', `there is no property ${name}`, { member: name });
  }
  if (name === configurationProperty) return clearConfiguration(state);
  return Object.hasOwn(state.properties, name) ? [{ type: 'PropertyReset', name }] : [];
};
