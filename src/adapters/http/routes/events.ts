/** Routes of the log: pages by position from either end, and the stream that follows it. */
import type { DomainEvent, EventType } from '../../../domain/events.ts';
import type { Recorded } from '../../../domain/recorded.ts';
import { isRefusal } from '../../../domain/refusals.ts';
import { subjectsOf } from '../../../domain/subjects.ts';
import { timeOf } from '../moments.ts';
import type { EventQuery } from '../ports.ts';
import { freshness, freshnessHeaders } from '../reads.ts';
import { type DoorRefusal, refuseRequest, shown } from '../refusal.ts';
import { type Answer, type Exchange, everyone, jsonAnswer, type Route, type StreamSink } from '../route.ts';
import { choice, type Members, name, orNull, position, record, text, whole } from '../schema.ts';
import { eventBody, eventSchema } from '../shapes/events.ts';

const tag = 'events';
const USUAL_PAGE = 100;
const LARGEST_PAGE = 1000;

const filters: Members = {
  stream: name('Only of this stream', 400),
  type: name('Only of this type', 100),
  subject: name('Only about this: an instance, a group, an address, a cluster, a node'),
  actor: name('Only by this actor'),
  correlationId: name('Only of this request or process'),
};

const timeQuery = text('A time with its zone, e.g. 2026-03-01T02:14:00Z', { maxLength: 40 });

type Filter = Pick<EventQuery, 'stream' | 'type' | 'subject' | 'actor' | 'correlationId'>;

const filterOf = ({ query }: Exchange): Filter =>
  Object.fromEntries(Object.keys(filters).flatMap((key) => (query[key] === undefined ? [] : [[key, query[key]]])));

const timeIn = ({ query }: Exchange, key: 'from' | 'to'): { readonly [key: string]: number } | DoorRefusal => {
  const written = query[key];
  if (written === undefined) return {};
  const time = timeOf(String(written));
  return time === undefined
    ? refuseRequest('invalid-moment', `${key}: ${shown(written)} is not a time with its zone.`, { member: key })
    : { [key]: time };
};

const answerPage = async (exchange: Exchange): Promise<Answer | DoorRefusal> => {
  const { query, controlPlane } = exchange;
  const [since, until] = [timeIn(exchange, 'from'), timeIn(exchange, 'to')];
  if (isRefusal(since)) return since;
  if (isRefusal(until)) return until;
  const page = await controlPlane.events({
    after: Number(query['after'] ?? -1),
    ...(query['before'] === undefined ? {} : { before: Number(query['before']) }),
    order: query['order'] === 'newest' ? 'newest' : 'oldest',
    limit: Number(query['limit'] ?? USUAL_PAGE),
    ...filterOf(exchange),
    ...since,
    ...until,
  });
  const network = await controlPlane.network();
  if (isRefusal(network)) return network;
  return {
    kind: 'json',
    body: { events: page.events.map(eventBody), next: page.next },
    headers: freshness(network),
  };
};

const matches = (filter: Filter, recorded: Recorded<DomainEvent>): boolean =>
  (filter.stream === undefined || recorded.stream === filter.stream) &&
  (filter.type === undefined || recorded.event.type === (filter.type as EventType)) &&
  (filter.actor === undefined || recorded.actor === filter.actor) &&
  (filter.correlationId === undefined || recorded.correlationId === filter.correlationId) &&
  (filter.subject === undefined || subjectsOf(recorded.event).includes(filter.subject));

/** One event as the browser's EventSource reads it; JSON has no raw line breaks, so one `data` line holds it. */
export const eventFrame = (recorded: Recorded<DomainEvent>): string =>
  `id: ${recorded.position}\ndata: ${JSON.stringify(eventBody(recorded))}\n\n`;

/** Where to go on: `Last-Event-ID` of a reconnecting client wins over `?after`; neither means from now on. */
const startOf = ({ headers, query }: Exchange, newest: number): number | DoorRefusal => {
  const last = headers['last-event-id'];
  if (last === undefined || last === '') return Number(query['after'] ?? newest);
  return typeof last === 'string' && /^-?[0-9]{1,15}$/.test(last)
    ? Number(last)
    : refuseRequest('invalid-header', 'Last-Event-ID takes the position of an event.', { member: 'Last-Event-ID' });
};

const followInto = (sink: StreamSink, exchange: Exchange, after: number): (() => void) => {
  const filter = filterOf(exchange);
  return exchange.controlPlane.follow(
    after,
    async (events) => {
      const frames = events.filter((recorded) => matches(filter, recorded)).map(eventFrame);
      if (frames.length > 0) await sink.write(frames.join(''));
    },
    (fault) => sink.end(exchange.faulted(fault).detail),
  );
};

const answerStream = async (exchange: Exchange): Promise<Answer | DoorRefusal> => {
  const network = await exchange.controlPlane.network();
  if (isRefusal(network)) return network;
  const after = startOf(exchange, network.position);
  if (isRefusal(after)) return after;
  return { kind: 'events', open: (sink) => followInto(sink, exchange, after), headers: freshness(network) };
};

export const eventRoutes: readonly Route[] = [
  {
    id: 'listEvents',
    method: 'GET',
    path: '/v1/events',
    tag,
    summary: 'Events in the order of the log, or with order=newest from its end',
    access: everyone,
    query: {
      order: choice('From which end; left out: the oldest first', ['oldest', 'newest']),
      after: position('Only events behind this position'),
      before: position('Only events before this position'),
      limit: whole('Most events of a page', 1, LARGEST_PAGE),
      ...filters,
      from: timeQuery,
      to: timeQuery,
    },
    responses: jsonAnswer(
      record('Events', {
        events: { type: 'array', items: eventSchema },
        next: orNull(position('Where to go on: the next after, with order=newest the next before; null at the end')),
      }),
    ),
    responseHeaders: freshnessHeaders,
    problems: ['invalid-moment'],
    answer: answerPage,
  },
  {
    id: 'streamEvents',
    method: 'GET',
    path: '/v1/events/stream',
    tag,
    summary: 'Server-sent events: follows the log; resumes from Last-Event-ID',
    access: everyone,
    query: { after: position('Start behind this position; left out: from now on'), ...filters },
    requestHeaders: { 'Last-Event-ID': text('Position of the last event the client has') },
    responses: { 200: { 'text/event-stream': { type: 'string' } } },
    responseHeaders: freshnessHeaders,
    problems: ['too-many-streams'],
    answer: answerStream,
  },
];
