/** Routes of the time machine that only look: moments, differences, blame, why, history, traces, and what if. */
import { isRefusal } from '../../../domain/refusals.ts';
import { edgeIn, edgeMembers } from '../edgeQuery.ts';
import { clusterName } from '../forms/clusters.ts';
import { momentOf, momentSchema } from '../moments.ts';
import type { Moment } from '../ports.ts';
import { momentIn } from '../reads.ts';
import type { DoorRefusal } from '../refusal.ts';
import { type Answer, type Exchange, everyone, json, jsonAnswer, type Route } from '../route.ts';
import { type Members, name, position, text, whole, yesNo } from '../schema.ts';
import * as shapes from '../shapes/timeMachine.ts';
import type { Shown, TimeMachinePort } from '../timePorts.ts';

const tag = 'time machine';
const USUAL_LINES = 1_000;
const MOST_LINES = 10_000;
const outside = ['moment-not-found', 'moment-before-log', 'invalid-moment'];

type Ask = (exchange: Exchange) => Promise<Shown | DoorRefusal> | DoorRefusal;

const answering =
  (ask: Ask) =>
  async (exchange: Exchange): Promise<Answer | DoorRefusal> => {
    const found = await ask(exchange);
    return isRefusal(found) ? found : json(shapes.shownTimes(found));
  };

const momentNamed = ({ query }: Exchange, member: string): Moment | DoorRefusal | undefined =>
  query[member] === undefined ? undefined : momentOf(String(query[member]), member);

const textNamed = ({ query }: Exchange, member: string): string | undefined =>
  query[member] === undefined ? undefined : String(query[member]);

const reading = (route: Omit<Route, 'method' | 'tag' | 'access' | 'answer'>, ask: Ask): Route => ({
  method: 'GET',
  tag,
  access: everyone,
  ...route,
  answer: answering(ask),
});

const atQuery: Members = { at: momentSchema };

const diff = (time: TimeMachinePort): Route =>
  reading(
    {
      id: 'getDiff',
      path: '/v1/diff',
      summary: 'What differs between two moments: in network words with authors, and line by line',
      query: {
        from: momentSchema,
        to: momentSchema,
        cluster: clusterName,
        context: whole('Lines around a difference', 0, 1000),
      },
      responses: jsonAnswer(shapes.differenceAnswer),
      problems: [...outside, 'cluster-not-found', 'missing-parameter'],
    },
    (exchange) => {
      const [from, to] = [momentNamed(exchange, 'from'), momentNamed(exchange, 'to')];
      if (from === undefined) return { refused: 'missing-parameter', detail: 'Say from which moment.', member: 'from' };
      if (isRefusal(from)) return from;
      if (isRefusal(to)) return to;
      const cluster = textNamed(exchange, 'cluster');
      const { context } = exchange.query;
      return time.diff({
        from,
        ...(to === undefined ? {} : { to }),
        ...(cluster === undefined ? {} : { cluster }),
        ...(context === undefined ? {} : { context: Number(context) }),
      });
    },
  );

const blameRoute = (time: TimeMachinePort): Route =>
  reading(
    {
      id: 'getBlame',
      path: '/v1/clusters/{name}/blame',
      summary:
        'Every line of a cluster’s document with the event that put it there; with gone, of lines that went since',
      parameters: { name: clusterName },
      query: {
        ...atQuery,
        gone: yesNo('Lines that stood at `since` and stand no more'),
        since: momentSchema,
        match: text('Only lines with this text, or about this instance or group', { maxLength: 200 }),
        after: whole('Only lines behind this one', 0),
        limit: whole('Most lines', 1, MOST_LINES),
      },
      responses: jsonAnswer(shapes.blameAnswer),
      problems: [...outside, 'no-document', 'missing-parameter'],
    },
    (exchange) => {
      const [at, since] = [momentIn(exchange), momentNamed(exchange, 'since')];
      if (isRefusal(at)) return at;
      if (isRefusal(since)) return since;
      const match = textNamed(exchange, 'match');
      const query = {
        cluster: exchange.path['name'] ?? '',
        after: Number(exchange.query['after'] ?? 0),
        limit: Number(exchange.query['limit'] ?? USUAL_LINES),
        ...(at === undefined ? {} : { at }),
        ...(match === undefined ? {} : { match }),
      };
      if (exchange.query['gone'] !== true) return time.blame(query);
      if (since === undefined)
        return { refused: 'missing-parameter', detail: 'Say since when lines are gone.', member: 'since' };
      return time.gone({ ...query, since });
    },
  );

const whyRoute = (time: TimeMachinePort): Route =>
  reading(
    {
      id: 'getWhy',
      path: '/v1/why',
      summary: 'Why traffic is allowed or denied, by whom, and whether the node that decides had it by then',
      query: {
        source: name('Instance id or IPv4 address', 64),
        destination: name('Instance id or IPv4 address', 64),
        traffic: name('tcp/443, udp/53, icmp/8:0, icmp, 47', 32),
        ...atQuery,
        ...edgeMembers,
      },
      responses: jsonAnswer(shapes.whyAnswer),
      problems: [...outside, 'invalid-endpoint', 'invalid-traffic', 'missing-parameter'],
    },
    (exchange) => {
      const at = momentIn(exchange);
      if (isRefusal(at)) return at;
      const [source, destination, traffic] = ['source', 'destination', 'traffic'].map((member) =>
        textNamed(exchange, member),
      );
      if (source === undefined || destination === undefined || traffic === undefined) {
        return { refused: 'missing-parameter', detail: 'Say source, destination and traffic.' };
      }
      const edge = edgeIn(exchange.query);
      return time.why({ source, destination, traffic, edge, ...(at === undefined ? {} : { at }) });
    },
  );

const withoutRoute = (time: TimeMachinePort): Route =>
  reading(
    {
      id: 'getWithout',
      path: '/v1/without',
      summary: 'What would be if some events had not happened',
      query: {
        events: text('Event ids or positions, separated by commas', { maxLength: 4096 }),
        ...atQuery,
        cluster: clusterName,
      },
      responses: jsonAnswer(shapes.withoutAnswer),
      problems: [...outside, 'event-not-found', 'cluster-not-found', 'missing-parameter'],
    },
    (exchange) => {
      const at = momentIn(exchange);
      if (isRefusal(at)) return at;
      const events = (textNamed(exchange, 'events') ?? '').split(',').filter((event) => event !== '');
      if (events.length === 0)
        return { refused: 'missing-parameter', detail: 'Say without which events.', member: 'events' };
      const cluster = textNamed(exchange, 'cluster');
      return time.without({
        events,
        ...(at === undefined ? {} : { at }),
        ...(cluster === undefined ? {} : { cluster }),
      });
    },
  );

export const timeMachineRoutes = (time: TimeMachinePort): readonly Route[] => [
  reading(
    {
      id: 'getMoment',
      path: '/v1/moments/{at}',
      summary: 'Which event a moment means: a position, a time or an event id',
      parameters: { at: momentSchema },
      responses: jsonAnswer(shapes.momentAnswer),
      problems: outside,
    },
    ({ path }) => {
      const at = momentOf(path['at'] ?? '', 'at');
      return isRefusal(at) ? at : time.moment(at);
    },
  ),
  diff(time),
  blameRoute(time),
  whyRoute(time),
  reading(
    {
      id: 'getHistory',
      path: '/v1/history/{id}',
      summary: 'Everything that happened to an instance, an address, a group, a cluster or a node',
      parameters: { id: name('What it is about') },
      query: { after: position('Only events behind this position'), limit: whole('Most events', 1, 1000) },
      responses: jsonAnswer(shapes.historyAnswer),
      problems: ['subject-unknown'],
    },
    ({ path, query }) =>
      time.history({
        subject: path['id'] ?? '',
        after: Number(query['after'] ?? -1),
        limit: Number(query['limit'] ?? 200),
      }),
  ),
  reading(
    {
      id: 'getTrace',
      path: '/v1/trace/{id}',
      summary: 'A command, request, event or thing through everything: events, documents, deliveries, nodes',
      parameters: { id: name('Id of a command, request or event, a position, or what it is about') },
      responses: jsonAnswer(shapes.traceAnswer),
      problems: ['trace-not-found'],
    },
    ({ path }) => time.trace(path['id'] ?? ''),
  ),
  withoutRoute(time),
  reading(
    {
      id: 'getTimeMachine',
      path: '/v1/time-machine',
      summary: 'How far a replay under way is, and which networks are kept',
      responses: jsonAnswer(shapes.progressAnswer),
    },
    async () => time.progress(),
  ),
];
