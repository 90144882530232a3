/**
 * Stories through the door over the real control plane, as golden transcripts in `stories/`; every request and every answer in
 * them agrees with the served OpenAPI document, and together they go through every operation it has.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { routeTable } from '../../../src/adapters/http/server.ts';
import { type Client, openDoor, type Reply } from './client.ts';
import { type House, openHouse } from './house.ts';
import { type OpenApiDocument, openApiDocument } from './openApiDocument.ts';
import { readStory, type Step, writeAnswer, writeStep } from './transcript.ts';

const folder = join(import.meta.dirname, 'stories');
const seen = new Set<string>();
const played = new Set<string>();

type Request = Extract<Step, { readonly kind: 'request' }>;

const typeOf = ({ headers, body }: Request): string | undefined =>
  headers['Content-Type'] ?? (body === undefined ? undefined : 'application/json');

/** What a validator sees of a body: JSON as a value, lines as an array, anything else as text. */
const valueIn = (type: string | undefined, text: string | undefined): unknown => {
  if (text === undefined) return undefined;
  if (type?.startsWith('application/x-ndjson'))
    return text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  if (!/json/.test(type ?? '')) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

/** A request that is refused for its form is meant to disagree; all others and all answers must agree. */
const checkAgreement = (document: OpenApiDocument, request: Request, reply: Reply): void => {
  const { method, path } = request;
  const operation = document.operationOf(method, path);
  if (operation === undefined) {
    assert.ok([404, 405].includes(reply.status), `${method} ${path} is not described and answered ${reply.status}`);
    return;
  }
  if (reply.status < 400) seen.add(operation);
  const type = typeOf(request);
  const faults = document.faultsOfRequest(method, path, type, valueIn(type, request.body));
  if (reply.status < 400) assert.deepEqual(faults, [], `request ${method} ${path}`);
  const answerType = reply.headers['content-type'];
  const value = answerType === 'application/x-ndjson' ? undefined : valueIn(answerType, reply.text);
  if (value === undefined) return;
  assert.deepEqual(
    document.faultsOfAnswer(method, path, reply.status, answerType, value),
    [],
    `${method} ${path}: ${reply.text}`,
  );
};

const play = async (
  step: Step,
  house: House,
  door: Client,
  document: OpenApiDocument,
  index: number,
): Promise<string> => {
  if (step.kind === 'words') return writeStep(step);
  if (step.kind === 'stage') {
    if (step.what === 'pass') house.pass(Number(step.argument));
    else if (step.what === 'deliver') house.deliver(step.argument);
    else throw new Error(`Expected a stage direction, got ${step.what}`);
    return writeStep(step);
  }
  house.pass(1);
  const key = step.method === 'GET' ? {} : { 'Idempotency-Key': `key-${index}` };
  const headers = { 'X-Request-Id': `request-${index}`, ...key, ...step.headers };
  const reply = await door.send(step.method, step.path, step.body, headers);
  const position = Number(reply.headers['edgelog-position'] ?? -1);
  if (step.method !== 'GET' && reply.status < 300) await house.reached(position);
  checkAgreement(document, step, reply);
  return `${writeStep(step)}\n\n${writeAnswer(reply.status, reply.headers, reply.text)}`;
};

const stories = readdirSync(folder)
  .filter((name) => name.endsWith('.txt'))
  .sort();

for (const name of stories) {
  test(`story ${name}`, async (t) => {
    const house = await openHouse();
    t.after(() => house.stop());
    const door = await openDoor(t, {
      controlPlane: house.controlPlane,
      now: house.now,
      resolveHost: async (host) => (/^[0-9.]+$/.test(host) ? host : '0.0.0.0'),
      onFault: (fault) => assert.fail(fault as Error),
    });
    const document = openApiDocument((await door.send('GET', '/openapi.json')).body);
    const text = readFileSync(join(folder, name), 'utf8');
    const lines: string[] = [];
    for (const [index, step] of readStory(text).entries()) lines.push(await play(step, house, door, document, index));
    const now = `${lines.join('\n\n')}\n`;
    played.add(name);
    if (process.env['REWRITE'] === '1') writeFileSync(join(folder, name), now);
    else assert.equal(now, text);
  });
}

test('together the stories go through every operation', () => {
  assert.equal(played.size, stories.length);
  const told = new Set([
    'GET /v1/events/stream',
    'GET /metrics',
    'GET /openapi.json',
    'GET /',
    'GET /problems',
    'GET /problems/{code}',
  ]);
  const all = routeTable('0').map(({ method, path }) => `${method} ${path}`);
  assert.deepEqual(
    all.filter((operation) => !seen.has(operation) && !told.has(operation)),
    [],
  );
});
