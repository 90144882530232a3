/**
 * The way of one request: meant for us? from whom? may they? in the right form? — then the route's answer. The order is
 * fixed, the first "no" is the answer, and nothing is read of a body before its sender may send it. A fault in one request
 * ends that request and no other.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isRefusal } from '../../domain/refusals.ts';
import { authenticate, authorize, type Keyring, nobody } from './auth.ts';
import { type BodyLimits, ClientGone, readBody } from './body.ts';
import { type OpenStream, openStream, type StreamSettings } from './eventStream.ts';
import { faultRefusal } from './faults.ts';
import { foreignOrigin, type HostCheck } from './hosts.ts';
import { fingerprintOf } from './ids.ts';
import { prefers } from './negotiation.ts';
import type { ControlPlane } from './ports.ts';
import { checkPath, readQuery } from './query.ts';
import type { RateGate } from './rateLimit.ts';
import { type DoorRefusal, escapeControls, refuseRequest } from './refusal.ts';
import { sendAnswer, sendEventHead, sendProblem } from './respond.ts';
import type { Answer, Caller, Exchange, Route } from './route.ts';

/** A request that was not let in, for the audit of those who run this door. Never holds a credential. */
export type DenialNote = FaultNote & { readonly code: string; readonly actor: string };

export type FaultNote = { readonly requestId: string; readonly method: string; readonly path: string };

export type Door = {
  readonly controlPlane: ControlPlane;
  readonly keyring: Keyring;
  readonly hostCheck: HostCheck;
  readonly rateGate: RateGate | undefined;
  readonly limits: BodyLimits;
  readonly stream: StreamSettings;
  readonly maxStreams: number;
  readonly streams: Set<OpenStream>;
  readonly demandIfMatch: boolean;
  readonly now: () => number;
  readonly resolveHost: Exchange['resolveHost'];
  readonly onFault: (fault: unknown, note: FaultNote) => void;
  readonly onDenied: (note: DenialNote) => void;
  readonly stopping: () => boolean;
};

type Params = { readonly [name: string]: string };

const requestIdForm = /^[A-Za-z0-9._:-]{1,128}$/;

export const requestIdOf = ({ headers }: IncomingMessage): string => {
  const given = headers['x-request-id'];
  return typeof given === 'string' && requestIdForm.test(given) ? given : randomUUID();
};

/** Serves one route: never rejects. */
export const servant = (route: Route, door: Door) => {
  const types = Object.keys(route.responses['200'] ?? {});
  return async (request: IncomingMessage, response: ServerResponse, path: Params): Promise<void> => {
    const requestId = requestIdOf(request);
    const faulted = (fault: unknown): DoorRefusal => noted(fault, door, requestId, request);
    try {
      const caller = identify(route, door, request);
      const known = { caller: isRefusal(caller) ? nobody : caller, path, requestId, faulted };
      const answer = isRefusal(caller) ? caller : await answerOf(route, door, request, known, types);
      if (isRefusal(answer)) {
        noteDenial(answer, door, noteOf(request, requestId), known.caller);
        sendProblem(response, requestId, answer);
      } else if (answer.kind === 'events') serveStream(response, requestId, answer, door);
      else await sendAnswer(response, requestId, answer);
    } catch (fault) {
      if (fault instanceof ClientGone) response.destroy();
      else sendProblem(response, requestId, faulted(fault));
    }
  };
};

const noteOf = ({ method, url }: IncomingMessage, requestId: string): FaultNote => ({
  requestId,
  method: method ?? '',
  path: escapeControls((url ?? '').split('?', 1)[0] ?? ''),
});

const noted = (fault: unknown, door: Door, requestId: string, request: IncomingMessage): DoorRefusal => {
  door.onFault(fault, noteOf(request, requestId));
  return faultRefusal(fault);
};

const denials: ReadonlySet<string> = new Set([
  'unauthenticated',
  'forbidden',
  'account-not-yours',
  'foreign-origin',
  'misdirected-host',
]);

const noteDenial = ({ refused }: DoorRefusal, door: Door, note: FaultNote, { actor }: Caller): void => {
  if (denials.has(refused)) door.onDenied({ ...note, code: refused, actor });
};

/** Meant for us, and from whom? */
const identify = (route: Route, door: Door, { headers }: IncomingMessage): Caller | DoorRefusal => {
  if (door.stopping()) return refuseRequest('stopping', 'This control plane is stopping.', { headers: closing });
  const misdirected = door.hostCheck(headers) ?? (route.method === 'GET' ? undefined : foreignOrigin(headers));
  if (misdirected !== undefined) return misdirected;
  return route.access === 'anyone' ? nobody : authenticate(door.keyring, headers.authorization, door.now());
};

const answerOf = async (
  route: Route,
  door: Door,
  request: IncomingMessage,
  known: Known,
  types: readonly string[],
): Promise<Answer | DoorRefusal> => {
  const cluster = route.path.startsWith('/v1/clusters/') ? known.path['name'] : undefined;
  const denied =
    authorize(route.access, known.caller, cluster) ?? tooFast(door, known.caller) ?? unfit(route, door, request, types);
  if (denied !== undefined) return denied;
  const exchange = await exchangeOf(route, door, request, known);
  return isRefusal(exchange) ? exchange : route.answer(exchange);
};

const closing = { Connection: 'close', 'Retry-After': '1' };

const tooFast = (door: Door, caller: Caller): DoorRefusal | undefined => {
  const wait = caller === nobody ? 0 : (door.rateGate?.(caller.keyId, door.now()) ?? 0);
  const headers = { 'Retry-After': String(Math.ceil(wait)) };
  return wait > 0 ? refuseRequest('too-many-requests', 'This key asks faster than it may.', { headers }) : undefined;
};

const unfit = (
  route: Route,
  door: Door,
  { headers }: IncomingMessage,
  types: readonly string[],
): DoorRefusal | undefined => {
  if (types.length > 0 && prefers(headers.accept, types) === undefined) {
    return refuseRequest('not-acceptable', `This route answers as ${types.join(' or ')}.`);
  }
  const replaces = route.concerns !== undefined && (route.method === 'PUT' || route.method === 'DELETE');
  return door.demandIfMatch && replaces && headers['if-match'] === undefined
    ? refuseRequest('precondition-required', 'This route takes If-Match here.', { member: 'If-Match' })
    : undefined;
};

type Known = Pick<Exchange, 'caller' | 'path' | 'requestId' | 'faulted'>;

const exchangeOf = async (
  route: Route,
  door: Door,
  request: IncomingMessage,
  known: Known,
): Promise<Exchange | DoorRefusal> => {
  const url = request.url ?? '';
  const wrongPath = checkPath(known.path, route.parameters);
  if (wrongPath !== undefined) return wrongPath;
  const query = readQuery(url, route.query);
  if (isRefusal(query)) return query;
  const body = await readBody(request, route.body, door.limits);
  if (isRefusal(body)) return body;
  const { controlPlane, now, resolveHost } = door;
  const { headers } = request;
  return {
    ...{ ...known, controlPlane, now, resolveHost, query, headers },
    body: body.value,
    fingerprint: () => fingerprint(request, query, body.raw),
  };
};

/** What a wish says; how long its sender wants to wait for it is no part of that. */
const fingerprint = ({ method, url, headers }: IncomingMessage, query: Exchange['query'], raw: Uint8Array): string => {
  const account = String(query['account'] ?? headers['edgelog-account'] ?? '');
  return fingerprintOf(method ?? '', (url ?? '').split('?', 1)[0] ?? '', account, String(query['token'] ?? ''), raw);
};

const serveStream = (
  response: ServerResponse,
  requestId: string,
  answer: Extract<Answer, { readonly kind: 'events' }>,
  door: Door,
): void => {
  if (door.streams.size >= door.maxStreams) {
    sendProblem(response, requestId, refuseRequest('too-many-streams', `${door.maxStreams} streams are open.`));
    return;
  }
  sendEventHead(response, requestId, answer);
  if (response.req.method === 'HEAD') {
    response.end();
    return;
  }
  const stream = openStream(response, door.stream, answer.open);
  door.streams.add(stream);
  stream.closed.then(() => door.streams.delete(stream));
};
