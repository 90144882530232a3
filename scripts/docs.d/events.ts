/**
 * The catalogue of events as a page: streams and their invariants, and of each event its members as the codec checks them and
 * what it means, in the words beside its type. Everything is taken from the source.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { categories } from '../../src/domain/aggregates.ts';
import { schemas } from '../../src/domain/codec.ts';
import type { EventType } from '../../src/domain/events.ts';
import { sectionOf } from '../../src/projections/network/meaning.ts';

export type EventWords = { readonly type: EventType; readonly category: string; readonly means: string };

/** A member of a union of events, or the only event of its file, with the comment before it. */
const EVENT =
  /(?:\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*)?(?:\|\s*|^export type \w+Event = )\{\s*readonly type: '(\w+)'(?=;|(?: \}))/gm;
const CATEGORY = /^ {2}category: '(\w+)',$/m;
const STORAGE_NOTE = /NB (?:this|these) types? and names? (?:is|are) the storage format: version them with care\.?/;

const plain = (comment: string): string =>
  comment
    .replaceAll(/^\s*\* ?/gm, ' ')
    .replace(STORAGE_NOTE, '')
    .replaceAll(/\s+/g, ' ')
    .trim();

/** What the sources say of their events, in the order in which they stand there. Throws when an event has no words. */
export const eventWords = (root: string): readonly EventWords[] => {
  const domain = join(root, 'src/domain');
  const files = readdirSync(domain, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const words = files.sort().flatMap((file) => {
    const text = readFileSync(join(domain, file), 'utf8');
    const category = CATEGORY.exec(text)?.[1];
    if (category === undefined) return [];
    return [...text.matchAll(EVENT)].flatMap(([, comment = '', type = '']) =>
      Object.hasOwn(schemas, type) ? [{ type: type as EventType, category, means: plain(comment) }] : [],
    );
  });
  const known = new Map(words.map((one) => [one.type, one]));
  for (const type of Object.keys(schemas) as readonly EventType[]) {
    if ((known.get(type)?.means ?? '') === '') {
      throw new Error(`expected a comment before ${type} in the file of its aggregate, found none`);
    }
  }
  return [...known.values()];
};

/** What each stream is one of, and what it keeps true. The only words of the page that stand here. */
const invariants: Readonly<Record<string, readonly [of: string, keeps: string]>> = {
  configuration: ['cloud', 'A posted configuration is whole and valid; every property set is one there is.'],
  epoch: ['cloud', 'Epochs only grow.'],
  cluster: ['cluster', 'Registration, state and nodes of one cluster.'],
  privatePool: ['cloud', 'An address has at most one holder, a holder at most one address; released is not free.'],
  publicPool: ['cloud', 'The same, and ownership, quota and the states of a public address.'],
  securityGroups: ['account', 'Names of groups are unique in an account.'],
  securityGroup: ['group', 'Rules and members are sets; a group with members is not deleted.'],
  instance: ['instance', 'The life of an instance goes its way and no other.'],
  networkTags: ['cloud', 'A tag has at most one group, an index at most one instance (generic mode only).'],
  delivery: ['cluster', 'Deliveries are written down in order, each once.'],
  audit: ['cloud', 'What was refused, and to whom; and which reports were followed to their end.'],
};

const cell = (text: string): string => text.replaceAll('|', '\\|');

const membersOf = (type: EventType): string =>
  Object.entries(schemas[type].members)
    .map(([member, kind]) => `\`${member}\` ${String(kind).replace('?', ', if any')}`)
    .join('; ');

const row = ({ type, means }: EventWords): string => {
  const section = sectionOf(type);
  const about = section === 'nothing' ? '-' : section;
  return `| \`${type}\` ${schemas[type].version} | ${cell(means)} | ${membersOf(type)} | ${about} |`;
};

const part = (category: string, events: readonly EventWords[]): string => {
  const [of, keeps] = invariants[category] ?? ['', ''];
  if (keeps === '') throw new Error(`expected words about streams of the category ${category}, found none`);
  return [
    `## \`${category}-<${of}>\``,
    '',
    keeps,
    '',
    '| event, version | what it means | members | in the network |',
    '|---|---|---|---|',
    ...events.map(row),
  ].join('\n');
};

const opening = `# Events

Generated from the source by \`node scripts/docs.ts\`: the schemas of \`src/domain/codec.ts\` and the comments beside the types.

The log is the truth. An event is a fact in the past tense, written once and never changed. One stream per aggregate, and the
aggregate is the boundary of an invariant: every append names the revision it expects of each stream it writes, and of each
stream its decision rests on.

- **Beside its members** every event has an id that follows from the command's, its stream and its place in it, a revision in the stream, a
  position in the log, and flat text: \`time\` (ms), \`actor\`, \`commandId\`, \`$correlationId\`, \`$causationId\`, \`source\`; where there is one also
  \`traceparent\`, \`reason\`, \`fingerprint\` (of what was wished), \`answer\` (what of the answer does not follow from events), \`planToken\` and \`planStep\` (of a plan that was applied).
- **Kinds of members**: *text*, *integer* (within 2^53), *flag* (true or false), *texts* (a list), *nodes*, *rules*,
  *configuration*. An event that lacks a member or holds another kind is reported with its position and never skipped.
- **Versions**: a new form of an event is a new schema version with an upcast from the one before; the golden sample of every
  version there has ever been stays under test (\`test/golden/events\`).
- **In the network**: the part of the one read model the event is folded into; \`-\` changes nothing there.`;

export const eventsPage = (root: string): string => {
  const byCategory = Map.groupBy(eventWords(root), ({ category }) => category);
  return `${[opening, ...categories.map((category) => part(category, byCategory.get(category) ?? []))].join('\n\n')}\n`;
};
