/** What commands about the past share: moments as options, authors in a few words, and a line while a replay goes on. */
import type { JsonReply, Query } from './api/api.ts';
import { type Call, choice, flag, type Given, type OptionSpecs, text } from './command.ts';
import { type Complaint, isComplaint, usage } from './complaint.ts';
import type { Item } from './show/table.ts';
import { escapeLine } from './show/text.ts';

const LOOK_EVERY_MS = 500;
const PATIENCE_MS = 600_000;

export const momentOptions = {
  time: text('TIME', 'the state at this time, with its zone: 2026-03-01T02:14Z'),
  position: text('N', 'the state after the event at this position'),
  event: text('ID', 'the state after this event'),
};

/** How the nodes are built, where that decides who reaches whom. */
export const edgeOptions: OptionSpecs = {
  'same-group': flag('nodes let members of one group reach each other without a rule'),
  masquerade: flag('instances without an elastic address leave with their node’s public address'),
  wires: choice(['one', 'two'], 'how many wires the nodes have (default two)'),
  'source-wire': choice(['public', 'private'], 'by which wire an outside source comes (default: by its address)'),
};

/** As the API takes them; what was not given is left to it. */
export const edgeGiven = (given: Given): { readonly [member: string]: string | boolean | undefined } => ({
  sameGroupTraffic: given.flag('same-group') ? true : undefined,
  masquerade: given.flag('masquerade') ? true : undefined,
  wires: given.text('wires'),
  sourceWire: given.text('source-wire'),
});

/** The one moment that was given, as the API takes it; undefined for none. */
export const momentGiven = (given: Given): string | undefined | Complaint => {
  const moments = ['time', 'position', 'event'].flatMap((name) => given.text(name) ?? []);
  return moments.length > 1 ? usage('--time, --position and --event each name a moment; give one.') : moments[0];
};

/** Asks, and says on a terminal how far a replay is that the answer waits for. */
export const askPast = async (call: Call, path: string, query: Query = {}): Promise<JsonReply | Complaint> => {
  const { api, progress } = call;
  const timer = setInterval(async () => {
    const reply = await api.get('/v1/time-machine');
    const at = isComplaint(reply) ? null : (reply.json['replaying'] as { from: number; at: number; to: number } | null);
    if (at !== null) progress.show(`replaying: position ${at.at} of ${at.to}`);
  }, LOOK_EVERY_MS);
  try {
    return await api.send({ method: 'GET', path, query, timeoutMs: PATIENCE_MS });
  } finally {
    clearInterval(timer);
    progress.clear();
  }
};

/** `by alice at 2026-03-01T02:14:00.000Z, position 17 (ticket 12)`; who is unknown is said so. */
export const byWhom = (author: unknown): string => {
  if (author === null || author === undefined) return 'by nobody known';
  const { actor, time, position, correlationId, reason } = author as Item;
  const why = reason === null || reason === undefined ? '' : ` (${String(reason)})`;
  return escapeLine(
    `by ${String(actor)} at ${String(time)}, position ${String(position)}, ${String(correlationId)}${why}`,
  );
};

const signs: { readonly [kind: string]: string } = { came: '+', went: '-', changed: '~' };

export const changeLine = ({ kind, text: words, by }: Item): string =>
  `${signs[String(kind)] ?? ' '} ${escapeLine(String(words))}${by === undefined ? '' : `  ${byWhom(by)}`}`;

/** Documents that differ, as lines of a patch. */
export const documentLines = (documents: readonly Item[]): readonly string[] =>
  documents.flatMap(({ cluster, same, lines, more }) =>
    same === true
      ? []
      : [
          '',
          `document of ${String(cluster)}`,
          ...(lines as readonly Item[]).map(({ sign, text: line }) => escapeLine(`${String(sign)}${String(line)}`)),
          ...(Number(more) > 0 ? [`(${String(more)} more lines are not listed)`] : []),
        ],
  );
