/** `edgelog diff`: what differs between two moments, in network words with authors and as lines of the documents. */
import { count, flag, type Noun, one, optional, text } from '../command.ts';
import { isComplaint } from '../complaint.ts';
import { exits } from '../exits.ts';
import { askPast, changeLine, documentLines } from '../past.ts';
import type { Item } from '../show/table.ts';

const moment = 'position, time with its zone, or event id';

export const diff: Noun = {
  name: 'diff',
  about: 'what differs between two moments, and who made it so',
  commands: [
    {
      about: 'what differs between two moments; exit code 0 same, 1 different',
      arguments: [one('FROM', moment), optional('TO', `${moment}; left out: now`)],
      options: {
        cluster: text('NAME', 'only the document of this cluster'),
        words: flag('only in network words, without the documents’ lines'),
        context: count('lines around a difference', 0, 1000),
      },
      examples: ['edgelog diff 2026-03-01T02:00Z 2026-03-01T02:30Z', 'edgelog diff 17 --words'],
      run: async (call) => {
        const { given, show, say } = call;
        const query = {
          from: given.argument('FROM'),
          to: given.argument('TO') || undefined,
          cluster: given.text('cluster'),
          context: given.count('context'),
        };
        const reply = await askPast(call, '/v1/diff', query);
        if (isComplaint(reply)) return reply;
        const { same, changes, documents, from, to, more } = reply.json;
        if (show.format === 'table') {
          const patch = given.flag('words') ? [] : documentLines(documents as readonly Item[]);
          await show.lines([...(changes as readonly Item[]).map(changeLine), ...patch]);
          if (Number(more) > 0) say(`${String(more)} more changes are not listed.`);
          say(`Positions ${String(from)} and ${String(to)} are ${same === true ? 'the same' : 'different'}.`);
        } else await show.thing(reply.json, () => '');
        return same === true ? exits.ok : exits.different;
      },
    },
  ],
};
