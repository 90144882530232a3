/**
 * The way of one request through a route: let in, read in the right form, answered. The order is fixed, the first "no" is
 * the answer, and nothing is read of a body before its sender may send it. A fault in one request ends that request and no
 * other.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isRefusal } from '../../domain/refusals.ts';
import { type Admission, admit, identify, noteDenial, noteOf, type RequestNote, requestIdOf } from './admission.ts';
import { nobody } from './auth.ts';
import { type BodyLimits, ClientGone, readBody } from './body.ts';
import { type OpenStream, openStream, type StreamSettings } from './eventStream.ts';
import { faultRefusal } from './faults.ts';
import { fingerprintOf } from './ids.ts';
import { prefers } from './negotiation.ts';
import type { ControlPlane } from './ports.ts';
import { checkPath, readQuery } from './query.ts';
import { type DoorRefusal, refuseRequest } from './refusal.ts';
import { sendAnswer, sendEventHead, sendProblem } from './respond.ts';
import type { Answer, Exchange, Route } from './route.ts';

export type Door = Admission & {
  readonly controlPlane: ControlPlane;
  readonly limits: BodyLimits;
  readonly stream: StreamSettings;
  readonly maxStreams: number;
  readonly streams: Set<OpenStream>;
  readonly demandIfMatch: boolean;
  readonly resolveHost: Exchange['resolveHost'];
  readonly onFault: (fault: unknown, note: RequestNote) => void;
};

type Params = { readonly [name: string]: string };
type Known = Pick<Exchange, 'caller' | 'path' | 'requestId' | 'faulted'>;

/** Serves one route: never rejects. */
export const servant = (route: Route, door: Door) => {
  const types = Object.keys(route.responses['200'] ?? {});
  return async (request: IncomingMessage, response: ServerResponse, path: Params): Promise<void> => {
    const requestId = requestIdOf(request);
    const faulted = (fault: unknown): DoorRefusal => noted(fault, door, requestId, request);
    try {
      const caller = identify(route.access, door, request);
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

const noted = (fault: unknown, door: Door, requestId: string, request: IncomingMessage): DoorRefusal => {
  door.onFault(fault, noteOf(request, requestId));
  return faultRefusal(fault);
};

const answerOf = async (
  route: Route,
  door: Door,
  request: IncomingMessage,
  known: Known,
  types: readonly string[],
): Promise<Answer | DoorRefusal> => {
  const cluster = route.path.startsWith('/v1/clusters/') ? known.path['name'] : undefined;
  const denied = admit(route.access, door, known.caller, cluster) ?? unfit(route, door, request, types);
  if (denied !== undefined) return denied;
  const exchange = await exchangeOf(route, door, request, known);
  return isRefusal(exchange) ? exchange : route.answer(exchange);
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

const exchangeOf = async (
  route: Route,
  door: Door,
  request: IncomingMessage,
  known: Known,
): Promise<Exchange | DoorRefusal> => {
  const wrongPath = checkPath(known.path, route.parameters);
  if (wrongPath !== undefined) return wrongPath;
  const query = readQuery(request.url ?? '', route.query);
  if (isRefusal(query)) return query;
  const body = await readBody(request, route.body, door.limits);
  if (isRefusal(body)) return body;
  const { controlPlane, now, resolveHost, stopping } = door;
  const { headers } = request;
  return {
    ...{ ...known, controlPlane, now, resolveHost, stopping, query, headers },
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
