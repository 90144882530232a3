/**
 * Checks requests and answers against an OpenAPI document as a stranger would: from the served JSON alone, with a validator
 * of its own. Every fault is a sentence.
 */
import { Ajv2020 } from 'ajv/dist/2020.js';

type Json = { readonly [member: string]: unknown };

export type OpenApiDocument = {
  /** Templates of the paths, for coverage. */
  readonly operations: readonly string[];
  /** The operation `METHOD /template` a concrete request belongs to. */
  readonly operationOf: (method: string, path: string) => string | undefined;
  readonly faultsOfRequest: (
    method: string,
    path: string,
    type: string | undefined,
    body: unknown,
  ) => readonly string[];
  readonly faultsOfAnswer: (
    method: string,
    path: string,
    status: number,
    type: string | undefined,
    body: unknown,
  ) => readonly string[];
};

const pointer = (path: readonly string[]): string =>
  `#/${path.map((step) => encodeURIComponent(step.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`;

type Paths = { readonly [path: string]: { readonly [method: string]: Json } };
type Place = readonly string[];

/** What is wrong with a value by the schema at a place of the document. */
const createCheck = (served: Json): ((place: Place, value: unknown) => readonly string[]) => {
  const ajv = new Ajv2020({
    strict: false,
    allErrors: true,
    formats: { 'date-time': (it: string) => !Number.isNaN(Date.parse(it)) },
  });
  ajv.addSchema(served, 'openapi');
  return (place, value) => {
    const validate = ajv.getSchema(`openapi${pointer(place)}`);
    if (validate === undefined) return [`no schema at ${place.join(' > ')}`];
    return validate(value) === true ? [] : (validate.errors ?? []).map((it) => `${it.instancePath} ${it.message}`);
  };
};

/** Which operation a request belongs to. */
const createFinder = (paths: Paths) => {
  const templates = Object.keys(paths).map((template) => ({
    template,
    form: new RegExp(`^${template.replaceAll('.', '\\.').replaceAll(/\{[^}]+\}/g, '[^/]+')}$`),
    parameters: (template.match(/\{/g) ?? []).length,
  }));
  // Words before parameters, as servers match.
  templates.sort((a, b) => a.parameters - b.parameters);
  return (method: string, path: string) => {
    const bare = path.split('?', 1)[0] ?? '';
    const template = templates.find(({ form }) => form.test(bare))?.template;
    const verb = method === 'HEAD' ? 'get' : method.toLowerCase();
    const operation = template === undefined ? undefined : paths[template]?.[verb];
    return template === undefined || operation === undefined ? undefined : { template, verb, operation };
  };
};

type Parameter = { readonly name: string; readonly in: string; readonly schema: Json };

const typed = (kind: unknown, value: string): unknown => {
  if (kind === 'integer') return Number(value);
  return kind === 'boolean' ? value === 'true' : value;
};

export const openApiDocument = (served: Json): OpenApiDocument => {
  const paths = served['paths'] as Paths;
  const faultsOf = createCheck(served);
  const find = createFinder(paths);

  const queryFaults = (operation: Json, place: Place, path: string): readonly string[] => {
    const parameters = operation['parameters'] as readonly Parameter[];
    return [...new URLSearchParams(path.split('?')[1] ?? '')].flatMap(([name, value]) => {
      const index = parameters.findIndex((it) => it.in === 'query' && it.name === name);
      if (index < 0) return [`parameter ${name} is not described`];
      const schema = [...place, 'parameters', String(index), 'schema'];
      return faultsOf(schema, typed(parameters[index]?.schema['type'], value));
    });
  };

  return {
    operations: Object.entries(paths).flatMap(([path, item]) =>
      Object.keys(item).map((it) => `${it.toUpperCase()} ${path}`),
    ),
    operationOf: (method, path) => {
      const found = find(method, path);
      return found === undefined ? undefined : `${found.verb.toUpperCase()} ${found.template}`;
    },
    faultsOfRequest: (method, path, type, body) => {
      const found = find(method, path);
      if (found === undefined) return ['no such operation'];
      const place = ['paths', found.template, found.verb];
      const faults = queryFaults(found.operation, place, path);
      const requestBody = found.operation['requestBody'] as
        | { readonly required: boolean; readonly content: Json }
        | undefined;
      if (body === undefined) return requestBody?.required === true ? [...faults, 'the body is required'] : faults;
      if (requestBody?.content[type ?? ''] === undefined)
        return [...faults, `bodies of type ${type} are not described`];
      return [...faults, ...faultsOf([...place, 'requestBody', 'content', type ?? '', 'schema'], body)];
    },
    faultsOfAnswer: (method, path, status, type, body) => {
      const found = find(method, path);
      if (found === undefined) return ['no such operation'];
      const responses = found.operation['responses'] as { readonly [status: string]: { readonly content?: Json } };
      const key = responses[String(status)] === undefined ? 'default' : String(status);
      const content = responses[key]?.content ?? {};
      const bare = (type ?? '').split(';', 1)[0] ?? '';
      if (bare === '' && Object.keys(content).length === 0) return [];
      if (content[bare] === undefined) return [`answers ${status} of type ${bare} are not described`];
      return faultsOf(['paths', found.template, found.verb, 'responses', key, 'content', bare, 'schema'], body);
    },
  };
};
