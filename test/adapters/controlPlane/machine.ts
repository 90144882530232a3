/** A time machine over a log of sensible wishes, with deliveries recorded now and then, for laws about the past. */
import { createHistory, type History } from '../../../src/adapters/controlPlane/history.ts';
import { createTimeMachine, type TimeMachine } from '../../../src/adapters/controlPlane/timeMachine.ts';
import { deliveryAggregate, noteDeliveries } from '../../../src/domain/deliveryLog.ts';
import { isRefusal } from '../../../src/domain/refusals.ts';
import type { Convergence } from '../../../src/projections/convergence.ts';
import { createDocumentKeeper } from '../../../src/projections/documentKeeper.ts';
import { createWorld, type World } from '../../projections/timeMachine/world.ts';
import { context } from '../../support/house.ts';

export type Machine = World & {
  readonly machine: TimeMachine;
  readonly history: History;
  readonly convergence: { now: Convergence };
  /** What a cluster controller's "yes" to the newest document leaves behind. */
  readonly deliver: (cluster: string) => Promise<void>;
};

export const deliveryOf = async ({ house }: World, cluster: string): Promise<void> => {
  const document = createDocumentKeeper().documentOf(house.projector.network(), cluster);
  if (document === undefined) return;
  const { epoch, version, digest, dialect, byteLength } = document;
  const delivered = { type: 'DocumentDelivered', cluster, epoch, version, digest, dialect, bytes: byteLength } as const;
  const done = await house.transactor.transact(context({ actor: 'edgelog' }), (unit) => {
    const state = unit.read(deliveryAggregate, cluster);
    const events = noteDeliveries(state, [delivered]);
    if (!isRefusal(events)) unit.write(deliveryAggregate, cluster, events);
    return {};
  });
  if (!isRefusal(done) && done.position >= 0) await house.projector.reached(done.position);
};

export const openMachine = async (seed: number, wishes: number, everyDelivery = 10): Promise<Machine> => {
  const world = await createWorld(seed, wishes, async (made, i) => {
    if (i % everyDelivery === 0) for (const cluster of ['one', 'two']) await deliveryOf(made, cluster);
  });
  const { house, store } = world;
  const convergence = { now: new Map() as Convergence };
  const history = createHistory(store, house.index, house.projector.network, { page: 50, keepEvery: 20, maxKept: 8 });
  const keeper = createDocumentKeeper();
  const machine = createTimeMachine({
    ...{ store, history, index: house.index, cloud: 'main', network: house.projector.network },
    ...{ documentAt: keeper.glance, convergence: () => convergence.now, reached: house.projector.reached },
    now: () => 1_000_000_000,
  });
  return { ...world, machine, history, convergence, deliver: (cluster) => deliveryOf(world, cluster) };
};
