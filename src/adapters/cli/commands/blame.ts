/** `edgelog blame`: the event, the author and the time behind every line of a cluster's document. */
import { segment } from '../api/api.ts';
import { type Call, flag, type Noun, one, text } from '../command.ts';
import { type Complaint, isComplaint, usage } from '../complaint.ts';
import { type ExitCode, exits } from '../exits.ts';
import { askPast, byWhom, momentGiven, momentOptions } from '../past.ts';
import type { Item } from '../show/table.ts';
import { escapeText, padTo } from '../show/text.ts';

const PAGE = 10_000;

const lineOf = ({ text: line, by }: Item): string => `${padTo(escapeText(String(line)), 64)}  ${byWhom(by)}`;

const run = async (call: Call): Promise<ExitCode | Complaint> => {
  const { given, show, say } = call;
  const at = momentGiven(given);
  if (isComplaint(at)) return at;
  const [gone, since, match] = [given.flag('gone'), given.text('since'), given.text('match')];
  if (gone !== (since !== undefined)) return usage('--gone and --since go together.');
  let many = 0;
  for (let after: number | null = 0; after !== null; ) {
    const query = { at, match, after, limit: PAGE, ...(gone ? { gone, since } : {}) };
    const reply = await askPast(call, `/v1/clusters/${segment(given.argument('CLUSTER'))}/blame`, query);
    if (isComplaint(reply)) return reply;
    const lines = reply.json['lines'] as readonly Item[];
    for (const line of lines)
      await show.next(
        line,
        () => lineOf(line),
        ({ line: number }) => number,
      );
    many += lines.length;
    after = reply.json['next'] as number | null;
  }
  say(`${many} lines.`);
  return exits.ok;
};

export const blame: Noun = {
  name: 'blame',
  about: 'who put each line of a document there, when, and why',
  commands: [
    {
      about: 'every line of a cluster’s document with the event that put it there, or with --gone that took it away',
      arguments: [one('CLUSTER', 'name of the cluster')],
      options: {
        ...momentOptions,
        match: text('WORDS', 'only lines with this text, or about this instance or group'),
        gone: flag('lines that stood at --since and stand no more'),
        since: text('MOMENT', 'position, time with its zone, or event id'),
      },
      examples: ['edgelog blame PARTI00 --match i-0a1b2c3d', 'edgelog blame PARTI00 --gone --since 2026-03-01T00:00Z'],
      run,
    },
  ],
};
