/**
 * Turns the one element inside a SOAP body into a message, by the table of `schema.ts`: known elements only, in schema
 * order, all in the Eucalyptus namespace, values of the right form. Bad input is a refusal naming the member. It must only
 * be given elements whose signature has been checked, when signatures are asked for.
 */
import { isRefusal, type Refusal } from '../../domain/refusals.ts';
import type { SoapMessage } from './messages.ts';
import { namespaces } from './names.ts';
import { type Field, fieldsOf, isMessageKind, type Nested } from './schema.ts';
import { soapRefusal } from './soapRefusals.ts';
import { elementsOf, hasStrayText, named, textOf } from './xmlQueries.ts';
import type { XmlElement } from './xmlTree.ts';

type Members = { [name: string]: unknown };

const wrongMember = (member: string, detail: string): Refusal =>
  soapRefusal('soap-wrong-member', detail, { member: member.slice(0, 100) });

const booleans: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
]);

const readBoolean = (text: string, path: string): boolean | Refusal =>
  booleans.get(text.trim()) ?? wrongMember(path, 'not a boolean');

const readInteger = (text: string, path: string): number | Refusal => {
  const value = /^\s*[+-]?\d{1,10}\s*$/.test(text) ? Number(text) : Number.NaN;
  return value >= -(2 ** 31) && value < 2 ** 31 ? value : wrongMember(path, 'not a signed 32 bit integer');
};

const readValue = (element: XmlElement, field: Field, path: string): unknown => {
  if (typeof field.form === 'object') return readFields(element, field.form, path);
  const text = textOf(element);
  if (text === undefined) return wrongMember(path, 'elements where text belongs');
  switch (field.form) {
    case 'text':
      return text;
    case 'boolean':
      return readBoolean(text, path);
    case 'integer':
      return readInteger(text, path);
    case 'pieces':
      return text.length === 0 ? [] : [Buffer.from(text)];
  }
};

/** The field this child belongs to: not before `cursor` unless the order is free. */
const fieldFor = (child: XmlElement, shape: Nested, cursor: number): number =>
  child.uri !== namespaces.eucalyptus
    ? -1
    : shape.fields.findIndex((field, index) => (shape.open || index >= cursor) && field.name === child.local);

const keep = (members: Members, field: Field, value: unknown): void => {
  const before = members[field.name];
  members[field.name] = field.many ? [...(Array.isArray(before) ? before : []), value] : value;
};

const readFields = (parent: XmlElement, shape: Nested, path: string): Members | Refusal => {
  const members: Members = {};
  let cursor = 0;
  if (hasStrayText(parent)) return wrongMember(path, 'text between elements');
  for (const child of elementsOf(parent)) {
    const index = fieldFor(child, shape, cursor);
    const field = shape.fields[index];
    const childPath = `${path}.${child.local}`;
    if (field === undefined) {
      if (shape.open) continue;
      return wrongMember(childPath, 'unknown, repeated or out of order');
    }
    if (!field.many && members[field.name] !== undefined) return wrongMember(childPath, 'repeated');
    const value = readValue(child, field, childPath);
    if (isRefusal(value)) return value;
    keep(members, field, value);
    cursor = field.many ? index : index + 1;
  }
  const missing = shape.fields.find((field) => field.needed && members[field.name] === undefined);
  return missing === undefined ? members : wrongMember(`${path}.${missing.name}`, 'missing');
};

const hasKind = (members: Members): members is Members & SoapMessage => 'kind' in members;

/** The message in a body's only element. `networkInfo` is not decoded here: an answer, not a fault, says if it is bad. */
export const readMessage = (payload: XmlElement): SoapMessage | Refusal => {
  const kind = payload.local;
  if (payload.uri !== namespaces.eucalyptus || !isMessageKind(kind)) {
    return soapRefusal('soap-unknown-message', `unknown element {${payload.uri.slice(0, 80)}}${kind.slice(0, 80)}`);
  }
  const members = readFields(payload, { fields: fieldsOf(kind) }, kind);
  if (isRefusal(members)) return members;
  const pieces = fieldsOf(kind).filter((field) => field.form === 'pieces');
  const message = { kind, ...Object.fromEntries(pieces.map(({ name }) => [name, []])), ...members };
  return hasKind(message) ? message : soapRefusal('soap-unknown-message', 'no message');
};

export type ReadFault = { readonly code: string; readonly text: string; readonly refused?: string };

/** A SOAP 1.1 fault, or undefined if the element is none. Texts are cut: they come from a peer and end in a log. */
export const readFault = (payload: XmlElement): ReadFault | undefined => {
  if (payload.uri !== namespaces.soap || payload.local !== 'Fault') return undefined;
  const first = (parent: XmlElement, uri: string, local: string): string | undefined => {
    const [element] = named(parent, uri, local);
    return element === undefined ? undefined : (textOf(element) ?? '').slice(0, 300);
  };
  const [detail] = named(payload, '', 'detail');
  const refused = detail === undefined ? undefined : first(detail, namespaces.eucalyptus, 'refused');
  return {
    code: first(payload, '', 'faultcode') ?? '',
    text: first(payload, '', 'faultstring') ?? '',
    ...(refused === undefined ? {} : { refused }),
  };
};
