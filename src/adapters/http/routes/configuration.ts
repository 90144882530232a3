/** Routes of the network configuration and the cloud properties. */
import { configurationWarnings } from '../../../domain/configuration/warnings.ts';
import { configurationProperty, type Property, properties, propertyNamed } from '../../../domain/properties.ts';
import type { Network } from '../../../projections/network/views.ts';
import { commandRoute } from '../commandRoute.ts';
import {
  changeProperties,
  changeProperty,
  clearConfiguration,
  postConfiguration,
  resetProperty,
} from '../forms/configuration.ts';
import {
  atQuery,
  type Collection,
  freshnessHeaders,
  notFound,
  pageOf,
  pageQuery,
  pageSchema,
  read,
  readResource,
  resourceHeaders,
} from '../reads.ts';
import { type BodyForm, everyone, jsonAnswer, type Route } from '../route.ts';
import { anyObject, list, name, position, record, text, whole } from '../schema.ts';
import { propertyBody, propertySchema } from '../shapes/properties.ts';
import { warningSchema } from '../shapes/results.ts';

const configurationSchema = record('Configuration', {
  text: { type: 'string', description: 'The document as it was posted' },
  document: anyObject('Its members'),
  postedAt: position('Event that posted it'),
  warnings: list(warningSchema, 100_000, 'What is accepted and odd, with the clusters registered at that moment'),
  revision: whole('Revision: its ETag', 0),
});

/** The document is handed on as it is: its grammar, its members and its meaning are the domain's. */
const documentBody: BodyForm = {
  kind: 'text',
  schema: anyObject('EDGE network configuration'),
  types: ['application/json', 'text/plain'],
  limit: 'command',
};

const shownConfiguration = ({ configuration, configurationRevision, clusters }: Network) =>
  configuration === null
    ? notFound('network configuration', '', 'no-configuration')
    : {
        revision: configurationRevision,
        body: {
          text: configuration.text,
          document: configuration.members,
          postedAt: configuration.at,
          warnings: configurationWarnings(configuration.members, Object.keys(clusters).sort()),
          revision: configurationRevision,
        },
      };

/** The configuration is a property too; its value lives in one place only. */
const setIn = (network: Network, property: string) => {
  if (property !== configurationProperty) {
    return Object.hasOwn(network.properties, property) ? network.properties[property] : undefined;
  }
  const { configuration } = network;
  return configuration === null ? undefined : { value: configuration.text, at: configuration.at };
};

const allProperties: Collection<Property> = {
  name: 'properties',
  from: (after) =>
    properties.filter((it) => after === undefined || it.name > after).map((it) => [it.name, it] as const),
};

const propertyParameter = { name: name('Name of a cloud property', 200) };

export const configurationRoutes: readonly Route[] = [
  commandRoute(postConfiguration, {
    id: 'putConfiguration',
    method: 'PUT',
    path: '/v1/configuration',
    tag: 'configuration',
    body: documentBody,
    query: { token: text('Token of a dry run: refused if the world moved since') },
    input: ({ body, query }) => ({ text: body, ...(query['token'] === undefined ? {} : { token: query['token'] }) }),
  }),
  commandRoute(clearConfiguration, {
    id: 'deleteConfiguration',
    method: 'DELETE',
    path: '/v1/configuration',
    tag: 'configuration',
  }),
  {
    id: 'getConfiguration',
    method: 'GET',
    path: '/v1/configuration',
    tag: 'configuration',
    summary: 'The network configuration in force',
    access: everyone,
    query: atQuery,
    responses: jsonAnswer(configurationSchema),
    responseHeaders: resourceHeaders,
    problems: ['no-configuration'],
    answer: readResource(shownConfiguration),
  },
  {
    id: 'listProperties',
    method: 'GET',
    path: '/v1/properties',
    tag: 'properties',
    summary: 'All cloud properties with value, default and meaning',
    access: everyone,
    query: { ...atQuery, ...pageQuery },
    responses: jsonAnswer(pageSchema('Properties', propertySchema)),
    responseHeaders: freshnessHeaders,
    answer: read((network, exchange) =>
      pageOf(exchange, allProperties, (property) => propertyBody(property, setIn(network, property.name))),
    ),
  },
  {
    id: 'getProperty',
    method: 'GET',
    path: '/v1/properties/{name}',
    tag: 'properties',
    summary: 'One cloud property',
    access: everyone,
    parameters: propertyParameter,
    query: atQuery,
    responses: jsonAnswer(propertySchema),
    responseHeaders: freshnessHeaders,
    problems: ['property.unknown'],
    answer: read((network, { path }) => {
      const property = propertyNamed(path['name'] ?? '');
      return property === undefined
        ? notFound('property', path['name'] ?? '', 'property.unknown')
        : propertyBody(property, setIn(network, property.name));
    }),
  },
  commandRoute(changeProperty, {
    id: 'putProperty',
    method: 'PUT',
    path: '/v1/properties/{name}',
    tag: 'properties',
    fromPath: { name: 'name' },
  }),
  commandRoute(changeProperties, {
    id: 'putProperties',
    method: 'PUT',
    path: '/v1/properties',
    tag: 'properties',
  }),
  commandRoute(resetProperty, {
    id: 'deleteProperty',
    method: 'DELETE',
    path: '/v1/properties/{name}',
    tag: 'properties',
    fromPath: { name: 'name' },
  }),
];
