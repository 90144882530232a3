/**
 * A house in one process for tests: the real transactor, executor and projector over a store, and contexts that need no clock.
 * Several houses over one store are several control planes.
 */

import { surroundingsOf } from '../../src/adapters/controlPlane/surroundings.ts';
import { createProjector, type Projector } from '../../src/adapters/projector/projector.ts';
import type { Command } from '../../src/domain/commands.ts';
import type { EventStore } from '../../src/domain/eventStore.ts';
import { createExecutor, type Executed, type Executor } from '../../src/domain/execute.ts';
import type { CommandContext } from '../../src/domain/recorded.ts';
import { isRefusal, type Refusal } from '../../src/domain/refusals.ts';
import { createTransactor, type Transactor } from '../../src/domain/transact.ts';
import { type AuditIndex, createAuditIndex } from '../../src/projections/audit.ts';

export const CLOUD = 'main';
export const ACCOUNT = '000000000001';

let counter = 0;

/** A command id nobody used before, an administrator, and a time that the caller may set. */
export const context = (change: Partial<CommandContext> = {}): CommandContext => {
  counter += 1;
  const commandId = `test-${counter}`;
  return { commandId, actor: 'tester', admin: true, at: counter, correlationId: commandId, ...change };
};

export type House = {
  readonly executor: Executor;
  readonly transactor: Transactor;
  readonly projector: Projector;
  readonly index: AuditIndex;
  /** Executes and waits until this house's read model has it. */
  readonly wish: (command: Command, change?: Partial<CommandContext>) => Promise<Executed | Refusal>;
  readonly stop: () => Promise<void>;
};

export const openHouse = async (store: EventStore): Promise<House> => {
  const index = createAuditIndex();
  const transactor = createTransactor(store);
  const projector = createProjector(store, { observers: [index.note], onStored: transactor.observe });
  const surroundings = surroundingsOf(CLOUD, projector.network);
  const executor = createExecutor({
    ...{ store, transactor, surroundings, prior: index.receipt },
    caughtUp: async () => {
      const head = await store.head();
      if (head !== undefined) await projector.reached(head.position);
    },
  });
  projector.start();
  await projector.inSync;
  return {
    executor,
    transactor,
    projector,
    index,
    wish: async (command, change) => {
      const done = await executor.execute(command, context(change));
      if (!isRefusal(done) && done.position >= 0) await projector.reached(done.position);
      return done;
    },
    stop: projector.stop,
  };
};

/** The accepted answer; a refusal fails the test with its reason. */
export const accepted = (answer: Executed | Refusal): Executed => {
  if (isRefusal(answer)) throw new Error(`expected it to be accepted, got ${answer.refused}: ${answer.detail}`);
  return answer;
};

export const refusal = (answer: Executed | Refusal): Refusal => {
  if (!isRefusal(answer)) throw new Error(`expected a refusal, got ${JSON.stringify(answer.result)}`);
  return answer;
};

/** A cloud with two clusters, a shared configuration and a small public pool. */
export const configurationText = (privateUpper = 200, publicUpper = 20): string =>
  JSON.stringify({
    PublicIps: [`198.51.100.1-198.51.100.${publicUpper}`],
    Subnets: [],
    Clusters: ['one', 'two'].map((name, i) => ({
      Name: name,
      MacPrefix: `d0:0${i}`,
      Subnet: { Subnet: `10.${i}.0.0`, Netmask: '255.255.0.0', Gateway: `10.${i}.0.1` },
      PrivateIps: [`10.${i}.0.10-10.${i}.0.${privateUpper}`],
    })),
  });

export const setUpCloud = async (house: House): Promise<void> => {
  accepted(await house.wish({ type: 'PostConfiguration', text: configurationText() }));
  for (const cluster of ['one', 'two']) {
    const host = cluster === 'one' ? '127.0.1.1' : '127.0.1.2';
    const endpoint = `http://${host}:8774/axis2/services/EucalyptusCC`;
    accepted(
      await house.wish({ type: 'RegisterCluster', cluster, component: `${cluster}-cc`, host, address: host, endpoint }),
    );
    accepted(await house.wish({ type: 'EnableCluster', cluster }));
    accepted(
      await house.wish({ type: 'ReportNodes', cluster, nodes: [{ name: `${cluster}-a` }, { name: `${cluster}-b` }] }),
    );
  }
};
