/**
 * Replays a log in sandboxes and compares: each recorded delivery with the document rebuilt at its version, and other code with
 * the running one, down to the first event behind which their documents are not the same. Reads the log, writes nothing.
 */
import type { StoredEvent } from '../../domain/eventStore.ts';
import {
  byVersion,
  type Checked,
  type Delivery,
  deliveryIn,
  firstDiffering,
  isSameDigests,
  type Named,
  named,
} from './comparison.ts';
import type { Digests, FromSandbox } from './frames.ts';
import { progressOf, type ReplayOptions, upTo, withSandboxes } from './replaySource.ts';
import type { SandboxProcess } from './sandboxProcess.ts';

/** The first event behind which the two codes say different things, or which one of them cannot fold. */
export type Parting = Named & {
  readonly cluster: string | null;
  readonly running: string | null;
  readonly other: string | null;
  readonly fault?: string;
};

export type ReplayReport = {
  readonly events: number;
  readonly lastPosition: number;
  readonly deliveries: number;
  readonly differing: readonly Checked[];
  /** The first delivery that differs: behind `after` documents are no longer those that were delivered, at the latest with `by`. */
  readonly firstDiffering: { readonly delivery: Checked; readonly after: number; readonly by: Named | null } | null;
  readonly parting: Parting | null;
  /** Why the replay ended before the log did. */
  readonly fault: { readonly position: number; readonly detail: string } | null;
};

/** Two codes are compared at every delivered version, at the end, and at least this often. */
const COMPARE_EVERY = 1000;
const OUTSTANDING = 64;

const digestsIn = (answer: FromSandbox): Digests | undefined =>
  answer.kind === 'digests' ? answer.digests : undefined;

type Listed = { readonly deliveries: readonly Delivery[]; readonly events: number; readonly lastPosition: number };

const listDeliveries = async (options: ReplayOptions): Promise<Listed> => {
  const deliveries: Delivery[] = [];
  const tell = progressOf(options, 'looking for deliveries');
  let [events, lastPosition] = [0, -1];
  for await (const event of upTo(options)) {
    const delivery = deliveryIn(event);
    if (delivery !== undefined) deliveries.push(delivery);
    events += 1;
    lastPosition = event.position;
    tell(events);
  }
  return { deliveries, events, lastPosition };
};

/** What the walk over the log found, while it goes on. */
type Found = {
  readonly checked: Checked[];
  /** Events whose positions are versions of deliveries that differ. */
  readonly by: Map<number, Named>;
  agreed: number;
  parted: number | undefined;
};

/** Asks for the documents behind an event and takes down how they compare. */
const compareAt = async (
  event: StoredEvent,
  due: readonly Delivery[],
  sandboxes: readonly [SandboxProcess, SandboxProcess | undefined],
  found: Found,
): Promise<void> => {
  const [other, own] = sandboxes;
  const clusters = own === undefined ? { clusters: due.map(({ cluster }) => cluster) } : {};
  const asked = [other.ask({ kind: 'digests', ...clusters }), own?.ask({ kind: 'digests' })] as const;
  const [answer, running] = await Promise.all(asked);
  const rebuilt = digestsIn(answer);
  if (rebuilt !== undefined) {
    for (const delivery of due) {
      const one = { ...delivery, rebuilt: rebuilt[delivery.cluster] ?? null };
      found.checked.push(one);
      if (one.rebuilt !== one.recorded) found.by.set(event.position, named(event));
    }
  }
  const compared = running === undefined ? undefined : digestsIn(running);
  if (running === undefined || found.parted !== undefined) return;
  if (rebuilt !== undefined && compared !== undefined && isSameDigests(rebuilt, compared))
    found.agreed = event.position;
  else found.parted = event.position;
};

type Walked = { readonly found: Found; readonly fault: ReplayReport['fault'] };

const faultOf = (...sandboxes: readonly (SandboxProcess | undefined)[]): ReplayReport['fault'] => {
  for (const sandbox of sandboxes) {
    const fault = sandbox?.fault();
    if (fault?.kind === 'fault') return { position: fault.position, detail: fault.detail };
  }
  return null;
};

const walk = (options: ReplayOptions, { deliveries, lastPosition }: Listed): Promise<Walked> =>
  withSandboxes(options, async (other, own) => {
    const versions = byVersion(deliveries);
    const found: Found = { checked: [], by: new Map(), agreed: -1, parted: undefined };
    const tell = progressOf(options, 'replaying');
    const pending: Promise<void>[] = [];
    let events = 0;
    for await (const event of upTo(options)) {
      await Promise.all([other.tell({ kind: 'event', event }), own?.tell({ kind: 'event', event })]);
      events += 1;
      const due = versions.get(event.position) ?? [];
      const isLast = event.position === lastPosition;
      const isCompared = isLast || (own !== undefined && events % COMPARE_EVERY === 0);
      if (due.length > 0 || isCompared) pending.push(compareAt(event, due, [other, own], found));
      if (pending.length >= OUTSTANDING) await pending.shift();
      if (faultOf(other, own) !== null) break;
      tell(events);
    }
    await Promise.all(pending);
    return { found, fault: faultOf(other, own) };
  });

/** Event by event through the stretch in which the two codes parted. */
const findParting = (options: ReplayOptions, agreed: number, parted: number): Promise<Parting | null> =>
  withSandboxes(options, async (other, own) => {
    const tell = progressOf(options, 'looking for the event');
    let events = 0;
    for await (const event of upTo({ ...options, to: parted })) {
      await Promise.all([other.tell({ kind: 'event', event }), own?.tell({ kind: 'event', event })]);
      events += 1;
      tell(events);
      if (event.position <= agreed || own === undefined) continue;
      const [there, here] = await Promise.all([other.ask({ kind: 'digests' }), own.ask({ kind: 'digests' })]);
      const [rebuilt, running] = [digestsIn(there), digestsIn(here)];
      if (rebuilt === undefined || running === undefined) {
        const fault = there.kind === 'fault' ? `the other code: ${there.detail}` : faultWords(here);
        return { ...named(event), cluster: null, running: null, other: null, fault };
      }
      const cluster = firstDiffering(rebuilt, running);
      if (cluster === undefined) continue;
      return { ...named(event), cluster, running: running[cluster] ?? null, other: rebuilt[cluster] ?? null };
    }
    return null;
  });

const faultWords = (answer: FromSandbox): string =>
  answer.kind === 'fault' ? `the running code: ${answer.detail}` : '';

/** What never came up because no event stands at its version was not rebuilt at all. */
const allChecked = (deliveries: readonly Delivery[], { checked }: Found): readonly Checked[] => {
  const seen = new Set(checked.map(({ position }) => position));
  const never = deliveries.filter(({ position }) => !seen.has(position)).map((one) => ({ ...one, rebuilt: null }));
  return [...checked, ...never].sort((a, b) => a.version - b.version || a.position - b.position);
};

const firstIn = (checked: readonly Checked[], { by }: Found): ReplayReport['firstDiffering'] => {
  const delivery = checked.find(({ recorded, rebuilt }) => recorded !== rebuilt);
  if (delivery === undefined) return null;
  const same = checked.filter(({ recorded, rebuilt, version, cluster }) => {
    return recorded === rebuilt && version < delivery.version && cluster === delivery.cluster;
  });
  return { delivery, after: same.at(-1)?.version ?? -1, by: by.get(delivery.version) ?? null };
};

/** Throws when a checkout has no sandbox, and whatever reading the log throws. */
export const replayLog = async (options: ReplayOptions): Promise<ReplayReport> => {
  const listed = await listDeliveries(options);
  const { found, fault } = await walk(options, listed);
  const isCut = (one: Delivery): boolean => fault !== null && one.version >= fault.position;
  const checked = allChecked(
    listed.deliveries.filter((one) => !isCut(one)),
    found,
  );
  return {
    events: listed.events,
    lastPosition: listed.lastPosition,
    deliveries: checked.length,
    differing: checked.filter(({ recorded, rebuilt }) => recorded !== rebuilt),
    firstDiffering: firstIn(checked, found),
    parting: found.parted === undefined ? null : await findParting(options, found.agreed, found.parted),
    fault,
  };
};
