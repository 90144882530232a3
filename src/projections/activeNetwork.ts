/** Which implementation of the networking service is in force, as the read model sees it (cloud spec 8.2). */
import { networkMode } from '../domain/networking/mode.ts';
import type { Network } from './network/views.ts';

/** The mode that any cluster reported last counts for the cloud; a report that says the same as before it is no news. */
export const reportedModeIn = (network: Network): string | undefined => {
  let latest: { readonly at: number; readonly mode: string } | undefined;
  for (const { mode, modeAt: at = -1 } of Object.values(network.clusters)) {
    if (mode !== undefined && at > (latest?.at ?? -1)) latest = { at, mode };
  }
  return latest?.mode;
};

export const activeNetworkIn = (network: Network): 'EDGE' | 'generic' => {
  const configured = network.configuration !== null;
  const { service } = networkMode({ configured, clusterReportsEdge: reportedModeIn(network) === 'EDGE' });
  return service === 'EDGE' ? 'EDGE' : 'generic';
};
