/** How the time machine's answers look. Every member is always there; what is unknown is `null`. Times are ISO. */
import { edgeSchema } from '../edgeQuery.ts';
import {
  anyObject,
  choice,
  instant,
  list,
  name,
  object,
  orNull,
  position,
  record,
  type Schema,
  text,
  whole,
  yesNo,
} from '../schema.ts';

const words = (description: string): Schema => ({ type: 'string', description });
const many = (items: Schema, description: string): Schema => list(items, 1_000_000, description);

export const authorSchema = record('Author', {
  position: position('Position of the event'),
  eventId: text('Event id'),
  type: name('Event type'),
  time: instant('When'),
  actor: text('Who'),
  correlationId: words('Request or process it belongs to'),
  commandId: words('Command that made it'),
  text: words('What happened, in a sentence'),
  reason: orNull(words('Why, where whoever wished it said so')),
});

const author = orNull(authorSchema);

export const momentAnswer = record('MomentTaken', {
  position: position('Position that was taken'),
  sameTime: whole('How many events share the millisecond asked for; the last of them was taken', 0),
  event: author,
  text: words('The same in a sentence'),
});

const kind = choice('What happened to it', ['came', 'went', 'changed']);
const statement = { kind, subject: words('What it is about'), text: words('What changed') };

const lineSchema = record('Line', {
  sign: choice('Both have it, it went, it came', [' ', '-', '+']),
  text: words('The line'),
});

const documentDifference = record('DocumentDifference', {
  cluster: name('Cluster'),
  same: yesNo('Whether the documents say the same, whatever their versions'),
  bytes: record('BytesBeforeAfter', {
    before: orNull(whole('Bytes before', 0)),
    after: orNull(whole('Bytes after', 0)),
  }),
  lines: many(lineSchema, 'Lines that differ, with some around them'),
  more: whole('Lines there are beyond those listed', 0),
});

export const differenceAnswer = record('Difference', {
  from: position('Position of the first moment'),
  to: position('Position of the second moment'),
  same: yesNo('Whether nothing differs'),
  changes: many(record('ChangeBy', { ...statement, by: author }), 'What differs, in network words'),
  more: whole('Changes there are beyond those listed', 0),
  documents: many(documentDifference, 'The documents’ lines'),
});

export const blameAnswer = record('Blame', {
  cluster: name('Cluster'),
  position: position('Position of the moment'),
  version: orNull(position('Version of the document')),
  lines: many(
    record('BlamedLine', {
      line: whole('Number of the line', 1),
      text: words('The line'),
      subject: words('What it is about'),
      by: author,
    }),
    'Lines with the events behind them',
  ),
  next: orNull(whole('Go on after this line; null at the end', 0)),
});

const delivery = orNull(
  record('Delivery', {
    position: position('Position of its record'),
    time: instant('When'),
    version: position('Version that was taken'),
  }),
);

const hop = object(
  {
    code: text('Stable name of the reason'),
    text: words('The same in words'),
    subject: words('What it is about'),
    at: position('Event it rests on'),
    by: author,
  },
  ['code', 'text', 'by'],
  { title: 'Hop' },
);

export const whyAnswer = record('Why', {
  position: position('Position of the moment'),
  verdict: choice('Whether it gets through', ['allowed', 'denied']),
  hops: many(hop, 'What led to the verdict, in order'),
  edge: edgeSchema,
  rule: orNull(record('DecidingRule', { groupId: name('Group'), text: words('The rule'), by: author })),
  reached: orNull(
    record('Reached', {
      cluster: name('Cluster of the node that decides'),
      node: name('Node that decides'),
      needs: position('Version of the document that has it'),
      delivered: delivery,
      deliveredLater: delivery,
      applied: orNull(yesNo('Whether the node has applied it; null: unknown')),
      text: words('The same in a sentence'),
    }),
  ),
});

export const historyAnswer = record('History', {
  subject: words('What it is about'),
  events: many(authorSchema, 'Events about it, oldest first'),
  next: orNull(position('Go on after this position; null at the end')),
  spans: many(
    record('Span', {
      holder: words('Who held the address, or which instance was on the node'),
      from: position('Since'),
      to: orNull(position('Until; null while it lasts')),
      fromTime: orNull(instant('Since')),
      toTime: orNull(instant('Until')),
    }),
    'Who held an address, or what was on a node, when',
  ),
});

const clusterTrace = record('ClusterTrace', {
  cluster: name('Cluster'),
  version: position('Document that first showed it'),
  delivered: delivery,
  deliveredAfterMs: orNull(whole('From the first event to the recorded delivery, ms', 0)),
  nodes: many(
    record('NodeTrace', {
      node: name('Node'),
      applied: orNull(yesNo('Whether it has it; null: unknown')),
      version: orNull(position('Version it has')),
      reportedAt: orNull(instant('When it last said so')),
    }),
    'Nodes that reported',
  ),
});

export const traceAnswer = record('Trace', {
  found: record('TraceFound', {
    as: choice('What the id was', ['event', 'command', 'request', 'subject']),
    id: text('The id'),
  }),
  command: record('TracedCommand', {
    commandId: words('Command'),
    actor: text('Who'),
    correlationId: words('Request or process'),
    time: instant('When'),
    traceparent: orNull(text('W3C trace context')),
  }),
  events: many(authorSchema, 'What it made'),
  clusters: many(clusterTrace, 'Whose documents it changed, and how far they have got'),
});

export const withoutAnswer = record('Without', {
  position: position('Position of the moment'),
  missing: many(position(), 'Positions left out'),
  same: yesNo('Whether it would make no difference'),
  changes: many(record('WouldChange', statement), 'What would differ from what is'),
  documents: many(documentDifference, 'The documents’ lines'),
});

const flow = record('Flow', {
  source: words('Instance or address'),
  destination: words('Instance'),
  via: orNull(words('Elastic address it goes to')),
  traffic: many(anyObject('Protocol and range'), 'What gets through'),
});

export const planAnswer = record('Plan', {
  planId: text('Names the plan'),
  token: text('Good as long as nothing the plan rests on has changed'),
  position: position('Position the plan was made on'),
  changed: yesNo('Whether it would change anything'),
  events: many(
    record('PlannedEvent', { type: name('Type'), stream: name('Stream', 512), text: words('What would happen') }),
    'Events it would make',
  ),
  changes: many(record('WouldChange', statement), 'What would differ'),
  documents: many(documentDifference, 'The documents’ lines'),
  flows: record('Flows', {
    gained: many(flow, 'Flows that would come'),
    lost: many(flow, 'Flows that would go'),
    gainedPairs: whole('All pairs gained', 0),
    lostPairs: whole('All pairs lost', 0),
    incomplete: yesNo('Whether there was too much to compare'),
  }),
  configuration: orNull(anyObject('What a new configuration does to what is in use')),
});

const appliedMembers = {
  position: position('Position of its last event'),
  events: whole('Events it made', 0),
  repeated: yesNo('Whether it was done before'),
};
export const appliedAnswer = record('Applied', appliedMembers);

export const revertAnswer = object(
  { commands: many(anyObject('Command'), 'What is wished'), plan: planAnswer, applied: appliedAnswer },
  ['commands', 'plan'],
  { title: 'Reverted' },
);

export const progressAnswer = record('TimeMachineProgress', {
  replaying: orNull(record('Replaying', { from: position('From'), at: position('At'), to: position('To') })),
  kept: many(position(), 'Positions whose networks are kept'),
});

const times = new Set(['time', 'fromTime', 'toTime', 'reportedAt']);

/** Milliseconds as ISO texts, wherever a member holds a time; members that are undefined are left out. */
export const shownTimes = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (key, member: unknown) =>
    times.has(key) && typeof member === 'number' ? new Date(member).toISOString() : member,
  );
