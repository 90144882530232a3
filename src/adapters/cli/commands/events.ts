/** `edgelog events`: the log from a place on, its newest events, and as it grows. */
import { type Call, count, flag, type Noun, text } from '../command.ts';
import { type Complaint, isComplaint, usage } from '../complaint.ts';
import { eventLine } from '../eventLine.ts';
import { type ExitCode, exits } from '../exits.ts';
import { newest, startAt, walk } from '../logWalk.ts';
import type { Item } from '../show/table.ts';

const USUAL_LAST = 50;
const USUAL_LAST_WHEN_FOLLOWING = 10;

const filters = {
  subject: text('ID', 'only about this: an instance, a group, an address, a cluster, a node'),
  type: text('TYPE', 'only of this type, e.g. InstanceCreated'),
  stream: text('STREAM', 'only of this stream'),
  actor: text('ACTOR', 'only by this actor'),
  correlation: text('ID', 'only of this request or process'),
};

const filterQuery = ({ given }: Call): { readonly [name: string]: string | undefined } => ({
  subject: given.text('subject'),
  type: given.text('type'),
  stream: given.text('stream'),
  actor: given.text('actor'),
  correlationId: given.text('correlation'),
});

const printer = (call: Call) => {
  const { show, io } = call;
  const columns = io.stdout.isTerminal ? io.stdout.columns() : undefined;
  return (event: Item): Promise<void> =>
    show.next(
      event,
      () => eventLine(event, show.paint, columns),
      ({ position }) => position,
    );
};

type Printed = { readonly many: number; readonly last: number | undefined };

/** Whether a start was named and not how many of the newest: then everything from there on. */
const isFromStart = ({ given }: Call): boolean =>
  given.count('last') === undefined &&
  (given.count('from-position') !== undefined || given.text('since') !== undefined);

/** What is in the log already: from where it was asked for, or its newest events. */
const past = async (call: Call, print: (event: Item) => Promise<void>): Promise<Printed | Complaint> => {
  const { api, given } = call;
  const after = (given.count('from-position') ?? 0) - 1;
  const query = {
    ...{ ...filterQuery(call), from: given.text('since'), to: given.text('until') },
    before: given.count('before'),
  };
  const limit = given.count('limit');
  let [many, last] = [0, undefined as number | undefined];
  const onEvent = async (event: Item): Promise<boolean> => {
    await print(event);
    many += 1;
    last = Number(event['position']);
    return limit === undefined || many < limit;
  };
  if (isFromStart(call)) {
    const failed = await walk(api, query, after, onEvent);
    return failed ?? { many, last };
  }
  const usual = given.flag('follow') ? USUAL_LAST_WHEN_FOLLOWING : USUAL_LAST;
  const wanted = given.count('last') ?? limit ?? usual;
  const events = await newest(api, { ...query, after }, wanted);
  if (isComplaint(events)) return events;
  for (const event of events) await onEvent(event);
  return { many, last };
};

const live = async (call: Call, print: (event: Item) => Promise<void>): Promise<ExitCode | Complaint> => {
  const { api, given, say } = call;
  const start = await startAt(api);
  if (isComplaint(start)) return start;
  const before = await past(call, print);
  if (isComplaint(before)) return before;
  const limit = given.count('limit') ?? Number.POSITIVE_INFINITY;
  let { many } = before;
  if (many >= limit) return exits.ok;
  const refused = await api.follow({
    query: filterQuery(call),
    after: Math.max(before.last ?? -1, start),
    onEvent: async (event) => {
      await print(event);
      many += 1;
      return many < limit ? 'more' : 'enough';
    },
    onInterrupted: (reason) => say(`Interrupted (${reason}); going on behind the last event seen.`),
  });
  return refused ?? exits.ok;
};

const contradiction = ({ given }: Call): Complaint | undefined => {
  if (given.count('last') !== undefined && given.count('limit') !== undefined)
    return usage('--last counts from the end, --limit from the place on: give one of them.');
  if (!given.flag('follow')) return undefined;
  if (given.text('until') !== undefined) return usage('--follow has no end: --until makes no sense with it.');
  if (given.count('before') !== undefined) return usage('--follow has no end: --before makes no sense with it.');
  return undefined;
};

export const events: Noun = {
  name: 'events',
  about: 'the log: what happened, when, by whom',
  commands: [
    {
      about: `the newest ${USUAL_LAST} events, or all from a place in the log on; with --follow also those to come`,
      options: {
        follow: flag('go on with events as they come', { short: 'f' }),
        ...filters,
        since: text('TIME', 'from this time on, e.g. 2026-03-01T02:14:00Z'),
        until: text('TIME', 'up to this time'),
        'from-position': count('from this position on', 0, Number.MAX_SAFE_INTEGER),
        before: count('before this position: to go further back', 0, Number.MAX_SAFE_INTEGER),
        last: count('of those that pass, the newest so many', 1, Number.MAX_SAFE_INTEGER),
        limit: count('at most so many events, then end', 1, Number.MAX_SAFE_INTEGER, { short: 'n' }),
      },
      examples: [
        'edgelog events --follow',
        'edgelog events --last 20 --subject i-0a1b2c3d',
        'edgelog events --last 20 --until 2026-03-01T02:14:00Z -o yaml',
      ],
      run: async (call) => {
        const print = printer(call);
        const complaint = contradiction(call);
        if (complaint !== undefined) return complaint;
        if (call.given.flag('follow')) return live(call, print);
        const printed = await past(call, print);
        if (isComplaint(printed)) return printed;
        if (printed.many === 0) call.say('No events.');
        return exits.ok;
      },
    },
  ],
};
