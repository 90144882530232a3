/**
 * Counts how often clusters have contradicted the public pool, and wishes what follows when it was often enough (cloud spec
 * 5.7). The counts are only in memory: losing them makes a reclaim late, never wrong. Generic mode only.
 */
import type { Command, CommandOf } from '../../domain/commands.ts';
import { forgetOrphan, judgeOrphans, type OrphanCounts, publicPoolAggregate } from '../../domain/publicPool.ts';
import type { CommandContext } from '../../domain/recorded.ts';
import { isRefusal } from '../../domain/refusals.ts';
import type { Transactor } from '../../domain/transact.ts';
import { activeNetworkIn } from '../../projections/activeNetwork.ts';
import { settingsIn } from '../../projections/documentInputs.ts';
import type { Network } from '../../projections/network/views.ts';
import { forEach } from '../../projections/trie.ts';

export type OrphanBookPorts = {
  readonly cloud: string;
  readonly transactor: Pick<Transactor, 'rehearse'>;
  readonly network: () => Network;
  readonly carryOut: (command: Command) => Promise<unknown>;
};

export type OrphanBook = {
  /** After the report was accepted. */
  readonly judge: (report: CommandOf<'ReportAddresses'>, context: CommandContext) => Promise<void>;
  /** The address was allocated: its counting begins anew. */
  readonly forget: (address: string) => void;
};

const running = (network: Network): ReadonlyMap<string, string> => {
  const found = new Map<string, string>();
  forEach(network.instances, (id, { state, privateAddress }) => {
    if (state === 'RUNNING') found.set(privateAddress, id);
  });
  return found;
};

/** Starts with nothing counted: after a restart an address has to be reported as often again. */
export const createOrphanBook = ({ cloud, transactor, network, carryOut }: OrphanBookPorts): OrphanBook => {
  let counts: OrphanCounts = new Map();
  return {
    judge: async ({ addresses }, context) => {
      if (activeNetworkIn(network()) === 'EDGE') return;
      const settings = settingsIn(network());
      const instances = running(network());
      const reports = addresses.map(({ address, instanceAddress = '0.0.0.0' }) => ({ address, instanceAddress }));
      const judged = await transactor.rehearse(context, (unit) =>
        judgeOrphans(unit.read(publicPoolAggregate, cloud), counts, reports, {
          maxReports: settings['cloud.addresses.maxkillorphans'],
          graceMs: settings['cloud.addresses.orphangrace'] * 60_000,
          at: context.at,
          runningAt: (address) => instances.get(address),
        }),
      );
      if (isRefusal(judged)) return;
      counts = judged.result.counts;
      for (const address of judged.result.reclaim) await carryOut({ type: 'ReclaimAddress', address });
      for (const one of judged.result.adopt) await carryOut({ type: 'AdoptAddress', ...one });
    },
    forget: (address) => {
      if (counts.size > 0) counts = forgetOrphan(counts, address);
    },
  };
};
