/**
 * RFC 9457 problems: what a refusal looks like on the wire. The catalogue maps every code to its status, a title, an
 * explanation and what to do next; a code nobody described still gets an honest fallback, never a stack.
 */
import type { RefusalClass } from '../../domain/refusals.ts';
import { addressProblems } from './catalogue/addresses.ts';
import { configurationProblems } from './catalogue/configuration.ts';
import { groupProblems } from './catalogue/groups.ts';
import { instanceProblems } from './catalogue/instances.ts';
import { requestProblems } from './catalogue/requests.ts';
import { storeProblems } from './catalogue/store.ts';
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
];

/** Every described code, in the order of its name. */
export const problemCatalogue: ReadonlyMap<string, ProblemEntry> = new Map(
  rows
    .flatMap((table) => Object.entries(table).map(entryOf))
    .sort((a, b) => (a.code < b.code ? -1 : 1))
    .map((entry) => [entry.code, entry] as const),
);

/** For codes without a page of their own, e.g. of a newer domain than this catalogue. */
export const fallbackEntry = (code: string): ProblemEntry => ({
  code,
  status: 422,
  title: 'Refused',
  explanation: 'The request was understood and refused; the detail says why. This code has no page of its own yet.',
  next: 'Read the detail and the member it names, correct the request and send it again.',
});

export const problemEntry = (code: string): ProblemEntry => problemCatalogue.get(code) ?? fallbackEntry(code);

export const problemPath = (code: string): string => `/problems/${encodeURIComponent(code)}`;

export type Problem = { readonly [member: string]: unknown; readonly type: string; readonly status: number };

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
    next: text('What to do next'),
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
