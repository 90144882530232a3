/** Problems of network configurations and cloud properties. A bad one never replaces the last good one. */
import type { ProblemRow, ProblemRows } from '../problems.ts';

const again =
  'Correct the member the problem names and post the document again; the last good configuration stays in force.';

const wrong = (title: string, explanation: string): ProblemRow => ['invalid', title, explanation, again];

export const configurationProblems: ProblemRows = {
  'no-configuration': [
    'not-found',
    'There is no network configuration',
    'No configuration has been posted yet, or it was cleared, or there was none at that moment.',
    'Post an EDGE JSON document: PUT /v1/configuration.',
  ],
  'json.type': wrong('A member of the wrong type', 'A member of the configuration has a type it cannot have.'),
  'json.unknown-field': wrong(
    'A member the configuration does not know',
    'The document has a member that means nothing here. Members are never ignored: a misspelt one would be lost in silence.',
  ),
  'property.required': wrong('A required member is missing', 'The configuration lacks a member it cannot do without.'),
  'property.invalid.range': wrong(
    'Not an address range',
    'A range is one IPv4 address or two with a hyphen between them, the lower first, in dotted decimals without leading zeros.',
  ),
  'property.invalid.ip': wrong('Not an IPv4 address', 'Addresses are four dotted decimals without leading zeros.'),
  'property.invalid.domain': wrong('Not a domain name', 'The DNS domain of instances must be a well-formed name.'),
  'property.invalid.regex': wrong(
    'A name or prefix of the wrong form',
    'A MAC prefix is two octets in hex, such as d0:0d; names follow the form the detail states.',
  ),
  'property.invalid.subnet': wrong(
    'The subnet does not fit together',
    'Subnet, netmask and gateway must agree: no host bits in the subnet, and the gateway inside of it.',
  ),
  'property.invalid.netmask': wrong(
    'Not a netmask',
    'A netmask is a row of ones followed by zeros, such as 255.255.255.0.',
  ),
  'property.unknown': [
    'not-found',
    'There is no such property',
    'No cloud property has this name.',
    'List them: GET /v1/properties.',
  ],
  'property.invalid': [
    'invalid',
    'The property cannot have this value',
    'Each property has a type and bounds; the value is outside of them.',
    'GET /v1/properties/{name} says what it takes.',
  ],
  'semantic.mode': wrong('Another network mode', 'Only configurations of the mode EDGE can be applied here.'),
  'semantic.single-subnet': wrong(
    'Which subnet is meant?',
    'Clusters without a subnet of their own need exactly one at the top of the document.',
  ),
  'semantic.private-ips': wrong(
    'A private address outside of its subnet',
    'Private addresses of a cluster must lie in the subnet it uses.',
  ),
  'state.no-cluster-network': [
    'conflict',
    'The cluster has no network',
    'The configuration in force gives this cluster no subnet or no private addresses.',
    'Add the cluster to the configuration, or use one that has a network there.',
  ],
  'world-moved': [
    'stale',
    'The world has moved since the dry run',
    'The token stands for the state the dry run looked at; something has changed since. Nothing was done.',
    'Make a new dry run, read what would happen now, and use its token.',
  ],
  'moment-before-log': [
    'not-found',
    'Before the first event',
    'The log begins later than that moment, so there is nothing to show.',
    'Ask for a later moment; GET /v1/events?limit=1 shows the first.',
  ],
  'moment-not-found': [
    'not-found',
    'There is no such moment',
    'The log holds no event of that id, or does not reach that far yet.',
    'Ask for an earlier moment; the header Edgelog-Position says how far the log goes.',
  ],
};
