/**
 * Path and query parameters: read strictly (unknown, repeated and malformed ones are refused by name) and given the type
 * their schema says. Nothing is guessed and nothing is ignored.
 */
import { type DoorRefusal, refuseRequest, shown } from './refusal.ts';
import type { Scalar } from './route.ts';
import type { Members, Schema } from './schema.ts';
import { checkOf } from './validation.ts';

type Parameters = { readonly [name: string]: Scalar };

/** The parameters of `/path?search`, typed, or a refusal naming the first wrong one. */
export const readQuery = (url: string, members: Members | undefined): Parameters | DoorRefusal => {
  const mark = url.indexOf('?');
  if (mark < 0) return {};
  const values: { [name: string]: Scalar } = {};
  for (const [key, written] of new URLSearchParams(url.slice(mark + 1))) {
    const schema = members !== undefined && Object.hasOwn(members, key) ? members[key] : undefined;
    if (schema === undefined) {
      return refuseRequest('unknown-parameter', `This route takes no parameter ${shown(key)}.`, { member: shown(key) });
    }
    if (Object.hasOwn(values, key)) {
      return refuseRequest('repeated-parameter', `The parameter ${key} appears twice.`, { member: key });
    }
    const value = typed(written, schema);
    const wrong = checkParameter(key, value, schema);
    if (wrong !== undefined) return wrong;
    values[key] = value;
  }
  return values;
};

/** Checks the decoded parts of the path against their schemas. */
export const checkPath = (
  path: { readonly [name: string]: string },
  members: Members | undefined,
): DoorRefusal | undefined => {
  for (const [key, schema] of Object.entries(members ?? {})) {
    const wrong = checkParameter(key, path[key] ?? '', schema);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
};

const checkParameter = (key: string, value: Scalar, schema: Schema): DoorRefusal | undefined => {
  const wrong = checkOf(schema)(value);
  if (wrong === undefined) return undefined;
  const detail = `The parameter ${key}${wrong.detail.replace(/^The body/, '')}`;
  return refuseRequest('invalid-parameter', detail, { member: key, value: shown(value) });
};

const typed = (written: string, schema: Schema): Scalar => {
  switch (schema['type']) {
    case 'integer':
      return /^-?[0-9]{1,16}$/.test(written) ? Number(written) : written;
    case 'boolean':
      return written === 'true' ? true : written === 'false' ? false : written;
    default:
      return written;
  }
};
