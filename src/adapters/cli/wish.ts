/**
 * Carries a wish to the API with the options all wishes share: how far to wait, for how long, under which key. Every wish has
 * an Idempotency-Key, so that repeating it after a lost answer does nothing twice.
 */
import { randomUUID } from 'node:crypto';
import type { JsonReply, Query } from './api/api.ts';
import type { Method } from './api/request.ts';
import { type Call, flag } from './command.ts';
import { type Complaint, complain, isComplaint, usage } from './complaint.ts';
import { type ExitCode, exits } from './exits.ts';
import { usualTimeoutSeconds, usualWait } from './sharedOptions.ts';
import { column, type Item, tableLines } from './show/table.ts';
import { counted } from './show/text.ts';

export type Wish = {
  readonly method: Exclude<Method, 'GET'>;
  readonly path: string;
  readonly query?: Query;
  /** An object to be sent as JSON, or text that already is. */
  readonly body?: object | string;
  /** Tells the wishes of one command line apart under one given --idempotency-key. */
  readonly part?: string;
  /** Only say what would happen, as with --dry-run. */
  readonly rehearse?: boolean;
};

export type Answered = { readonly reply: JsonReply; readonly ms: number };

const ANSWER_MS = 30_000;

export const timeoutOf = ({ given }: Call): number => given.count('timeout') ?? usualTimeoutSeconds;

export const waitOf = ({ given }: Call): { readonly wait?: string; readonly timeout?: number } => {
  const wait = given.text('wait') ?? usualWait;
  return wait === 'none' ? {} : { wait, timeout: given.count('timeout') ?? usualTimeoutSeconds };
};

const keyOf = ({ given }: Call, part: string | undefined): string => {
  const key = given.text('idempotency-key');
  if (key === undefined) return randomUUID();
  return part === undefined ? key : `${key}.${part}`;
};

const headersOf = (call: Call, wish: Wish): { readonly [name: string]: string } | Complaint => {
  const revision = call.given.text('if-match');
  if (revision !== undefined && !/^[0-9]{1,15}$/.test(revision)) return usage('--if-match takes a revision: a number.');
  const key = keyOf(call, wish.part);
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) return usage('--idempotency-key takes 1 to 255 visible ASCII characters.');
  return {
    'Idempotency-Key': key,
    ...(wish.body === undefined ? {} : { 'Content-Type': 'application/json' }),
    ...(revision === undefined ? {} : { 'If-Match': `"${revision}"` }),
  };
};

/** Sends the wish; nothing is shown. */
export const send = async (call: Call, wish: Wish): Promise<Answered | Complaint> => {
  const headers = headersOf(call, wish);
  if (isComplaint(headers)) return headers;
  const waiting = call.given.flag('dry-run') || wish.rehearse === true ? { dryRun: true } : waitOf(call);
  const started = performance.now();
  const reply = await call.api.send({
    method: wish.method,
    path: wish.path,
    query: { ...waiting, ...wish.query },
    headers,
    timeoutMs: ANSWER_MS + timeoutOf(call) * 1000,
    ...(wish.body === undefined ? {} : { body: typeof wish.body === 'string' ? wish.body : JSON.stringify(wish.body) }),
  });
  return isComplaint(reply) ? reply : { reply, ms: performance.now() - started };
};

type Waited = { readonly level: string; readonly reached: boolean; readonly missing: readonly Item[] };

const waitedIn = ({ json }: JsonReply): Waited | undefined => json['wait'] as Waited | undefined;

const whoMisses = ({ missing }: Waited): string => {
  const named = missing.slice(0, 5).map(({ cluster, node, at }) => {
    const where = node === undefined ? String(cluster) : `${String(cluster)} ${String(node)}`;
    return `${where} (${at === null ? 'unknown' : `at ${String(at)}`})`;
  });
  const more = missing.length > 5 ? ` and ${missing.length - 5} more` : '';
  return named.length === 0 ? '' : ` by ${named.join(', ')}${more}`;
};

/** A complaint when the wish was accepted and did not get as far as was asked for. */
export const unconverged = (reply: JsonReply, timeoutSeconds: number): Complaint | undefined => {
  const waited = waitedIn(reply);
  if (waited === undefined || waited.reached) return undefined;
  const position = reply.json['position'] === undefined ? '' : ` at position ${String(reply.json['position'])}`;
  return complain(
    exits.unconverged,
    `Accepted${position}, but not yet ${waited.level}${whoMisses(waited)} after ${timeoutSeconds} s.`,
    'edgelog status --watch',
  );
};

/** What people are told on standard error about a wish that was accepted. */
export const words = ({ reply, ms }: Answered): string => {
  const { position, events, repeated } = reply.json;
  const waited = waitedIn(reply);
  const how = repeated === true ? 'Done before' : events === 0 ? 'Nothing to do, it is so already' : 'Done';
  const many = counted(events, 'event');
  const far = waited?.reached === true && waited.level !== 'projected' ? `, ${waited.level} everywhere` : '';
  return `${how}: position ${String(position)}, ${many}${far}, ${ms.toFixed(0)} ms.`;
};

const instanceColumns = [
  column('INSTANCE', 'instanceId'),
  column('PRIVATE', 'privateAddress'),
  column('PUBLIC', 'publicAddress'),
  column('MAC', 'macAddress'),
  column('GROUPS', 'groups'),
];

/** Ids and addresses that a command made, for `-o name`. */
export const namesIn = (result: Item): readonly unknown[] => {
  const instances = result['instances'] as readonly Item[] | undefined;
  if (instances !== undefined) return instances.map(({ instanceId }) => instanceId);
  return ['address', 'groupId', 'epoch'].flatMap((member) => (result[member] === undefined ? [] : [result[member]]));
};

const showResult = async (call: Call, reply: JsonReply): Promise<void> => {
  const { show } = call;
  const result = (reply.json['result'] ?? {}) as Item;
  if (show.format === 'name') return show.lines(namesIn(result).map(String));
  if (show.format !== 'table') return show.thing(reply.json, () => '');
  const { instances, warnings = [], return: _always, changed: _told, ...others } = result;
  for (const { path, text } of warnings as readonly Item[]) call.say(`Warning: ${String(path)}: ${String(text)}`);
  if (instances !== undefined) await show.lines(tableLines(instanceColumns, instances as readonly Item[], show.paint));
  if (Object.keys(others).length > 0) await show.thing(others, () => '');
};

/** For people the events of a dry run are their names; what they hold is in the rest of the report, or in JSON. */
const showRehearsal = async (call: Call, { json }: JsonReply): Promise<void> => {
  const report = (json['report'] ?? {}) as Item;
  const events = (report['events'] ?? []) as readonly Item[];
  const short = { ...report, events: events.map(({ type }) => type) };
  await call.show.thing(call.show.format === 'table' ? short : json, () => report['token']);
  call.say('Nothing was changed: this was a dry run.');
};

/** Shows what a wish came to, and returns the exit code that says it. */
export const showAnswered = async (call: Call, answered: Answered): Promise<ExitCode | Complaint> => {
  const { reply } = answered;
  if (reply.json['dryRun'] === true) {
    await showRehearsal(call, reply);
    return exits.ok;
  }
  await showResult(call, reply);
  const late = unconverged(reply, timeoutOf(call));
  if (late === undefined) call.say(words(answered));
  return late ?? exits.ok;
};

/** Sends a wish and shows what it came to. */
export const carry = async (call: Call, wish: Wish): Promise<ExitCode | Complaint> => {
  const answered = await send(call, wish);
  return isComplaint(answered) ? answered : showAnswered(call, answered);
};

/** What --yes means where `carryCarefully` is used. */
export const yesOption = flag('do it; on a terminal, without it, only what would happen is shown');

/** For wishes that take something away: a person at a terminal sees first what would happen, a script is taken at its word. */
export const carryCarefully = async (call: Call, wish: Wish): Promise<ExitCode | Complaint> => {
  const { given, io } = call;
  if (given.flag('yes') || given.flag('dry-run') || !io.stdout.isTerminal) return carry(call, wish);
  const code = await carry(call, { ...wish, rehearse: true });
  if (code === exits.ok) call.say('To do it, say the same with --yes.');
  return code;
};
