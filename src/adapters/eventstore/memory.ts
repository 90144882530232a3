/**
 * The smallest honest event store: a log in memory with the semantics of the durable ones, for tests and sandboxes.
 * It keeps events as JSON text and parses them for every reader, so nobody can change what was recorded. It must never
 * hold anything that has to survive the process.
 */

import type { AppendOutcome, EventMetadata, JsonObject, StoredEvent } from '../../domain/eventStore.ts';
import { StoreFault } from '../../domain/eventStore.ts';
import type { EventPlace, LogView, PlannedWrite } from './appendPlan.ts';
import { appendedAt, planAppend } from './appendPlan.ts';
import type { AppendRequest, SerialisedEvent } from './appendRequest.ts';
import { appendRequestOf } from './appendRequest.ts';
import { createChanges } from './changes.ts';
import { alreadyImported } from './importPlace.ts';
import type { ImportTarget } from './importTarget.ts';
import { startSubscription } from './subscription.ts';
import { createSubscriptionSet } from './subscriptionSet.ts';

type Kept = SerialisedEvent & EventPlace & { readonly id: string; readonly stream: string };

const storedEventOf = (kept: Kept): StoredEvent => ({
  id: kept.id,
  stream: kept.stream,
  revision: kept.revision,
  position: kept.position,
  type: kept.type,
  data: JSON.parse(kept.data) as JsonObject,
  metadata: JSON.parse(kept.metadata) as EventMetadata,
});

const page = (events: readonly Kept[], start: number, limit: number): readonly StoredEvent[] =>
  events.slice(Math.max(0, start), Math.max(0, start) + limit).map(storedEventOf);

const createLog = () => {
  const events: Kept[] = [];
  const streams = new Map<string, Kept[]>();
  const byId = new Map<string, Kept>();
  const view: LogView = {
    placeOf: (eventId) => byId.get(eventId),
    lastRevision: (stream) => (streams.get(stream)?.length ?? 0) - 1,
  };
  const add = (id: string, stream: string, event: SerialisedEvent): EventPlace => {
    const inStream = streams.get(stream) ?? [];
    const kept = { ...event, id, stream, revision: inStream.length, position: events.length + 1 };
    streams.set(stream, inStream);
    inStream.push(kept);
    byId.set(id, kept);
    events.push(kept);
    return kept;
  };
  const write = (planned: PlannedWrite): EventPlace => {
    if (planned.kind === 'stands') return planned.last;
    const { stream, ids, events: written } = planned.write;
    return ids.reduce<EventPlace>(
      (last, id, index) => {
        const event = written[index];
        return event === undefined ? last : add(id, stream, event);
      },
      { revision: -1, position: -1 },
    );
  };
  const append = (request: AppendRequest): AppendOutcome => {
    const plan = planAppend(view, request);
    if (plan.kind === 'conflict') return plan.conflict;
    return plan.kind === 'repeated' ? plan.outcome : appendedAt(plan.writes.map(write));
  };
  const take = (event: StoredEvent): void => {
    if (alreadyImported(event, view)) return;
    const { type, data, metadata } = event;
    add(event.id, event.stream, { type, data: JSON.stringify(data), metadata: JSON.stringify(metadata) });
  };
  return { events, streams, append, take };
};

/** Positions count from 1 without gaps. */
export const createMemoryStore = (): ImportTarget => {
  const log = createLog();
  const changes = createChanges();
  const subscriptions = createSubscriptionSet();
  let closed = false;

  const whileOpen = <T>(act: () => T): T => {
    if (closed) throw new StoreFault('closed', 'The event store is closed');
    return act();
  };

  const store: ImportTarget = {
    atomicAcrossStreams: true,
    checksPredecessors: true,
    append: async (commandId, writes) => {
      const outcome = whileOpen(() => log.append(appendRequestOf(commandId, writes)));
      changes.announce();
      return outcome;
    },
    readStream: async (stream, from, limit) => whileOpen(() => page(log.streams.get(stream) ?? [], from, limit)),
    readAll: async (after, limit) => whileOpen(() => page(log.events, after, limit)),
    head: async () => {
      const last = whileOpen(() => log.events.at(-1));
      return last === undefined ? undefined : { position: last.position, id: last.id };
    },
    subscribe: (after, observer) =>
      whileOpen(() => subscriptions.add(startSubscription({ ...store, listen: changes.listen }, after, observer))),
    importEvents: async (events) => {
      whileOpen(() => events.forEach(log.take));
      changes.announce();
    },
    close: async () => {
      closed = true;
      await subscriptions.stopAll();
    },
  };
  return store;
};
