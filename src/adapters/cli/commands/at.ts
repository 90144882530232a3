/** `edgelog at`: any question, asked of the past; with --without, of a past in which some events had not happened. */
import { any, type Call, type Given, list, type Noun } from '../command.ts';
import { type Complaint, isComplaint, usage } from '../complaint.ts';
import { type ExitCode, exits } from '../exits.ts';
import { findCommand } from '../find.ts';
import { askPast, changeLine, documentLines, momentGiven, momentOptions } from '../past.ts';
import { sharesOf } from '../sharedOptions.ts';
import type { Item } from '../show/table.ts';

/** `document PARTI00` is what everybody says for `clusters document PARTI00`. */
const inFull = (words: readonly string[]): readonly string[] =>
  words[0] === 'document' ? ['clusters', ...words] : words;

/** The inner command's view of what was given: its words, the moment, and nothing of its own options. */
const givenTo = (outer: Given, names: readonly string[], words: readonly string[], at: string | undefined): Given => ({
  ...outer,
  argument: (name) => words[names.indexOf(name)] ?? '',
  rest: (name) => words.slice(Math.max(0, names.indexOf(name))),
  text: (option) =>
    option === 'at' ? at : ['time', 'position', 'event'].includes(option) ? undefined : outer.text(option),
});

const tellMoment = async (call: Call, at: string | undefined): Promise<Complaint | undefined> => {
  if (at === undefined) return undefined;
  const reply = await askPast(call, `/v1/moments/${encodeURIComponent(at)}`);
  if (isComplaint(reply)) return reply;
  call.say(String(reply.json['text']));
  // Has the network of that moment made, with a word of how far it is; what is asked next finds it there.
  const made = await askPast(call, '/v1/clusters', { at, limit: 1 });
  return isComplaint(made) ? made : undefined;
};

const withoutEvents = async (
  call: Call,
  at: string | undefined,
  words: readonly string[],
): Promise<ExitCode | Complaint> => {
  const [noun, cluster] = words;
  if (noun !== undefined && noun !== 'document')
    return usage('--without shows documents: edgelog at --without ID document CLUSTER');
  const events = call.given.list('without').join(',');
  const reply = await askPast(call, '/v1/without', { events, at, cluster });
  if (isComplaint(reply)) return reply;
  const { same, changes, documents } = reply.json;
  if (call.show.format === 'table') {
    await call.show.lines([
      ...(changes as readonly Item[]).map(changeLine),
      ...documentLines(documents as readonly Item[]),
    ]);
    call.say(
      same === true
        ? 'It would make no difference.'
        : 'This is what would differ from what is; later wishes were not decided again.',
    );
  } else await call.show.thing(reply.json, () => '');
  return same === true ? exits.ok : exits.different;
};

const run = async (call: Call): Promise<ExitCode | Complaint> => {
  const at = momentGiven(call.given);
  if (isComplaint(at)) return at;
  const words = call.given.rest('QUESTION');
  const told = await tellMoment(call, at);
  if (told !== undefined) return told;
  if (call.given.list('without').length > 0) return withoutEvents(call, at, words);
  if (at === undefined) return usage('Say which moment: --time, --position or --event.', 'edgelog help at');
  if (words.length === 0) return exits.ok;
  const found = findCommand(inFull(words), call.nouns);
  if (isComplaint(found)) return found;
  if (!sharesOf(found.command).includes('reading')) return usage(`"${words.join(' ')}" cannot be asked of the past.`);
  const names = (found.command.arguments ?? []).map(({ name }) => name);
  const missing = (found.command.arguments ?? []).find(
    ({ takes }, i) => takes === 'one' && found.rest[i] === undefined,
  );
  if (missing !== undefined) return usage(`"${words.join(' ')}" needs ${missing.name}: ${missing.about}.`);
  return found.command.run({ ...call, given: givenTo(call.given, names, found.rest, at) });
};

export const at: Noun = {
  name: 'at',
  about: 'any question, asked of the past',
  commands: [
    {
      about: 'the state at a moment: which event that is, or the answer to a question then',
      arguments: [
        any(
          'QUESTION',
          'instances, groups show web, document CLUSTER, ...; nothing: only which event the moment means',
        ),
      ],
      options: {
        ...momentOptions,
        without: list('ID', 'as if this event had not happened (id or position; may be repeated)'),
      },
      shares: ['output', 'server', 'account'],
      examples: [
        'edgelog at --time 2026-03-01T02:14Z document PARTI00',
        'edgelog at --position 17 instances',
        'edgelog at --without 23 document PARTI00',
      ],
      run,
    },
  ],
};
