/**
 * The read model in a sandbox: folds the events it is handed and says what documents follow. It knows the domain and the
 * projections and nothing else, so there is nothing in it that could send, write or ask.
 */
import { decodeRecorded } from '../../domain/codec.ts';
import type { StoredEvent } from '../../domain/eventStore.ts';
import { createDocumentKeeper } from '../../projections/documentKeeper.ts';
import { wantsDocument } from '../../projections/documents.ts';
import { initialNetwork } from '../../projections/network/initial.ts';
import { advance } from '../../projections/network/runner.ts';
import { changesBetween } from '../../projections/timeMachine/changes.ts';
import type { FromSandbox, ToSandbox } from './frames.ts';

export type Sandbox = {
  /** Undefined where the frame has no answer. After a fault the sandbox answers nothing more. */
  readonly take: (frame: ToSandbox) => FromSandbox | undefined;
};

/** Folded together when nobody asks for what lies between them. */
const BATCH = 1000;

export const createSandbox = (): Sandbox => {
  const keeper = createDocumentKeeper();
  let network = initialNetwork();
  let waiting: StoredEvent[] = [];
  let isBroken = false;

  const faultAt = (position: number, thrown: unknown): FromSandbox => {
    isBroken = true;
    return { kind: 'fault', position, detail: thrown instanceof Error ? thrown.message : String(thrown) };
  };

  /** One by one, to learn which event it is that cannot be folded. */
  const foldSingly = (events: readonly StoredEvent[]): FromSandbox | undefined => {
    for (const event of events) {
      try {
        network = advance(network, [decodeRecorded(event)]);
      } catch (thrown) {
        return faultAt(event.position, thrown);
      }
    }
    return undefined;
  };

  const fold = (): FromSandbox | undefined => {
    const events = waiting;
    waiting = [];
    try {
      network = advance(network, events.map(decodeRecorded));
      return undefined;
    } catch {
      return foldSingly(events);
    }
  };

  const digests = (wanted: readonly string[] | undefined): FromSandbox => {
    const clusters = wanted ?? Object.keys(network.clusters).filter((cluster) => wantsDocument(network, cluster));
    try {
      const found = clusters.map((cluster) => [cluster, keeper.documentOf(network, cluster)?.digest ?? null]);
      return { kind: 'digests', position: network.position, digests: Object.fromEntries(found) };
    } catch (thrown) {
      return faultAt(network.position, thrown);
    }
  };

  const step = (event: StoredEvent): FromSandbox => {
    const before = network;
    const fault = foldSingly([event]);
    return fault ?? { kind: 'changes', position: event.position, changes: changesBetween(before, network) };
  };

  return {
    take: (frame) => {
      if (isBroken) return undefined;
      switch (frame.kind) {
        case 'event':
          waiting.push(frame.event);
          return waiting.length >= BATCH ? fold() : undefined;
        case 'digests':
          return fold() ?? digests(frame.clusters);
        case 'step':
          return fold() ?? step(frame.event);
      }
    },
  };
};
