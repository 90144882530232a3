/** `edgelog batch`: many commands from a file, each with its own answer. */
import { isDeepStrictEqual } from 'node:util';
import { complaintOfProblem } from '../api/problem.ts';
import { chunksOf } from '../batchChunks.ts';
import { type Call, type Noun, one } from '../command.ts';
import { type Complaint, complain, complaintLine, isComplaint } from '../complaint.ts';
import { exits } from '../exits.ts';
import { readGiven } from '../input.ts';
import { column, type Item } from '../show/table.ts';
import { namesIn, send, timeoutOf, unconverged } from '../wish.ts';

const columns = [
  column('NO', 'number'),
  column('ACCEPTED', 'accepted', ({ accepted }) => (accepted === true ? 'good' : 'bad')),
  column('POSITION', 'position'),
  column('EVENTS', 'events'),
  column('RESULT', ({ result, problem }) => {
    if (problem !== undefined) return complaintLine(complaintOfProblem(problem as Item, 422)).replace(/^edgelog: /, '');
    return isDeepStrictEqual(result, {}) ? '' : result;
  }),
];

/** What the command made, if it made something with a name, else the command itself. */
const nameOf = ({ result, commandId }: Item): unknown => {
  const names = namesIn((result ?? {}) as Item);
  return names.length === 0 ? commandId : names.join(' ');
};

type Outcome = { readonly items: readonly Item[]; readonly late: Complaint | undefined };

/** Sends the chunks in order; stops at the first that could not be delivered, and says how far it got. */
const sendAll = async (call: Call, text: string): Promise<Outcome | Complaint> => {
  const chunks = chunksOf(text);
  if (isComplaint(chunks)) return chunks;
  const items: Item[] = [];
  let late: Complaint | undefined;
  for (const [i, chunk] of chunks.entries()) {
    call.progress.show(`batch: ${items.length} commands answered`);
    const answered = await send(call, { method: 'POST', path: '/v1/batch', body: chunk.body, part: String(i) });
    call.progress.clear();
    if (isComplaint(answered)) {
      const far = items.length === 0 ? '' : ` ${items.length} commands before line ${chunk.firstLine} were answered.`;
      return { ...answered, says: `${answered.says}${far}` };
    }
    const results = answered.reply.json['results'] as readonly Item[];
    items.push(...results.map((result) => ({ number: chunk.firstLine + Number(result['index']), ...result })));
    late = unconverged(answered.reply, timeoutOf(call));
  }
  return { items, late };
};

export const batch: Noun = {
  name: 'batch',
  about: 'many commands in one request',
  commands: [
    {
      about: 'carry out the commands of a file, each for itself; exit code 4 if any was refused',
      arguments: [one('FILE', 'a JSON array, or one command per line; - reads standard input')],
      shares: ['output', 'server', 'account', 'wishing'],
      examples: [`echo '{"command":"AllocateAddress"}' | edgelog batch -`],
      run: async (call) => {
        if (call.given.flag('dry-run')) return complain(exits.usage, 'A batch has no dry run.');
        const text = await readGiven(call.given.argument('FILE'), call.io);
        if (isComplaint(text)) return text;
        const started = performance.now();
        const outcome = await sendAll(call, text);
        if (isComplaint(outcome)) return outcome;
        const { items, late } = outcome;
        await call.show.list(items, columns, nameOf);
        const accepted = items.filter((item) => item['accepted'] === true).length;
        call.say(
          `${accepted} accepted, ${items.length - accepted} refused, ${(performance.now() - started).toFixed(0)} ms.`,
        );
        return accepted < items.length ? exits.refused : (late ?? exits.ok);
      },
    },
  ],
};
