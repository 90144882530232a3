/**
 * Building blocks of JSON Schema (2020-12) for everything that comes in over HTTP and goes out. One schema serves ajv and
 * OpenAPI. Objects are always closed: a member nobody knows is refused, never ignored. A schema with a `title` becomes a
 * component of that name in the OpenAPI document. Meaning is not checked here (ranges of ports, names of groups, ...):
 * the domain refuses with its own codes; these schemas only say what form a thing has.
 */

export type Schema = { readonly [keyword: string]: unknown };
export type Members = { readonly [name: string]: Schema };

/** Anything longer than this in a single text is nobody's name or reason. */
const LONGEST_TEXT = 1024;

export const text = (description: string, more: Schema = {}): Schema => ({
  type: 'string',
  minLength: 1,
  maxLength: LONGEST_TEXT,
  description,
  ...more,
});

/** Text that goes into names of streams, files or terminals: no control characters. */
export const name = (description: string, maxLength = 255): Schema =>
  text(description, { maxLength, pattern: '^[^\\u0000-\\u001f\\u007f-\\u009f]+$' });

export const choice = (description: string, values: readonly string[]): Schema => ({
  type: 'string',
  enum: values,
  description,
});

export const whole = (description: string, minimum: number, maximum: number = Number.MAX_SAFE_INTEGER): Schema => ({
  type: 'integer',
  minimum,
  maximum,
  description,
});

export const yesNo = (description: string): Schema => ({ type: 'boolean', description });

export const list = (items: Schema, maxItems: number, description: string, more: Schema = {}): Schema => ({
  type: 'array',
  items,
  maxItems,
  description,
  ...more,
});

export const object = (members: Members, required: readonly string[], more: Schema = {}): Schema => ({
  type: 'object',
  properties: members,
  required,
  additionalProperties: false,
  ...more,
});

/** An answer's object: every member is always there, unknown things are `null`. */
export const record = (title: string, members: Members, more: Schema = {}): Schema =>
  object(members, Object.keys(members), { title, ...more });

export const orNull = (schema: Schema): Schema => {
  const { description, ...rest } = schema;
  const shape = { anyOf: [rest, { type: 'null' }] };
  return description === undefined ? shape : { ...shape, description };
};

/** Plain JSON whose members are not ours to name (what a configuration or a future event holds). */
export const anyObject = (description: string): Schema => ({ type: 'object', additionalProperties: true, description });

export const mapOf = (values: Schema, description: string): Schema => ({
  type: 'object',
  additionalProperties: values,
  description,
});

export const account = (description = 'Account number, twelve digits'): Schema =>
  text(description, { maxLength: 12, pattern: '^[0-9]{12}$' });

export const position = (description = 'Position in the log'): Schema => whole(description, -1);

export const instant = (description: string): Schema => text(description, { format: 'date-time', maxLength: 40 });
