/**
 * RFC 9457 problems: what a refusal looks like on the wire. The catalogue maps every code to its status, a title, an
 * explanation and what to do next; a code nobody described still gets an honest fallback, never a stack.
 */
import { awsNames as groupNames } from '../../domain/groupRefusals.ts';
import { awsNames as privateNames } from '../../domain/privatePool.ts';
import { awsNames as publicNames } from '../../domain/publicPool.ts';
import type { RefusalClass } from '../../domain/refusals.ts';
import { addressProblems } from './catalogue/addresses.ts';
import { configurationProblems } from './catalogue/configuration.ts';
import { deliveryProblems } from './catalogue/delivery.ts';
import { groupProblems } from './catalogue/groups.ts';
import { instanceProblems } from './catalogue/instances.ts';
import { requestProblems } from './catalogue/requests.ts';
import { storeProblems } from './catalogue/store.ts';
import { timeProblems } from './catalogue/timeMachine.ts';
import { type DoorRefusal, escapeControls } from './refusal.ts';
import { choice, object, type Schema, text, whole } from './schema.ts';

export type ProblemEntry = {
  readonly code: string;
  readonly status: number;
  readonly title: string;
  readonly explanation: string;
  /** What the caller can do now: one or two sentences in the imperative. */
  readonly next: string;
};

/** `stale` is a precondition that no longer holds; `exhausted` is a pool or quota with nothing left. */
const statusOfClass: { readonly [C in RefusalClass]: number } = {
  invalid: 422,
  'not-found': 404,
  conflict: 409,
  exhausted: 409,
  forbidden: 403,
  stale: 412,
};

/** One row of a catalogue: a class of refusal or a status of its own, then title, explanation, next step. */
export type ProblemRow = readonly [kind: RefusalClass | number, title: string, explanation: string, next: string];
export type ProblemRows = { readonly [code: string]: ProblemRow };

const entryOf = ([code, [kind, title, explanation, next]]: readonly [string, ProblemRow]): ProblemEntry => ({
  code,
  status: typeof kind === 'number' ? kind : statusOfClass[kind],
  title,
  explanation,
  next,
});

const rows: readonly ProblemRows[] = [
  requestProblems,
  storeProblems,
  configurationProblems,
  addressProblems,
  groupProblems,
  instanceProblems,
  deliveryProblems,
  timeProblems,
];

/** Every described code, in the order of its name. */
export const problemCatalogue: ReadonlyMap<string, ProblemEntry> = new Map(
  rows
    .flatMap((table) => Object.entries(table).map(entryOf))
    .sort((a, b) => (a.code < b.code ? -1 : 1))
    .map((entry) => [entry.code, entry] as const),
);

/** Codes of wires and signatures: many, alike, and never the answer to a request of this door. */
const families: readonly (readonly [prefix: string, row: ProblemRow])[] = [
  [
    'xml-',
    [
      400,
      'The message is not XML we read',
      'A controller’s message is malformed, too large or uses what is never read (DTDs, entities).',
      'Look at the peer the status names; nothing of the message was used.',
    ],
  ],
  [
    'soap-',
    [
      400,
      'The message is not one we know',
      'A controller sent an envelope that does not follow the protocol.',
      'Look at the version and kind of the peer the status names.',
    ],
  ],
  [
    'security-',
    [
      'forbidden',
      'The message cannot be trusted',
      'A signature, certificate, time stamp or place of a signed part is not as it must be.',
      'Check keys and clocks of both sides; `edgelog keys` shows which certificates are trusted.',
    ],
  ],
];

/** For codes without a page of their own, e.g. of a newer domain than this catalogue. */
export const fallbackEntry = (code: string): ProblemEntry => ({
  code,
  status: 422,
  title: 'Refused',
  explanation: 'The request was understood and refused; the detail says why. This code has no page of its own yet.',
  next: 'Read the detail and the member it names, correct the request and send it again.',
});

export const problemEntry = (code: string): ProblemEntry => {
  const known = problemCatalogue.get(code);
  if (known !== undefined) return known;
  const family = families.find(([prefix]) => code.startsWith(prefix));
  return family === undefined ? fallbackEntry(code) : entryOf([code, family[1]]);
};

export const isDescribed = (code: string): boolean =>
  problemCatalogue.has(code) || families.some(([prefix]) => code.startsWith(prefix));

export const problemPath = (code: string): string => `/problems/${encodeURIComponent(code)}`;

export type Problem = { readonly [member: string]: unknown; readonly type: string; readonly status: number };

/** What AWS or Eucalyptus calls it, for clients that know those names. */
const awsNames: { readonly [code: string]: string } = { ...privateNames, ...publicNames, ...groupNames };

const awsMember = (code: string): object => (Object.hasOwn(awsNames, code) ? { aws: awsNames[code] } : {});

/** The problem document of a refusal. `requestId` lets an operator find the request again. */
export const problemOf = (refusal: DoorRefusal, requestId: string): Problem => {
  const entry = problemEntry(refusal.refused);
  return {
    type: problemPath(entry.code),
    title: entry.title,
    status: entry.status,
    code: entry.code,
    detail: escapeControls(refusal.detail),
    ...(refusal.member === undefined ? {} : { member: escapeControls(refusal.member) }),
    ...(refusal.value === undefined ? {} : { value: escapeControls(refusal.value) }),
    next: entry.next,
    ...awsMember(entry.code),
    requestId,
    ...refusal.more,
  };
};

export const problemSchema: Schema = object(
  {
    type: text('Address of the page that explains this problem'),
    title: text('The problem in a few words'),
    status: whole('HTTP status', 400, 599),
    code: text('Stable name of the problem'),
    detail: { type: 'string', description: 'What is wrong with this request' },
    member: { type: 'string', description: 'Path of the member that is wrong' },
    value: { type: 'string', description: 'The offending value as text' },
    next: text('What to do next', { maxLength: 4096 }),
    aws: text('What AWS or Eucalyptus calls it'),
    requestId: text('Id of this request'),
    allowed: {
      type: 'array',
      items: choice('A method', ['GET', 'PUT', 'POST', 'DELETE']),
      description: 'What is allowed here',
    },
    current: { type: ['string', 'integer'], description: 'What the precondition would have to be now' },
    position: { type: 'integer', description: 'Position in the log the problem is about' },
  },
  ['type', 'title', 'status', 'code', 'detail', 'next', 'requestId'],
  { title: 'Problem' },
);
