/**
 * What accepted commands have to say. One shape for all: each command fills the members that belong to it, and a repeated one
 * those that follow from its recorded events.
 */
import { list, name, object, type Schema, text, whole, yesNo } from '../schema.ts';

const run = object(
  {
    instanceId: name('Instance id'),
    privateAddress: text('Its private address'),
    macAddress: text('Its MAC address'),
    groups: list(name('Group id'), 500, 'Its groups'),
    publicAddress: text('Public address it will have'),
    networkTag: whole('Tag of its network, where EDGE is not in force', 0),
    networkIndex: whole('Its index in that network', 0),
  },
  ['instanceId', 'privateAddress', 'macAddress', 'groups'],
  { title: 'StartedInstance' },
);

export const warningSchema = object(
  { code: text('Stable word'), text: text('What is odd', { maxLength: 4096 }), path: text('Where') },
  ['code', 'text'],
  { title: 'Warning' },
);

const refusal = object(
  {
    refused: text('Code of a problem'),
    detail: text('Why', { maxLength: 4096 }),
    member: text('Where'),
    value: { type: 'string' },
  },
  ['refused', 'detail'],
);

export const resultSchema: Schema = object(
  {
    instances: list(run, 1000, 'RunInstances: what was started'),
    instanceId: name('Commands about an instance: its id'),
    privateAddress: text('StartInstance: its new private address'),
    address: text('Commands about an address: the address'),
    freed: yesNo('FreeAddress: whether it was in quarantine'),
    groupId: name('Commands about a security group: its id'),
    return: yesNo('Commands about a security group: what EC2 answers'),
    rules: list(text('A rule in words'), 100_000, 'Ingress commands: the rules they were about'),
    cluster: name('Commands about a cluster: its name'),
    changed: yesNo('Configuration and properties: whether anything changed'),
    warnings: list(warningSchema, 100_000, 'Configuration: what is accepted and odd'),
    epoch: whole('RaiseEpoch: the new epoch', 1),
    refused: list(refusal, 100_000, 'ReportInstances: reports that could not be followed'),
  },
  [],
  { title: 'CommandResult', description: 'What the command has to say: ids, addresses, warnings' },
);
