/**
 * The route of one command: body and path become its form's members, `Idempotency-Key` its id, `?dryRun` rehearses it,
 * `?wait` holds the answer back until the wish has arrived somewhere. One function for all commands.
 */
import { randomUUID } from 'node:crypto';
import { isRefusal } from '../../domain/refusals.ts';
import { carryOut } from './carryOut.ts';
import { bodyOf, type CommandForm } from './commandForm.ts';
import { derivedUuid } from './ids.ts';
import type { Accepted, WaitLevel } from './ports.ts';
import { freshness, freshnessHeaders } from './reads.ts';
import { type DoorRefusal, refuseRequest } from './refusal.ts';
import { type Answer, type BodyForm, type Exchange, jsonBody, type Method, type Route } from './route.ts';
import {
  account,
  anyObject,
  choice,
  list,
  type Members,
  name,
  object,
  orNull,
  position,
  record,
  type Schema,
  text,
  whole,
  yesNo,
} from './schema.ts';
import { resultSchema } from './shapes/results.ts';

const LONGEST_WAIT = 120;
const USUAL_WAIT = 10;
const LONGEST_KEY = 255;

const levels: readonly WaitLevel[] = ['projected', 'published', 'delivered', 'applied'];

export const waitQuery: Members = {
  wait: choice('Answer when the wish has got this far, or say what is missing', levels),
  timeout: whole('Seconds to wait at most', 1, LONGEST_WAIT),
};

const commandQuery: Members = {
  ...waitQuery,
  dryRun: yesNo('Only say what would happen'),
  account: account('Account, where the body or key does not say'),
};

export const commandHeaders: Members = {
  'Idempotency-Key': text('Names the wish: repeated with the same key it is carried out once', {
    maxLength: LONGEST_KEY,
  }),
  'Edgelog-Account': account('Account, where the body or key does not say'),
  'If-Match': text('Refuse if the resource has another revision'),
};

const missing = object(
  { cluster: name('Cluster'), node: name('Node'), at: orNull(position('How far it has got')) },
  ['cluster', 'at'],
  { title: 'Missing' },
);

export const waitSchema = record('Waited', {
  level: choice('What was waited for', levels),
  reached: yesNo('Whether all have got there'),
  missing: list(missing, 1_000_000, 'Who has not'),
});

export const acceptedMembers: Members = {
  accepted: { const: true },
  commandId: text('Id of the command'),
  position: position('Newest event of the command, or what its answer rests on'),
  events: whole('Events the command made; 0 when it was so already', 0),
  repeated: yesNo('Whether this is the first answer to an earlier request with the same key'),
  result: resultSchema,
};

const required = Object.keys(acceptedMembers);
export const acceptedSchema = object({ ...acceptedMembers, wait: waitSchema }, required, { title: 'Accepted' });

/** Besides these a report holds what matters for its command: of a configuration its impact and warnings. */
const reportSchema: Schema = {
  title: 'RehearsalReport',
  type: 'object',
  properties: {
    changed: yesNo('Whether anything would change'),
    events: { type: 'array', items: anyObject('An event'), description: 'The events it would make' },
    token: text('Stands for what the dry run looked at; see the parameter token'),
  },
  additionalProperties: true,
};

const rehearsalSchema = record('Rehearsal', { dryRun: { const: true }, report: reportSchema });

const rehearsalBody = ({ dryRun: _said, ...report }: { readonly [member: string]: unknown }): object => ({
  dryRun: true,
  report,
});

/** `Idempotency-Key` of one actor names one wish for ever; without it every request is a wish of its own. */
export const commandIdOf = ({ headers, caller }: Exchange): string | DoorRefusal => {
  const key = headers['idempotency-key'];
  if (key === undefined) return randomUUID();
  return typeof key === 'string' && /^[\x21-\x7e]{1,255}$/.test(key)
    ? derivedUuid('command', caller.actor, key)
    : refuseRequest('invalid-header', `Idempotency-Key takes 1 to ${LONGEST_KEY} visible ASCII characters.`, {
        member: 'Idempotency-Key',
      });
};

export const acceptedBody = (
  accepted: Accepted,
  commandId: string,
): { readonly accepted: true; readonly position: number; readonly [member: string]: unknown } => ({
  accepted: true,
  commandId,
  position: accepted.position,
  events: accepted.events,
  repeated: accepted.repeated,
  result: accepted.result,
});

type Arrival = { readonly level: WaitLevel; readonly reached: boolean; readonly missing: readonly object[] };

/** What the query wants to wait for, once the position is known. Undefined when it wants nothing. */
const awaited = async (exchange: Exchange, position: number): Promise<Arrival | undefined> => {
  const { query, controlPlane, stopping } = exchange;
  const level = query['wait'] as WaitLevel | undefined;
  if (level === undefined) return undefined;
  const timeoutMs = Number(query['timeout'] ?? USUAL_WAIT) * 1000;
  const waited = await untilStopping(controlPlane.waitFor(position, level, timeoutMs), stopping);
  return { level, reached: waited?.reached ?? false, missing: waited?.missing ?? [] };
};

/** What the promise gives, or undefined as soon as the door closes. Leaves nothing hanging on the signal. */
const untilStopping = <T>(promise: Promise<T>, stopping: AbortSignal): Promise<T | undefined> =>
  new Promise((resolve, reject) => {
    const give = (): void => resolve(undefined);
    stopping.addEventListener('abort', give, { once: true });
    if (stopping.aborted) give();
    promise.then(resolve, reject).finally(() => stopping.removeEventListener('abort', give));
  });

/** 200, or 202 when the wish is accepted and has not yet got as far as was asked for. */
export const acceptedAnswer = async (
  exchange: Exchange,
  position: number,
  body: { readonly [member: string]: unknown },
): Promise<Answer> => {
  const wait = await awaited(exchange, position);
  const network = await exchange.controlPlane.network();
  const epoch = isRefusal(network) ? {} : freshness(network);
  return {
    kind: 'json',
    status: wait?.reached === false ? 202 : 200,
    body: wait === undefined ? body : { ...body, wait },
    headers: { ...epoch, 'Edgelog-Position': String(position) },
  };
};

export type CommandPlace = {
  readonly id: string;
  readonly method: Method;
  readonly path: string;
  readonly tag: string;
  /** Parameter of the path -> member of the form. */
  readonly fromPath?: { readonly [parameter: string]: string };
  /** How the body is read, where it is not the form's members as JSON. */
  readonly body?: BodyForm;
  readonly query?: Members;
  /** The form's members of a request; body members and path members together if left out. */
  readonly input?: (exchange: Exchange) => object;
  readonly problems?: readonly string[];
};

/** Whether the If-Match header is demanded is the door's setting, not the route's. */
export const commandRoute = (form: CommandForm, place: CommandPlace): Route => {
  const fromPath = place.fromPath ?? {};
  const members = Object.values(fromPath);
  const parameters = Object.fromEntries(
    Object.entries(fromPath).map(([parameter, member]) => [parameter, form.members[member] ?? name(member)]),
  );
  const optional = form.required.every((member) => members.includes(member));
  const body = place.body ?? (place.method === 'DELETE' ? undefined : jsonBody(bodyOf(form, members), optional));
  const input =
    place.input ?? ((exchange: Exchange) => ({ ...(exchange.body as object), ...pathInput(fromPath, exchange) }));
  const { concerns } = form;
  return {
    ...{ id: place.id, method: place.method, path: place.path, tag: place.tag },
    ...{ summary: form.summary, access: form.access, parameters, command: form.type },
    ...(concerns === undefined ? {} : { concerns }),
    query: { ...commandQuery, ...place.query },
    requestHeaders: commandHeaders,
    ...(body === undefined ? {} : { body }),
    responses: {
      200: { 'application/json': { oneOf: [acceptedSchema, rehearsalSchema] } },
      202: { 'application/json': acceptedSchema },
    },
    responseHeaders: freshnessHeaders,
    problems: ['account-not-yours', 'stale-revision', 'idempotency-key-reused', ...(place.problems ?? [])],
    answer: (exchange) => answerCommand(form, input(exchange), exchange),
  };
};

const pathInput = (fromPath: { readonly [parameter: string]: string }, { path }: Exchange): object =>
  Object.fromEntries(Object.entries(fromPath).map(([parameter, member]) => [member, path[parameter]]));

const answerCommand = async (form: CommandForm, input: object, exchange: Exchange): Promise<Answer | DoorRefusal> => {
  const commandId = commandIdOf(exchange);
  if (typeof commandId !== 'string') return commandId;
  const ifMatch = exchange.headers['if-match'];
  const outcome = await carryOut(
    {
      ...{ form, input, commandId, dryRun: exchange.query['dryRun'] === true },
      ...(exchange.headers['idempotency-key'] === undefined ? {} : { fingerprint: exchange.fingerprint() }),
      ...(ifMatch === undefined ? {} : { ifMatch }),
    },
    exchange,
  );
  if (isRefusal(outcome)) return outcome;
  if ('rehearsed' in outcome) return { kind: 'json', body: rehearsalBody(outcome.rehearsed) };
  return acceptedAnswer(exchange, outcome.position, acceptedBody(outcome, commandId));
};
