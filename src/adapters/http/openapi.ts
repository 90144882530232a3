/**
 * The OpenAPI 3.1 document of a route table: the very schemas ajv checks with, hoisted to components where they have a
 * title. Two different schemas under one title are a fault of ours and thrown when the document is made.
 */
import { problemEntry, problemSchema } from './problems.ts';
import type { Access, Route } from './route.ts';
import type { Members, Schema } from './schema.ts';

export type OpenApi = { readonly [member: string]: unknown };

type Components = Map<string, { readonly origin: Schema; readonly schema: unknown }>;

/** Problems any route may answer with. */
const usualProblems: readonly string[] = ['unauthenticated', 'forbidden', 'misdirected-host', 'too-many-requests'];
const bodyProblems: readonly string[] = [
  'json.syntax',
  'body-too-large',
  'unsupported-media-type',
  'unknown-member',
  'missing-member',
  'wrong-type',
  'invalid-member',
];

export const openApiOf = (routes: readonly Route[], version: string): OpenApi => {
  const components: Components = new Map();
  const hoist = hoister(components);
  const paths: { [path: string]: { [method: string]: unknown } } = {};
  for (const route of routes) {
    const item = paths[route.path] ?? {};
    paths[route.path] = item;
    item[route.method.toLowerCase()] = operationOf(route, hoist);
  }
  hoist(problemSchema);
  return {
    openapi: '3.1.0',
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    info: {
      title: 'Edgelog',
      version,
      description:
        'Event-sourced control plane of a private cloud’s network. Errors are RFC 9457 problems; each has a page.',
      license: { name: 'BSD-2-Clause', identifier: 'BSD-2-Clause' },
    },
    servers: [{ url: '/' }],
    security: [{ key: [] }, {}],
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: Object.fromEntries(
        [...components].sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, { schema }]) => [k, schema]),
      ),
      securitySchemes: { key: { type: 'http', scheme: 'bearer', description: 'API key: el_…' } },
    },
  };
};

type Hoist = (schema: unknown) => unknown;

const hoister = (components: Components): Hoist => {
  const hoist: Hoist = (value) => {
    if (Array.isArray(value)) return value.map(hoist);
    if (typeof value !== 'object' || value === null) return value;
    const schema = value as Schema;
    const { title } = schema;
    if (typeof title !== 'string') return mapped(schema, hoist);
    const known = components.get(title);
    if (known === undefined) {
      components.set(title, { origin: schema, schema: {} });
      components.set(title, { origin: schema, schema: mapped(schema, hoist) });
    } else if (known.origin !== schema && JSON.stringify(known.origin) !== JSON.stringify(schema)) {
      throw new Error(`Two schemas are called ${title}`);
    }
    return { $ref: `#/components/schemas/${title}` };
  };
  return hoist;
};

const mapped = (schema: Schema, hoist: Hoist): Schema =>
  Object.fromEntries(Object.entries(schema).map(([keyword, value]) => [keyword, hoist(value)]));

const operationOf = (route: Route, hoist: Hoist): object => ({
  operationId: route.id,
  summary: route.summary,
  tags: [route.tag],
  ...(route.access === 'anyone' ? { security: [{}] } : {}),
  'x-access': accessText(route.access),
  ...(route.command === undefined ? {} : { 'x-command': route.command }),
  parameters: [
    ...parametersOf('path', route.parameters, hoist),
    ...parametersOf('query', route.query, hoist),
    ...parametersOf('header', route.requestHeaders, hoist),
  ],
  ...(route.body === undefined ? {} : { requestBody: requestBodyOf(route.body, hoist) }),
  responses: { ...answersOf(route, hoist), ...problemsOf(route) },
});

export const accessText = (access: Access): string =>
  access === 'anyone' ? 'anyone' : `${access.roles.join(', ')} (${access.scope})`;

const parametersOf = (place: 'path' | 'query' | 'header', members: Members | undefined, hoist: Hoist): object[] =>
  Object.entries(members ?? {}).map(([name, schema]) => ({
    ...{ name, in: place, required: place === 'path', schema: hoist(schema) },
    ...(schema['description'] === undefined ? {} : { description: schema['description'] }),
  }));

const requestBodyOf = (body: NonNullable<Route['body']>, hoist: Hoist): object => ({
  required: body.optional !== true,
  content: Object.fromEntries(body.types.map((type) => [type, { schema: hoist(body.schema) }])),
});

const answersOf = (route: Route, hoist: Hoist): object =>
  Object.fromEntries(
    Object.entries(route.responses).map(([status, contents]) => [
      status,
      {
        description: route.summary,
        headers: Object.fromEntries(
          Object.entries(route.responseHeaders ?? {}).map(([name, schema]) => [name, { schema: hoist(schema) }]),
        ),
        content: Object.fromEntries(
          Object.entries(contents).map(([type, schema]) => [type, { schema: hoist(schema) }]),
        ),
      },
    ]),
  );

/** By status, with the codes it may stand for; anything else comes as a problem too. */
const problemsOf = (route: Route): object => {
  const codes = [
    ...(route.access === 'anyone' ? [] : usualProblems),
    ...(route.body === undefined ? [] : bodyProblems),
    ...(route.query === undefined ? [] : ['unknown-parameter', 'invalid-parameter']),
    ...(route.problems ?? []),
  ];
  const content = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
  const byStatus = Map.groupBy(new Set(codes), (code) => String(problemEntry(code).status));
  return Object.fromEntries([
    ...[...byStatus].map(([status, of]) => [status, { description: `Problems: ${of.join(', ')}`, content }] as const),
    ['default', { description: 'Any other problem', content }] as const,
  ]);
};
