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

type Fault = Extract<FromSandbox, { readonly kind: 'fault' }>;

const faultAt = (position: number, thrown: unknown): Fault => ({
  ...{ kind: 'fault', position },
  detail: thrown instanceof Error ? thrown.message : String(thrown),
});

/** The network as far as it was folded. What waits is folded together; a fault is laid at the door of one event. */
const createFolding = () => {
  let network = initialNetwork();
  let waiting: StoredEvent[] = [];

  /** One by one, to learn which event it is that cannot be folded. */
  const foldSingly = (events: readonly StoredEvent[]): Fault | undefined => {
    for (const event of events) {
      try {
        network = advance(network, [decodeRecorded(event)]);
      } catch (thrown) {
        return faultAt(event.position, thrown);
      }
    }
    return undefined;
  };

  const fold = (): Fault | undefined => {
    const events = waiting;
    waiting = [];
    try {
      network = advance(network, events.map(decodeRecorded));
      return undefined;
    } catch {
      return foldSingly(events);
    }
  };

  return {
    network: () => network,
    fold,
    foldSingly,
    wait: (event: StoredEvent): Fault | undefined => {
      waiting.push(event);
      return waiting.length >= BATCH ? fold() : undefined;
    },
  };
};

export const createSandbox = (): Sandbox => {
  const keeper = createDocumentKeeper();
  const { network, fold, foldSingly, wait } = createFolding();
  let isBroken = false;

  const digests = (wanted: readonly string[] | undefined): FromSandbox => {
    const now = network();
    const clusters = wanted ?? Object.keys(now.clusters).filter((cluster) => wantsDocument(now, cluster));
    try {
      const found = clusters.map((cluster) => [cluster, keeper.documentOf(now, cluster)?.digest ?? null]);
      return { kind: 'digests', position: now.position, digests: Object.fromEntries(found) };
    } catch (thrown) {
      return faultAt(now.position, thrown);
    }
  };

  const step = (event: StoredEvent): FromSandbox => {
    const before = network();
    const fault = foldSingly([event]);
    return fault ?? { kind: 'changes', position: event.position, changes: changesBetween(before, network()) };
  };

  const answer = (frame: ToSandbox): FromSandbox | undefined => {
    switch (frame.kind) {
      case 'event':
        return wait(frame.event);
      case 'digests':
        return fold() ?? digests(frame.clusters);
      case 'step':
        return fold() ?? step(frame.event);
    }
  };

  return {
    take: (frame) => {
      if (isBroken) return undefined;
      const answered = answer(frame);
      isBroken = answered?.kind === 'fault';
      return answered;
    },
  };
};
