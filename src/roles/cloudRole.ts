/**
 * The cloud controller (CLC) of this process: log, read model, decisions, documents, delivery and the HTTP door, constructed in
 * start order and stopped in reverse. Constructions only; every rule lives in its room.
 */
import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createDeliveryRecorder } from '../adapters/broadcast/deliveryRecorder.ts';
import { createDocumentBoard } from '../adapters/broadcast/documentBoard.ts';
import { createInProcessLanes } from '../adapters/broadcast/inProcessLanes.ts';
import { createLedger } from '../adapters/broadcast/ledger.ts';
import { createReconciler } from '../adapters/broadcast/reconciler.ts';
import { createRelay } from '../adapters/broadcast/relay.ts';
import { createResync } from '../adapters/broadcast/resync.ts';
import { createControlPlane } from '../adapters/controlPlane/controlPlane.ts';
import { createHistory } from '../adapters/controlPlane/history.ts';
import { createSightings } from '../adapters/controlPlane/sightings.ts';
import { surroundingsOf } from '../adapters/controlPlane/surroundings.ts';
import { openStore } from '../adapters/eventstore/open.ts';
import { readKeysFile } from '../adapters/http/keysFile.ts';
import { createHttpServer } from '../adapters/http/server.ts';
import { createProjector } from '../adapters/projector/projector.ts';
import type { Settings } from '../adapters/settings/settings.ts';
import type { Command } from '../domain/commands.ts';
import { type DeliveryEvent, deliveryAggregate, noteDeliveries } from '../domain/deliveryLog.ts';
import type { DomainEvent } from '../domain/events.ts';
import { createExecutor } from '../domain/execute.ts';
import type { CommandContext, Recorded } from '../domain/recorded.ts';
import { isRefusal } from '../domain/refusals.ts';
import { createTransactor } from '../domain/transact.ts';
import { createAuditIndex } from '../projections/audit.ts';
import { settingsIn } from '../projections/documentInputs.ts';
import { type ClusterDocument, documentVersion, fullDocument, wantsDocument } from '../projections/documents.ts';
import type { Network } from '../projections/network/views.ts';
import { reconcile } from '../projections/reconcile.ts';
import { createCloudPush } from './cloudPush.ts';
import type { Journal } from './journal.ts';
import type { Role } from './role.ts';
import type { WireKeys } from './wireKeys.ts';

export type CloudRoleOptions = {
  readonly settings: Settings;
  readonly keys: WireKeys;
  readonly journal: Journal;
  readonly now: () => number;
  readonly version: string;
};

/** The running cloud controller, for whoever composes it with others. */
export type CloudRole = Role & {
  readonly url: () => string;
  readonly wish: (command: Command, actor: string) => Promise<unknown>;
};

export const contextOf = (actor: string, now: () => number, source: string): CommandContext => {
  const commandId = randomUUID();
  return { commandId, actor, admin: true, at: now(), correlationId: commandId, source };
};
