/** Forms of the commands about the configuration, cloud properties and the log's epoch. */
import { type CommandForm, commandForm } from '../commandForm.ts';
import { admins } from '../route.ts';
import { mapOf, name, type Schema, text, whole } from '../schema.ts';

const propertyName = name('Name of a cloud property', 200);

const propertyValue: Schema = {
  type: ['string', 'number', 'boolean'],
  description: 'The value; numbers and booleans are taken as their text',
};

export const postConfiguration = commandForm<{ text: string; token?: string }>({
  type: 'PostConfiguration',
  summary: 'Replace the network configuration by this EDGE JSON document',
  access: admins,
  members: {
    text: { type: 'string', description: 'The EDGE JSON document, verbatim' },
    token: text('Token of a dry run: refused if the world moved since'),
  },
  required: ['text'],
  concerns: 'configuration',
  make: (input) => ({ type: 'PostConfiguration', ...input }),
});

export const clearConfiguration = commandForm({
  type: 'ClearConfiguration',
  summary: 'Remove the network configuration',
  access: admins,
  members: {},
  required: [],
  concerns: 'configuration',
  make: () => ({ type: 'ClearConfiguration' }),
});

export const changeProperty = commandForm<{ name: string; value: string | number | boolean }>({
  type: 'ChangeProperty',
  summary: 'Set a cloud property',
  access: admins,
  members: { name: propertyName, value: propertyValue },
  required: ['name', 'value'],
  make: (input) => ({ type: 'ChangeProperty', name: input.name, value: String(input.value) }),
});

export const changeProperties = commandForm<{ values: { readonly [name: string]: string | number | boolean | null } }>({
  type: 'ChangeProperties',
  summary: 'Set several cloud properties at once, all or none; null sets one back to its default',
  access: admins,
  members: {
    values: mapOf({ type: ['string', 'number', 'boolean', 'null'] }, 'Name of a cloud property -> its value'),
  },
  required: ['values'],
  make: ({ values }) => ({
    type: 'ChangeProperties',
    values: Object.fromEntries(
      Object.entries(values).map(([property, value]) => [property, value === null ? null : String(value)]),
    ),
  }),
});

export const resetProperty = commandForm<{ name: string }>({
  type: 'ResetProperty',
  summary: 'Set a cloud property back to its default',
  access: admins,
  members: { name: propertyName },
  required: ['name'],
  make: (input) => ({ type: 'ResetProperty', ...input }),
});

export const raiseEpoch = commandForm<{ reason: string; atLeast?: number }>({
  type: 'RaiseEpoch',
  summary: 'Raise the epoch, so that documents from now on are newer than any receiver has seen',
  access: admins,
  members: { reason: text('Why'), atLeast: whole('Lowest acceptable new epoch', 1) },
  required: ['reason'],
  make: (input) => ({ type: 'RaiseEpoch', ...input }),
});

export const configurationForms: readonly CommandForm[] = [
  postConfiguration,
  clearConfiguration,
  changeProperty,
  changeProperties,
  resetProperty,
  raiseEpoch,
];
