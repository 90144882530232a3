/** A small cloud for stories about wishes: one house over a log in memory, two clusters, a clock that moves by hand. */
import type { TestContext } from 'node:test';
import { createMemoryStore } from '../../../src/adapters/eventstore/memory.ts';
import { decodeRecorded } from '../../../src/domain/codec.ts';
import type { Command, CommandOf } from '../../../src/domain/commands.ts';
import type { EventStore } from '../../../src/domain/eventStore.ts';
import type { DomainEvent, EventType } from '../../../src/domain/events.ts';
import type { Executed } from '../../../src/domain/execute.ts';
import type { CommandContext } from '../../../src/domain/recorded.ts';
import { isRefusal, type Refusal } from '../../../src/domain/refusals.ts';
import type { Convergence } from '../../../src/projections/convergence.ts';
import type { InstanceView, Network, PublicAddressView } from '../../../src/projections/network/views.ts';
import { type ReconcileInputs, reconcile } from '../../../src/projections/reconcile.ts';
import { peek } from '../../../src/projections/trie.ts';
import { ACCOUNT, accepted, type House, openHouse, refusal, setUpCloud } from '../../support/house.ts';

export const MINUTE = 60_000;

type EventOf<T extends EventType> = Extract<DomainEvent, { readonly type: T }>;

export type Cloud = {
  readonly store: EventStore;
  readonly house: House;
  /** Now, ms; wishes carry it. */
  readonly clock: { now: number };
  /** Accepted, or the test fails with the reason. */
  readonly does: (command: Command, change?: Partial<CommandContext>) => Promise<Executed>;
  /** The refusal's code. */
  readonly refuses: (command: Command, change?: Partial<CommandContext>) => Promise<Refusal>;
  readonly network: () => Network;
  readonly instance: (id: string) => InstanceView | undefined;
  readonly publicAddress: (address: string) => PublicAddressView | undefined;
  readonly events: <T extends EventType>(type: T) => Promise<readonly EventOf<T>[]>;
  /** What the reconciler would wish now. By default nobody wants documents, so everything counts as passed. */
  readonly wishes: (known?: Partial<ReconcileInputs>) => readonly Command[];
  /** Has those wishes carried out, again until nothing is left to wish. */
  readonly reconcile: (known?: Partial<ReconcileInputs>) => Promise<void>;
};

const nothingHeard: ReconcileInputs['sightings'] = { lastReported: () => undefined, hears: () => false };
const nobody: Convergence = new Map();

export const openEmptyCloud = async (t: TestContext): Promise<Cloud> => {
  const store = createMemoryStore();
  const house = await openHouse(store);
  t.after(house.stop);
  const clock = { now: 1_000_000 };
  const wish = (command: Command, change: Partial<CommandContext> = {}) =>
    house.wish(command, { at: clock.now, ...change });
  const network = () => house.projector.network();
  const wishes: Cloud['wishes'] = (known = {}) =>
    reconcile({
      ...{ network: network(), convergence: nobody, wanted: () => undefined },
      ...{ sightings: nothingHeard, now: clock.now, ...known },
    });
  return {
    ...{ store, house, clock, network, wishes },
    does: async (command, change) => accepted(await wish(command, change)),
    refuses: async (command, change) => refusal(await wish(command, change)),
    instance: (id) => peek<InstanceView>(network().instances, id),
    publicAddress: (address) => peek<PublicAddressView>(network().publicAddresses, address),
    events: async <T extends EventType>(type: T) =>
      (await store.readAll(-1, 100_000)).flatMap((stored) => {
        const { event } = decodeRecorded(stored);
        return event.type === type ? [event as EventOf<T>] : [];
      }),
    reconcile: async (known) => {
      for (let round = 0; round < 5; round += 1) {
        const wished = wishes(known);
        for (const command of wished) {
          const done = await wish(command);
          if (isRefusal(done)) throw new Error(`${command.type} was refused: ${done.detail}`);
        }
        if (wished.length === 0) return;
      }
    },
  };
};

/** With the configuration, clusters and nodes of `test/support/house.ts`. */
export const openCloud = async (t: TestContext): Promise<Cloud> => {
  const cloud = await openEmptyCloud(t);
  await setUpCloud(cloud.house);
  return cloud;
};

export const run = (
  instanceId: string,
  change: Partial<CommandOf<'RunInstances'>> = {},
): CommandOf<'RunInstances'> => ({
  type: 'RunInstances',
  account: ACCOUNT,
  cluster: 'one',
  instanceIds: [instanceId],
  groups: [],
  addressing: 'private',
  ...change,
});

export const report = (
  cluster: string,
  ...instances: CommandOf<'ReportInstances'>['instances']
): CommandOf<'ReportInstances'> => ({ type: 'ReportInstances', cluster, instances });
