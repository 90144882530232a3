/** The cloud controller's inner half: log, read model, decisions. Knows nobody outside this process. */
import { randomUUID } from 'node:crypto';
import { createDryRun } from '../adapters/controlPlane/dryRun.ts';
import { createHistory, type HistoryBases } from '../adapters/controlPlane/history.ts';
import { surroundingsOf } from '../adapters/controlPlane/surroundings.ts';
import { createProjector } from '../adapters/projector/projector.ts';
import { configurationAggregate } from '../domain/configuration/aggregate.ts';
import type { EventStore, StoredEvent } from '../domain/eventStore.ts';
import type { DomainEvent } from '../domain/events.ts';
import { createExecutor } from '../domain/execute.ts';
import { privatePoolAggregate } from '../domain/privatePool.ts';
import { publicPoolAggregate } from '../domain/publicPool.ts';
import type { CommandContext, Recorded } from '../domain/recorded.ts';
import { isRefusal } from '../domain/refusals.ts';
import { createTransactor } from '../domain/transact.ts';
import { worldToken } from '../domain/wishes/worldToken.ts';
import { auditIndexOf, createAuditIndex, type KeptAudit } from '../projections/audit.ts';
import { createDocumentKeeper } from '../projections/documentKeeper.ts';
import type { Network } from '../projections/network/views.ts';
import type { Recalled } from '../projections/recalledDocument.ts';
import { caughtUp } from './caughtUp.ts';

/** A context for what the house itself wishes. */
export const houseContext = (actor: string, at: number): CommandContext => {
  const commandId = randomUUID();
  return { commandId, actor, admin: true, at, correlationId: commandId, source: actor };
};

/** What a snapshot knows of the past. */
export type Begun = {
  readonly network: Network;
  readonly events: number;
  readonly audit: KeptAudit;
  readonly document?: Recalled | undefined;
};

export type CloudCoreOptions = {
  readonly store: EventStore;
  readonly cloud: string;
  /** They see the whole past only when `begun` is undefined: what they need of it is kept in the snapshot, or not needed. */
  readonly observers: readonly ((events: readonly Recorded<DomainEvent>[]) => void)[];
  readonly begun?: Begun | undefined;
  readonly bases?: HistoryBases | undefined;
  /** Every stored event as it was read, before it is decoded. */
  readonly onStored?: (events: readonly StoredEvent[]) => void;
  readonly onProgress: (events: number) => void;
  readonly onFault: (fault: Error) => void;
};

export type CloudCore = ReturnType<typeof createCloudCore>;

export const createCloudCore = (options: CloudCoreOptions) => {
  const { store, cloud, observers, begun, onStored, onProgress, onFault } = options;
  const index = begun === undefined ? createAuditIndex() : auditIndexOf(begun.audit);
  const transactor = createTransactor(store);
  const projector = createProjector(store, {
    from: begun,
    observers: [index.note, ...observers],
    onStored: (events) => {
      onStored?.(events);
      transactor.observe(events);
    },
    onProgress,
    onFault,
  });
  const surroundings = surroundingsOf(cloud, projector.network);
  const executor = createExecutor({
    ...{ store, transactor, surroundings, prior: index.receipt },
    caughtUp: () => caughtUp({ store, projector }),
  });
  const history = createHistory(store, index, projector.network, { bases: options.bases });
  const token = async (context: CommandContext): Promise<string> => {
    const made = await transactor.rehearse(context, (unit) => {
      for (const one of [configurationAggregate, privatePoolAggregate, publicPoolAggregate] as const) {
        unit.read(one as typeof configurationAggregate, cloud);
      }
      return { token: worldToken({ unit, surroundings }) };
    });
    return isRefusal(made) ? '' : made.result.token;
  };
  const keeper = createDocumentKeeper(begun?.document);
  const dryRun = createDryRun({ executor, surroundings, network: projector.network, documentAt: keeper.glance, token });
  return { index, transactor, projector, surroundings, executor, history, keeper, dryRun };
};
