/** `edgelog history`: everything that happened to one thing, and who held an address or was on a node when. */
import { segment } from '../api/api.ts';
import { type Call, type Noun, one } from '../command.ts';
import { type Complaint, isComplaint } from '../complaint.ts';
import { type ExitCode, exits } from '../exits.ts';
import { askPast } from '../past.ts';
import { column, type Item, tableLines } from '../show/table.ts';

const columns = [
  column('POSITION', 'position'),
  column('WHEN', 'time'),
  column('WHO', 'actor'),
  column('WHAT', 'text'),
  column('WHY', 'reason'),
];
const spanColumns = [
  column('HOLDER', 'holder'),
  column('SINCE', 'fromTime'),
  column('UNTIL', 'toTime'),
  column('FROM POSITION', 'from'),
  column('TO POSITION', 'to'),
];

const run = async (call: Call): Promise<ExitCode | Complaint> => {
  const { given, show } = call;
  const path = `/v1/history/${segment(given.argument('THING'))}`;
  const events: Item[] = [];
  let spans: readonly Item[] = [];
  for (let after: number | null = -1; after !== null; ) {
    const reply = await askPast(call, path, { after, limit: 1000 });
    if (isComplaint(reply)) return reply;
    events.push(...(reply.json['events'] as readonly Item[]));
    spans = reply.json['spans'] as readonly Item[];
    after = reply.json['next'] as number | null;
  }
  if (show.format !== 'table') {
    await show.thing({ events, spans }, () => '');
    return exits.ok;
  }
  await show.lines(tableLines(columns, events, show.paint));
  if (spans.length > 0) await show.lines(['', ...tableLines(spanColumns, spans, show.paint)]);
  return exits.ok;
};

export const history: Noun = {
  name: 'history',
  about: 'everything that happened to one thing',
  commands: [
    {
      about: 'what happened to an instance, an address, a group, a cluster or a node, and who held it when',
      arguments: [one('THING', 'instance, address, group id, cluster or node')],
      examples: ['edgelog history 10.1.0.7', 'edgelog history i-0a1b2c3d'],
      run,
    },
  ],
};
