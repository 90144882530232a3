/** The history of one thing: every event about it in one sentence each, and who held an address or stood on a node when. */
import { isIpv4 } from '../../../domain/ipv4.ts';
import { type Refusal, refuse } from '../../../domain/refusals.ts';
import { holdersOf, type Span, staysOn } from '../../../projections/timeMachine/holders.ts';
import { type Author, authorOf } from './author.ts';
import type { TimeScene } from './scene.ts';

export type Chronicle = {
  readonly subject: string;
  readonly events: readonly Author[];
  /** Position to go on after, null at the end. */
  readonly next: number | null;
  /** Who held the address, or which instances were on the node; empty for other things. Positions and times. */
  readonly spans: readonly (Span & { readonly fromTime: number | null; readonly toTime: number | null })[];
};

export type ChronicleQuery = { readonly subject: string; readonly after: number; readonly limit: number };

const MOST_STAYS = 2_000;

const spansOf = async ({ lookup, index }: TimeScene, subject: string): Promise<readonly Span[]> => {
  const events = await lookup.eventsUnder('subject', subject, -1, index.last());
  if (isIpv4(subject)) {
    const held = holdersOf(subject, events);
    if (held.length > 0) return held;
  }
  const guests = new Set(
    events.flatMap(({ event }) =>
      event.type === 'InstancePlaced' && event.node === subject ? [event.instanceId] : [],
    ),
  );
  const spans: Span[] = [];
  for (const guest of [...guests].slice(0, MOST_STAYS)) {
    spans.push(...staysOn(subject, await lookup.eventsUnder('subject', guest, -1, index.last())));
  }
  return spans.sort((a, b) => a.from - b.from);
};

/** What happened to a thing, and who held it when. Refused for what no event was ever about. */
export const chronicleOf = async (scene: TimeScene, query: ChronicleQuery): Promise<Chronicle | Refusal> => {
  const { subject, after, limit } = query;
  const { lookup, index } = scene;
  if (index.positions('subject', subject).length === 0) {
    return refuse('subject-unknown', `No event was ever about ${subject}.`, { member: 'subject', value: subject });
  }
  const positions = lookup.positionsUnder('subject', subject, after, index.last());
  const events = await lookup.eventsAt(positions.slice(0, limit));
  const spans = await spansOf(scene, subject);
  const ends = await lookup.eventsAt(spans.flatMap(({ from, to }) => (to === null ? [from] : [from, to])));
  const times = new Map(ends.map(({ position, time }) => [position, time]));
  const timeOf = (position: number | null): number | null => times.get(position ?? -1) ?? null;
  return {
    subject,
    events: events.map(authorOf),
    next: positions.length > limit ? (positions[limit - 1] ?? null) : null,
    spans: spans.map((span) => ({ ...span, fromTime: timeOf(span.from), toTime: timeOf(span.to) })),
  };
};
