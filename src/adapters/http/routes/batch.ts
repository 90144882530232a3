/**
 * Many commands in one request: an array, or one command on each line. Each has its own answer, in the order it was sent.
 * A malformed or refused command keeps none of the others back.
 */
import { isRefusal } from '../../../domain/refusals.ts';
import { authorize } from '../auth.ts';
import { createSequencer, type Touches, touchesOf } from '../batchOrder.ts';
import { carryOut } from '../carryOut.ts';
import { type CommandForm, itemOf } from '../commandForm.ts';
import {
  acceptedAnswer,
  acceptedBody,
  acceptedMembers,
  commandHeaders,
  commandIdOf,
  waitQuery,
  waitSchema,
} from '../commandRoute.ts';
import { commandForms } from '../forms/all.ts';
import { derivedUuid } from '../ids.ts';
import { problemOf, problemSchema } from '../problems.ts';
import { type DoorRefusal, refuseRequest, shown } from '../refusal.ts';
import { type Answer, type Exchange, operatorsInAccount, type Route } from '../route.ts';
import { account, list, object, type Schema, whole } from '../schema.ts';
import { checkOf } from '../validation.ts';

const MOST_ITEMS = 10_000;
/** Commands under way at once: enough to fill a commit, few enough to stay small. */
const MOST_AT_ONCE = 512;

const itemSchemas: ReadonlyMap<string, Schema> = new Map(
  Array.from(commandForms, ([type, form]) => [type, itemOf(form)] as const),
);

const resultSchema: Schema = {
  title: 'BatchResult',
  oneOf: [
    object({ index: whole('Place in the batch', 0), ...acceptedMembers }, ['index', ...Object.keys(acceptedMembers)]),
    object({ index: whole('Place in the batch', 0), accepted: { const: false }, problem: problemSchema }, [
      'index',
      'accepted',
      'problem',
    ]),
  ],
};

const batchSchema = object(
  {
    results: { type: 'array', items: resultSchema },
    accepted: whole('How many were accepted', 0),
    refused: whole('How many were refused', 0),
    wait: waitSchema,
  },
  ['results', 'accepted', 'refused'],
  { title: 'BatchResults' },
);

const { 'If-Match': _noOneResource, ...batchHeaders } = commandHeaders;

type Item = { readonly form: CommandForm; readonly input: object } | DoorRefusal;
type Result = { readonly index: number; readonly accepted: boolean; readonly position?: number };

/** The form and members of one item, or what is wrong with it. */
export const itemIn = (value: unknown, exchange: Exchange): Item => {
  const { command, ...input } = (typeof value === 'object' && value !== null ? value : {}) as {
    readonly command?: unknown;
  };
  const form = commandForms.get(String(command));
  const schema = itemSchemas.get(String(command));
  if (form === undefined || schema === undefined) {
    return refuseRequest('unknown-command', `There is no command ${shown(command ?? 'without a name')}.`, {
      member: 'command',
    });
  }
  const named = (input as { readonly cluster?: string }).cluster;
  return authorize(form.access, exchange.caller, named) ?? checkOf(schema)(value) ?? { form, input };
};

const carryOutItem = async (item: Item, index: number, base: string, exchange: Exchange): Promise<Result> => {
  const commandId = derivedUuid('batch', base, String(index));
  const keyed = exchange.headers['idempotency-key'] !== undefined;
  const wish = { commandId, ...(keyed ? { fingerprint: exchange.fingerprint() } : {}) };
  const outcome = isRefusal(item) ? item : await carryOut({ ...item, ...wish }, exchange).catch(exchange.faulted);
  if (isRefusal(outcome)) return { index, accepted: false, ...{ problem: problemOf(outcome, exchange.requestId) } };
  if ('rehearsed' in outcome) throw new Error('A batch is never rehearsed');
  return { index, ...acceptedBody(outcome, commandId) };
};

const touched = (item: Item): Touches =>
  isRefusal(item) ? { changes: [], uses: [] } : touchesOf(item.form.type, item.input);

/** Starts the commands in order, each as soon as those it must wait for are through; results come in the order sent. */
async function* resultsOf(values: readonly unknown[], base: string, exchange: Exchange): AsyncGenerator<Result> {
  const sequencer = createSequencer();
  const underWay: Promise<Result>[] = [];
  for (const [index, value] of values.entries()) {
    const item = itemIn(value, exchange);
    const touches = touched(item);
    const waits = sequencer.after(touches);
    const start = () => carryOutItem(item, index, base, exchange);
    const result = waits.length === 0 ? start() : Promise.all(waits).then(start);
    sequencer.started(
      touches,
      result.catch(() => undefined),
    );
    result.catch(() => undefined);
    underWay.push(result);
    if (underWay.length >= MOST_AT_ONCE) yield await (underWay.shift() as Promise<Result>);
  }
  for (const result of underWay) yield await result;
}

async function* linesOf(results: AsyncIterable<Result>): AsyncGenerator<string> {
  for await (const result of results) yield `${JSON.stringify(result)}\n`;
}

const answerWhole = async (results: AsyncIterable<Result>, exchange: Exchange): Promise<Answer> => {
  const all: Result[] = [];
  for await (const result of results) all.push(result);
  const accepted = all.filter((result) => result.accepted).length;
  const newest = all.reduce((position, result) => Math.max(position, result.position ?? -1), -1);
  return acceptedAnswer(exchange, newest, { results: all, accepted, refused: all.length - accepted });
};

const answerBatch = (exchange: Exchange): Promise<Answer> | Answer | DoorRefusal => {
  const values = exchange.body as readonly unknown[];
  if (values.length > MOST_ITEMS) {
    return refuseRequest(
      'batch-too-long',
      `The batch has ${values.length} commands; at most ${MOST_ITEMS} go into one.`,
    );
  }
  if (exchange.headers['if-match'] !== undefined) {
    return refuseRequest('invalid-header', 'A batch is not about one resource.', { member: 'If-Match' });
  }
  const base = commandIdOf(exchange);
  if (typeof base !== 'string') return base;
  const inLines = exchange.headers['content-type']?.startsWith('application/json') !== true;
  if (inLines && exchange.query['wait'] !== undefined) {
    return refuseRequest('invalid-parameter', 'Only a batch sent as an array can wait.', { member: 'wait' });
  }
  const results = resultsOf(values, base, exchange);
  return inLines
    ? { kind: 'lines', type: 'application/x-ndjson', lines: linesOf(results) }
    : answerWhole(results, exchange);
};

export const batchRoutes: readonly Route[] = [
  {
    id: 'postBatch',
    method: 'POST',
    path: '/v1/batch',
    tag: 'batch',
    summary: 'Many commands in one request, each with its own answer; roles are checked for each command',
    access: operatorsInAccount,
    query: { ...waitQuery, account: account('Account of commands that name none') },
    requestHeaders: batchHeaders,
    body: {
      kind: 'batch',
      schema: list({ oneOf: [...itemSchemas.values()] }, MOST_ITEMS, 'Commands'),
      types: ['application/json', 'application/x-ndjson', 'application/ndjson'],
      limit: 'batch',
    },
    responses: {
      200: { 'application/json': batchSchema, 'application/x-ndjson': resultSchema },
      202: { 'application/json': batchSchema },
    },
    problems: ['batch-too-long', 'unknown-command'],
    answer: answerBatch,
  },
];
