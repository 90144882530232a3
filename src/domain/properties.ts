/**
 * Reading, checking and using cloud properties. A value travels and is stored as its canonical text; whoever uses it takes
 * the typed value from `effective`. A property nobody has set has its default, which may change between releases.
 */
import type { Json } from './eventStore.ts';
import { parseIpv4 } from './ipv4.ts';
import { isMacPrefix } from './mac.ts';
import { type PropertyEntry, type PropertyName, propertyCatalogue, type TextForm } from './propertyCatalogue.ts';
import { isRefusal, type Refusal, refuse } from './refusals.ts';

export type { PropertyName } from './propertyCatalogue.ts';

type Catalogue = typeof propertyCatalogue;

type ValueOf<E> = E extends { readonly kind: 'boolean' }
  ? boolean
  : E extends { readonly kind: 'integer' }
    ? number
    : E extends { readonly kind: 'choice'; readonly choices: readonly (infer C)[] }
      ? C
      : string;

/** Every property with its value in force, typed: `effective(set)['edgelog.dirty_limit']` is a number of minutes. */
export type EffectiveProperties = { readonly [N in PropertyName]: ValueOf<Catalogue[N]> };

/** Canonical texts of the properties that somebody has set. */
export type SetProperties = { readonly [name: string]: string };

export type Property = PropertyEntry & { readonly name: PropertyName };

/** The name of the property that holds the network configuration; setting it posts or clears that. */
export const configurationProperty = 'cloud.network.network_configuration';

/** All properties, sorted by name. */
export const properties: readonly Property[] = Object.entries(propertyCatalogue)
  .map(([name, entry]) => ({ name: name as PropertyName, ...entry }))
  .toSorted((a, b) => (a.name < b.name ? -1 : 1));

export const propertyNamed = (name: string): Property | undefined =>
  isPropertyName(name) ? { name, ...propertyCatalogue[name] } : undefined;

const isPropertyName = (name: string): name is PropertyName => Object.hasOwn(propertyCatalogue, name);

/**
 * The canonical text of a wished value, given as text, number or boolean: `{value}`, or a refusal `property.unknown` or
 * `property.invalid` that names the property. The network configuration is only checked to be text here.
 */
export const parsePropertyValue = (name: string, wished: Json): { readonly value: string } | Refusal => {
  const property = propertyNamed(name);
  if (property === undefined) return refuse('property.unknown', `there is no property ${name}`, { member: name });
  const isPlain = typeof wished === 'string' || typeof wished === 'number' || typeof wished === 'boolean';
  if (!isPlain) return invalid(name, JSON.stringify(wished), 'must be a string, a number or a boolean');
  const written = String(wished);
  const checked = canonicalValue(property, written);
  return isRefusal(checked) ? checked : { value: checked };
};

const canonicalValue = (property: Property, written: string): string | Refusal => {
  const text = written.trim();
  switch (property.kind) {
    case 'boolean':
      return /^(?:true|false)$/i.test(text)
        ? text.toLowerCase()
        : invalid(property.name, text, 'must be true or false');
    case 'integer':
      return canonicalInteger(property, text);
    case 'choice':
      return property.choices.some((choice) => choice === text)
        ? text
        : invalid(property.name, text, `must be one of ${property.choices.join(', ')}`);
    case 'text':
      return property.form === 'configuration' ? written : canonicalText(property.name, property.form, text);
  }
};

const canonicalInteger = (property: Property & { readonly kind: 'integer' }, text: string): string | Refusal => {
  const value = /^-?[0-9]{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= property.least && value <= property.most) return `${value}`;
  const unit = property.unit === undefined ? '' : ` ${property.unit}`;
  return invalid(property.name, text, `must be a whole number from ${property.least} to ${property.most}${unit}`);
};

const canonicalText = (name: string, form: Exclude<TextForm, 'configuration'>, text: string): string | Refusal => {
  switch (form) {
    case 'ipv4':
      return parseIpv4(text) === undefined ? invalid(name, text, 'must be an IPv4 address') : text;
    case 'ipv4-list':
      return canonicalServers(name, text);
    case 'mac-prefix':
      return isMacPrefix(text) ? text : invalid(name, text, 'must be two octets of a MAC address (xx:xx)');
    case 'subdomain':
      return /^\.\S*[^.\s]$/.test(text) ? text : invalid(name, text, 'must start with a dot and must not end with one');
    case 'protocol-list':
      return canonicalProtocols(name, text);
    case 'relevance-list':
      return canonicalRelevance(name, text);
  }
};

const canonicalServers = (name: string, text: string): string | Refusal => {
  const servers = listed(text);
  const wrong = servers.find((server) => parseIpv4(server) === undefined);
  return wrong === undefined ? servers.join(',') : invalid(name, wrong, 'is not an IPv4 address');
};

const canonicalProtocols = (name: string, text: string): string | Refusal => {
  const protocols = listed(text);
  const wrong = protocols.find((protocol) => !/^(?:0|[1-9][0-9]{0,2})$/.test(protocol) || Number(protocol) > 255);
  return wrong === undefined ? protocols.join(',') : invalid(name, wrong, 'is not a protocol number from 0 to 255');
};

const canonicalRelevance = (name: string, text: string): string | Refusal => {
  const entries = listed(text);
  const wrong = entries.find((entry) => !/^[^\s=,]+=(?:full|local)$/.test(entry));
  if (wrong !== undefined) return invalid(name, wrong, 'must be NAME=full or NAME=local');
  const byName = new Map(entries.map((entry) => [entry.slice(0, entry.indexOf('=')), entry]));
  return [...byName.values()].sort().join(',');
};

const listed = (text: string): readonly string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

const invalid = (name: string, value: string, problem: string): Refusal =>
  refuse('property.invalid', `${name}: "${value}" ${problem}`, { member: name, value });

/** What is in force when `set` is what has been set: everything else has its default. */
export const effective = (set: SetProperties): EffectiveProperties => {
  const values = properties.map((property) => {
    const text = Object.hasOwn(set, property.name) ? set[property.name] : undefined;
    return [property.name, typedValue(property, text ?? property.default)];
  });
  return Object.fromEntries(values) as EffectiveProperties;
};

const typedValue = (property: Property, text: string): boolean | number | string => {
  switch (property.kind) {
    case 'boolean':
      return text === 'true';
    case 'integer':
      return Number(text);
    case 'choice':
    case 'text':
      return text;
  }
};
