/**
 * Documents to cluster controllers of our own, as what changed since the document each acknowledged. Where one takes them it
 * has said itself (`wireHints.ts`); for all others the answer here is that the document must go another way.
 */
import { join } from 'node:path';
import type { PushOutcome } from '../adapters/broadcast/relay.ts';
import type { Settings } from '../adapters/settings/settings.ts';
import { guardedLookup, hostOf, hostRefused, type MayConnect } from '../adapters/soap/addressGuard.ts';
import { type Carried, createDocumentCourier } from '../adapters/wire/documentCourier.ts';
import { createDocumentPost, type Posted, type WirePlace } from '../adapters/wire/documentPost.ts';
import type { GroupEntry, InstanceEntry } from '../projections/document/model.ts';
import { entryWriter } from '../projections/documentKeeper.ts';
import type { ClusterDocument } from '../projections/documents.ts';
import type { ClusterView } from '../projections/network/views.ts';
import { createWireHints } from './wireHints.ts';
import type { DeltaEnd, WireKeys } from './wireKeys.ts';

export type CloudDeltasOptions = {
  readonly settings: Settings;
  readonly keys: WireKeys;
  readonly now: () => number;
  /** Kept for as long as this process lives. */
  readonly mayConnect: (cluster: string) => MayConnect;
  readonly traceparent?: (document: ClusterDocument) => string | undefined;
};

export type CloudDeltas = {
  /** Undefined when its controller takes no deltas, or none any more. */
  readonly push: (
    document: ClusterDocument,
    view: ClusterView,
    signal: AbortSignal,
  ) => Promise<PushOutcome | undefined>;
  readonly isKnown: (cluster: string) => boolean;
  /** What a controller said of itself with an answer. */
  readonly note: (cluster: string, header: string | readonly string[] | undefined) => void;
  readonly assume: (document: ClusterDocument) => void;
  readonly close: () => Promise<void>;
};

const carried = ({ digest, parts, dialect }: ClusterDocument): Carried<InstanceEntry, GroupEntry> => ({
  digest,
  parts,
  writer: entryWriter(dialect),
});

/** Undefined: it has to go another way. */
const outcomeOf = (posted: Posted): PushOutcome | undefined => {
  switch (posted.kind) {
    case 'taken':
      return { outcome: 'delivered', reportsItself: true };
    case 'absent':
      return undefined;
    case 'wants-base':
      return { outcome: 'failed', reason: 'no-base', detail: 'it wants another base even for the whole document' };
    case 'refused':
    case 'failed':
      return { outcome: 'failed', reason: posted.reason, detail: posted.detail };
  }
};

export const createCloudDeltas = ({
  settings,
  keys,
  now,
  mayConnect,
  traceparent,
}: CloudDeltasOptions): CloudDeltas => {
  const wire = createDocumentPost(settings.number('push-timeout-ms'));
  const hints = createWireHints(join(settings.text('data'), 'wire-ports.json'));
  const courier = createDocumentCourier<InstanceEntry, GroupEntry>({ post: wire.post, seal: keys.cloudSealer(), now });
  const ends = new Map<string, DeltaEnd>();
  const guards = new Map<string, MayConnect>();
  const places = new Map<string, { readonly endpoint: string; readonly place: WirePlace | undefined }>();

  const endOf = (cluster: string): DeltaEnd => {
    const end = ends.get(cluster) ?? keys.cloudDeltas(cluster);
    ends.set(cluster, end);
    return end;
  };

  const guardOf = (cluster: string): MayConnect => {
    const guard = guards.get(cluster) ?? mayConnect(cluster);
    guards.set(cluster, guard);
    return guard;
  };

  const openPlace = (name: string, endpoint: string, port: number): WirePlace | undefined => {
    const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
    if (url === undefined) return undefined;
    return { host: hostOf(url), port, lookup: guardedLookup(guardOf(name)), checkAnswer: endOf(name).check };
  };

  /** Kept while neither the endpoint nor the port it said becomes another; whether it may be connected to is asked every time. */
  const placeOf = ({ name, endpoint }: ClusterView): WirePlace | undefined => {
    const port = hints.portOf(name);
    if (port === undefined) return undefined;
    const known = places.get(name);
    const kept = known?.endpoint === endpoint && known.place?.port === port ? known : undefined;
    const place = kept === undefined ? openPlace(name, endpoint, port) : kept.place;
    if (kept === undefined) places.set(name, { endpoint, place });
    return place === undefined || hostRefused(place.host, guardOf(name)) !== undefined ? undefined : place;
  };

  return {
    isKnown: (cluster) => hints.portOf(cluster) !== undefined,
    note: hints.note,
    assume: (document) => courier.assume(document.cluster, carried(document)),
    push: async (document, view, signal) => {
      const place = placeOf(view);
      if (place === undefined) return undefined;
      const trace = traceparent?.(document);
      const delivery = { receiver: document.cluster, place, isForAnyone: document.relevance === 'full' };
      const traced = trace === undefined ? delivery : { ...delivery, traceparent: trace };
      const posted = await courier.deliver(traced, carried(document), signal);
      if (posted.kind === 'absent') hints.forget(document.cluster);
      return outcomeOf(posted);
    },
    close: async () => {
      wire.close();
      await hints.close();
    },
  };
};
