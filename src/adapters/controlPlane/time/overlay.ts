/**
 * A store that takes everything and keeps nothing: wishes are decided on the log as it stands, their events lie on top in
 * memory, and the log below is only read. What was read of each stream is remembered: it is what the decisions rest on.
 */
import type { AppendOutcome, EventStore, NewEvent, StoredEvent, StreamWrite } from '../../../domain/eventStore.ts';

export type Append = { readonly commandId: string; readonly writes: readonly StreamWrite[] };

export type Overlay = {
  readonly store: EventStore;
  /** Every stream read or written: its last revision below, and what came on top. */
  readonly streams: () => readonly { readonly stream: string; readonly revision: number }[];
  /** The appends that came on top, as they were asked for. */
  readonly appends: () => readonly Append[];
  /** All that came on top, in order. */
  readonly events: () => readonly StoredEvent[];
};

type Stream = { revision: number; isWhole: boolean; readonly events: StoredEvent[] };

const PAGE = 1_000;

/** Streams as they lie below up to `pin`, read as far as somebody asked, and what came on top of each. */
const createStreams = (below: Pick<EventStore, 'readStream'>, pin: number) => {
  const streams = new Map<string, Stream>();

  const of = (name: string): Stream => {
    const known = streams.get(name) ?? { revision: -1, isWhole: false, events: [] };
    streams.set(name, known);
    return known;
  };

  const readBelow = async (name: string, from: number, limit: number): Promise<readonly StoredEvent[]> => {
    const stream = of(name);
    if (stream.isWhole && from > stream.revision) return [];
    const page = await below.readStream(name, from, limit);
    const seen = page.filter(({ position }) => position <= pin);
    stream.revision = Math.max(stream.revision, seen.at(-1)?.revision ?? -1);
    if (seen.length < limit) stream.isWhole = true;
    return seen;
  };

  const lastRevision = async (name: string): Promise<number> => {
    const stream = of(name);
    while (!stream.isWhole) await readBelow(name, stream.revision + 1, PAGE);
    return stream.revision + stream.events.length;
  };

  const read: EventStore['readStream'] = async (name, from, limit) => {
    const lower = await readBelow(name, from, limit);
    const stream = of(name);
    if (lower.length === limit || !stream.isWhole) return lower;
    const upper = stream.events.filter(({ revision }) => revision >= from);
    return [...lower, ...upper].slice(0, limit);
  };

  const all = (): ReturnType<Overlay['streams']> =>
    [...streams].map(([stream, { revision }]) => ({ stream, revision }));

  return { of, lastRevision, read, all };
};

/** `pin`: what lies behind this position is not seen. */
export const createOverlay = (below: Pick<EventStore, 'readStream' | 'readAll'>, pin: number): Overlay => {
  const streams = createStreams(below, pin);
  const all: StoredEvent[] = [];
  const appends: Append[] = [];

  const lay = (commandId: string, { stream: name, events }: StreamWrite): number => {
    const stream = streams.of(name);
    for (const event of events as readonly NewEvent[]) {
      const revision = stream.revision + stream.events.length + 1;
      const position = pin + 1 + all.length;
      const stored = { ...event, id: `${commandId}/${position}`, stream: name, revision, position };
      stream.events.push(stored);
      all.push(stored);
    }
    return stream.revision + stream.events.length;
  };

  const append = async (commandId: string, writes: readonly StreamWrite[]): Promise<AppendOutcome> => {
    for (const { stream, expected } of writes) {
      const actual = await streams.lastRevision(stream);
      if (actual !== expected) return { outcome: 'conflict', stream, expected, actual };
    }
    if (writes.some(({ events }) => events.length > 0)) appends.push({ commandId, writes });
    const revisions = writes.map((write) => lay(commandId, write));
    return { outcome: 'appended', position: pin + all.length, revisions };
  };

  return {
    store: {
      atomicAcrossStreams: true,
      checksPredecessors: false,
      append,
      readStream: streams.read,
      readAll: async (after, limit) => all.filter(({ position }) => position > after).slice(0, limit),
      head: async () => ({ position: pin + all.length, id: all.at(-1)?.id ?? '' }),
      subscribe: () => ({ stop: async () => undefined }),
      close: async () => undefined,
    },
    streams: streams.all,
    appends: () => appends,
    events: () => all,
  };
};
