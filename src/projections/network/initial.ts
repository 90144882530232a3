/** The network before the first event. */
import { createTrie } from '../trie.ts';
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
  instances: createTrie(),
  groups: createTrie(),
  privateAddresses: createTrie(),
  publicRanges: [],
  publicRangesAt: -1,
  publicAddresses: createTrie(),
  inFlight: {},
  assignedEarly: {},
  quarantine: createTrie(),
  presence: createTrie(),
  namedBy: createTrie(),
  touched: { configuration: -1, instances: -1, groups: -1, heads: -1, clusters: {}, nearby: {} },
});
