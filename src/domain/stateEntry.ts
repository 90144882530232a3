/**
 * One state of an aggregate as it was last folded, and where it stands in its stream. It may run ahead of the log by decisions
 * whose appends are under way; what is said of it here says so too. It never knows of other states, nor asks who else keeps it.
 */
import { decodeRecorded } from './codec.ts';
import type { Aggregate } from './decider.ts';
import type { EventStore, StoredEvent, StreamWrite } from './eventStore.ts';
import type { DomainEvent } from './events.ts';
import type { CommandContext, Recorded } from './recorded.ts';

export type AnyAggregate = Aggregate<unknown, DomainEvent>;

export type Entry = {
  readonly stream: string;
  readonly aggregate: AnyAggregate;
  state: unknown;
  revision: number;
  /** Appends under way that concern this state; each resolves when it is over and the state is right again, or forgotten. */
  readonly pending: Set<Promise<unknown>>;
  failed: boolean;
  /** Who wrote the event at `revision`, while that is not yet in the log. */
  tail: { readonly commandId: string; readonly index: number } | undefined;
};

const PAGE = 1000;

export const emptyEntry = (aggregate: AnyAggregate, stream: string): Entry => ({
  ...{ stream, aggregate, state: aggregate.initial(), revision: -1 },
  ...{ pending: new Set(), failed: false, tail: undefined },
});

/** Takes the event that follows in the log. */
export const applyStored = (entry: Entry, stored: StoredEvent): void => {
  const recorded = decodeRecorded(stored);
  entry.aggregate.apply(entry.state, recorded.event, recorded);
  entry.revision = stored.revision;
  entry.tail = undefined;
};

/** Reads what the log has beyond this state. Only for states that do not run ahead. */
export const catchUp = async (store: Pick<EventStore, 'readStream'>, entry: Entry): Promise<void> => {
  for (;;) {
    const page = await store.readStream(entry.stream, entry.revision + 1, PAGE);
    for (const stored of page) if (stored.revision === entry.revision + 1) applyStored(entry, stored);
    if (page.length < PAGE) return;
  }
};

const shell = (event: DomainEvent, entry: Entry, context: CommandContext): Recorded<DomainEvent> => ({
  event,
  id: '',
  stream: entry.stream,
  revision: entry.revision,
  position: -1,
  time: context.at,
  actor: context.actor,
  correlationId: context.correlationId,
  causationId: context.causationId ?? context.commandId,
  commandId: context.commandId,
});

/** Takes what was decided here, without having read it: ids and positions are not known yet. */
export const foldDecided = (entry: Entry, events: readonly DomainEvent[], context: CommandContext): void => {
  for (const event of events) {
    entry.revision += 1;
    entry.aggregate.apply(entry.state, event, shell(event, entry, context));
  }
  entry.tail = { commandId: context.commandId, index: events.length - 1 };
};

/** Where a state stands, for the store to check: by its revision, and while it runs ahead also by who got it there. */
export const standing = ({ stream, revision, pending, tail }: Entry): Omit<StreamWrite, 'events'> =>
  pending.size > 0 && tail !== undefined ? { stream, expected: revision, after: tail } : { stream, expected: revision };

/** Resolves when all appends under way that concern these states are over; true if none of them failed. */
export const settled = async (touched: ReadonlySet<Entry>): Promise<boolean> => {
  const waits: Promise<unknown>[] = [];
  for (const entry of touched) waits.push(...entry.pending);
  if (waits.length > 0) await Promise.all(waits);
  for (const entry of touched) if (entry.failed) return false;
  return true;
};
