/** How a cloud property looks in answers: always with its default and its meaning. Every member is always there; what is unknown or absent is `null`. */
import type { Property } from '../../../domain/properties.ts';
import type { PropertyView } from '../../../projections/network/views.ts';
import { choice, list, name, orNull, position, record, text, yesNo } from '../schema.ts';

export const propertySchema = record('Property', {
  name: name('Name'),
  value: { type: 'string', description: 'Value in force, as text' },
  default: { type: 'string', description: 'Value when nobody has set it' },
  set: yesNo('Whether somebody has set it'),
  kind: choice('Type of the value', ['boolean', 'integer', 'choice', 'text']),
  unit: orNull(text('What the number counts')),
  choices: orNull(list(text('A value'), 100, 'Values it takes')),
  meaning: text('What it does'),
  changedAt: orNull(position('Event that set it')),
});

export const propertyBody = (property: Property, set: PropertyView | undefined): object => ({
  name: property.name,
  value: set?.value ?? property.default,
  default: property.default,
  set: set !== undefined,
  kind: property.kind,
  unit: property.kind === 'integer' ? (property.unit ?? null) : null,
  choices: property.kind === 'choice' ? property.choices : null,
  meaning: property.meaning,
  changedAt: set?.at ?? null,
});
