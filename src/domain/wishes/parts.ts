/**
 * A wish that is several decisions becomes one unit of work each. Only a cluster's report is: what it says as a whole comes
 * first, then its instances one by one and those it leaves out, side by side and independent of each other.
 */
import type { Command, CommandOf } from '../commands.ts';
import { canonicalInstanceId } from '../identifiers.ts';
import type { Surroundings } from './scene.ts';

export type Parts = { readonly head: Command; readonly rest: readonly Command[] };

export const partsOf = (command: Command, surroundings: Surroundings): Parts =>
  command.type === 'ReportInstances' ? reportParts(command, surroundings) : { head: command, rest: [] };

const reportParts = (report: CommandOf<'ReportInstances'>, { leavingIn }: Surroundings): Parts => {
  const { cluster, instances } = report;
  const reported = new Set(instances.map(({ instanceId }) => canonicalInstanceId(instanceId)));
  const missing = leavingIn(cluster).filter((instanceId) => !reported.has(instanceId));
  return {
    head: report,
    rest: [
      ...instances.map((instance) => ({ type: 'ReportInstance', cluster, instance }) as const),
      ...missing.map((instanceId) => ({ type: 'MissInstance', cluster, instanceId }) as const),
    ],
  };
};
