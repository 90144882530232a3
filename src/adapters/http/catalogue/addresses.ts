/** Problems of public and private addresses. */
import type { ProblemRows } from '../problems.ts';

export const addressProblems: ProblemRows = {
  'not-enough-resources': [
    'exhausted',
    'Not enough free addresses',
    'The pool has fewer free addresses than were wanted. Released ones stay in quarantine until every cluster has passed their release.',
    'Release addresses, enlarge the pool in the configuration, or look at GET /v1/private-addresses?state=quarantined and /v1/convergence for what holds them back.',
  ],
  'insufficient-address-capacity': [
    'exhausted',
    'No public address is free',
    'All public addresses are in use, kept for the system, or still dirty in a cluster.',
    'Release addresses, add some to PublicIps, or lower cloud.addresses.systemreservedpublicaddresses.',
  ],
  'address-limit-exceeded': [
    'exhausted',
    'The account has as many addresses as it may have',
    'The quota of public addresses of this account is used up.',
    'Release one, or have the quota raised.',
  ],
  'address-not-found': [
    'not-found',
    'There is no such public address',
    'The address is not in the public pool, or it is not yours.',
    'List addresses: GET /v1/addresses.',
  ],
  'address-not-in-pool': [
    'invalid',
    'The address is not in the cluster’s pool',
    'A specific private address must be among the private addresses of the cluster.',
    'Choose an address of the cluster, or none.',
  ],
  'address-in-use': [
    'conflict',
    'The address is in use',
    'Somebody else holds the address, or held it until a moment ago.',
    'Choose another one, or have its holder release it.',
  ],
  'instance-holds-address': [
    'conflict',
    'The instance has an address already',
    'An instance holds at most one address of a pool.',
    'Use the one it has, or release that first.',
  ],
  'illegal-transition': [
    'conflict',
    'Not from this state',
    'The address is in a state from which this step is not possible.',
    'Read its state (GET /v1/addresses/{ip}) and take the step that leads on from there.',
  ],
  'stale-reservation': [
    'conflict',
    'That holding of the address is over',
    'A release names its reservation, so that a late one never frees what somebody else holds by now.',
    'Nothing needs to be done: the address has moved on.',
  ],
  'invalid-range': [
    'invalid',
    'Not an address range',
    'A range is one IPv4 address or two with a hyphen between them, the lower first.',
    'Correct the range.',
  ],
  'not-authorized': [
    'forbidden',
    'The address is not yours',
    'Only its owner and administrators may do this with an address.',
    'Name the owning account, or ask its owner.',
  ],
  'not-enough-network-tags': [
    'exhausted',
    'No network tag is free',
    'Generic mode needs a tag (VLAN) for each security group in use, and none is left.',
    'Delete groups that are not used, or widen global_min_network_tag to global_max_network_tag.',
  ],
  'not-enough-network-indexes': [
    'exhausted',
    'No network index is free',
    'Generic mode needs an index in the group’s network for each instance, and none is left.',
    'Run fewer instances in the group, or raise global_max_network_index.',
  ],
};
