/** The network before the first event. */
import { createOwnedTrie } from '../trie.ts';
import type { Network } from './views.ts';

export const initialNetwork = (): Network => ({
  position: -1,
  time: 0,
  epoch: 1,
  epochAt: -1,
  configuration: null,
  configurationRevision: -1,
  properties: {},
  clusters: {},
  instances: createOwnedTrie(),
  groups: createOwnedTrie(),
  privateAddresses: createOwnedTrie(),
  publicRanges: [],
  publicRangesAt: -1,
  publicAddresses: createOwnedTrie(),
  inFlight: {},
  assignedEarly: {},
  quarantine: createOwnedTrie(),
  presence: createOwnedTrie(),
  namedBy: createOwnedTrie(),
  touched: { configuration: -1, instances: -1, groups: -1, heads: -1, clusters: {}, nearby: {} },
});
