/**
 * Checks values against our schemas with ajv, and says in one sentence what is wrong and where. Stops at the first fault
 * (untrusted input must not buy work), takes no references to data, and never compiles a schema that came from outside.
 * It must not change what it checks: no defaults, no coercion, no removal of members.
 */
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { pathText } from '../../domain/strictJson.ts';
import { type DoorRefusal, refuseRequest, shown } from './refusal.ts';
import type { Schema } from './schema.ts';

export type Check = (value: unknown) => DoorRefusal | undefined;

const dateTime = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})$/;

export const ajvOptions = {
  strict: true,
  allErrors: false,
  $data: false,
  coerceTypes: false,
  useDefaults: false,
  removeAdditional: false,
  ownProperties: true,
  strictTypes: false,
  formats: { 'date-time': dateTime },
} as const;

const ajv = new Ajv2020(ajvOptions);
const compiled = new WeakMap<Schema, ValidateFunction>();

/** Compiled when first used and kept for as long as the schema lives. */
const validatorOf = (schema: Schema): ValidateFunction => {
  const known = compiled.get(schema);
  if (known !== undefined) return known;
  const fresh = ajv.compile(schema);
  compiled.set(schema, fresh);
  return fresh;
};

/** A check whose refusals name the member by its path, e.g. `permissions[0].fromPort`. */
export const checkOf =
  (schema: Schema): Check =>
  (value) => {
    const validate = validatorOf(schema);
    if (validate(value)) return undefined;
    const fault = validate.errors?.[0];
    return fault === undefined
      ? refuseRequest('invalid-member', 'The body does not have the form this request takes.')
      : faultRefusal(fault, value);
  };

const faultRefusal = (fault: ErrorObject, root: unknown): DoorRefusal => {
  const steps = stepsOf(fault.instancePath);
  const params: { readonly [name: string]: unknown } = fault.params;
  if (fault.keyword === 'additionalProperties') {
    const member = pathText([...steps, String(params['additionalProperty'])]);
    return refuseRequest('unknown-member', `${shown(member)} is not a member of this request.`, { member });
  }
  if (fault.keyword === 'required') {
    const member = pathText([...steps, String(params['missingProperty'])]);
    return refuseRequest('missing-member', `${member} is missing.`, { member });
  }
  const member = pathText(steps);
  const where = member === '' ? 'The body' : shown(member);
  const value = shown(valueAt(root, steps));
  const detail = `${where} ${sentenceOf(fault)}.`;
  return refuseRequest(fault.keyword === 'type' ? 'wrong-type' : 'invalid-member', detail, {
    ...(member === '' ? {} : { member }),
    value,
  });
};

const sentenceOf = (fault: ErrorObject): string => {
  const params: { readonly [name: string]: unknown } = fault.params;
  switch (fault.keyword) {
    case 'type':
      return `must be of type ${String(params['type'])}`;
    case 'enum':
      return `must be one of ${(params['allowedValues'] as readonly unknown[]).map(String).join(', ')}`;
    case 'pattern':
      return `does not have the form ${String(params['pattern'])}`;
    default:
      return fault.message ?? 'is not allowed';
  }
};

/** `/permissions/0/fromPort` -> `['permissions', 0, 'fromPort']`. */
const stepsOf = (pointer: string): (string | number)[] =>
  pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((step) => (/^[0-9]+$/.test(step) ? Number(step) : step));

const valueAt = (root: unknown, steps: readonly (string | number)[]): unknown =>
  steps.reduce<unknown>(
    (value, step) => (value as { readonly [name: string | number]: unknown } | undefined)?.[step],
    root,
  );
