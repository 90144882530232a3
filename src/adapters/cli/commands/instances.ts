/** `edgelog instances`: what runs where, and the steps of an instance's life. */
import { segment } from '../api/api.ts';
import { lists, shows } from '../collection.ts';
import { type Call, type CommandSpec, choice, many, type Noun, one, text } from '../command.ts';
import { type Complaint, complaintLine, isComplaint } from '../complaint.ts';
import { type ExitCode, exits } from '../exits.ts';
import { asksInAccount, wishes, wishesInAccount } from '../sharedOptions.ts';
import { column } from '../show/table.ts';
import { carry } from '../wish.ts';

const path = '/v1/instances';
const pathOf = (id: string, below = ''): string => `${path}/${segment(id)}${below}`;
const states = ['PENDING', 'RUNNING', 'SHUTTING_DOWN', 'STOPPING', 'STOPPED', 'TERMINATED', 'BURIED'];

const columns = [
  column('INSTANCE', 'instanceId'),
  column('STATE', 'state', ({ state }) => (state === 'RUNNING' ? 'good' : undefined)),
  column('CLUSTER', 'cluster'),
  column('NODE', 'node'),
  column('PRIVATE', 'privateAddress'),
  column('PUBLIC', 'publicAddress'),
  column('MAC', 'macAddress'),
  column('GROUPS', 'groups'),
  column('SINCE', 'stateSince'),
];

const listed: CommandSpec = {
  about: 'instances',
  options: {
    cluster: text('NAME', 'only of this cluster'),
    node: text('NODE', 'only on this node'),
    state: choice(states, 'only in this state'),
    group: text('ID', 'only in this group (id)'),
  },
  shares: asksInAccount,
  run: lists(path, columns, 'instanceId', ['cluster', 'node', 'state', 'group']),
};

const shown: CommandSpec = {
  verb: 'show',
  about: 'one instance',
  arguments: [one('ID', 'id of the instance')],
  shares: asksInAccount,
  run: shows(pathOf, 'ID', 'instanceId'),
};

/** One after the other; each "no" is told at once and the others go on. The worst exit code is the answer. */
const eachOf = async (
  call: Call,
  act: (id: string) => Promise<ExitCode | Complaint>,
): Promise<ExitCode | Complaint> => {
  const ids = call.given.rest('ID');
  let worst: ExitCode | Complaint = exits.ok;
  for (const [i, id] of ids.entries()) {
    const code = await act(id);
    if (code === exits.ok) continue;
    if (i === ids.length - 1) return code;
    if (isComplaint(code)) await call.io.stderr.write(`${complaintLine(code)}\n`);
    worst = isComplaint(code) ? code.exit : code;
    if (worst === exits.unreachable) return worst;
  }
  return worst;
};

const step = (verb: string, about: string, shares: CommandSpec['shares']): CommandSpec => ({
  verb,
  about,
  arguments: [many('ID', 'ids of instances')],
  shares: shares ?? wishes,
  run: (call) => eachOf(call, (id) => carry(call, { method: 'POST', path: pathOf(id, `/${verb}`), part: id })),
});

const place: CommandSpec = {
  verb: 'place',
  about: 'say on which node an instance is placed',
  arguments: [one('ID', 'id of the instance'), one('NODE', 'name of the node')],
  options: {
    mac: text('MAC', 'MAC address as the cluster knows it'),
    'private-address': text('IP', 'private address as the cluster knows it'),
  },
  shares: wishes,
  run: (call) => {
    const { given } = call;
    const [macAddress, privateAddress] = [given.text('mac'), given.text('private-address')];
    const body = {
      node: given.argument('NODE'),
      ...(macAddress === undefined ? {} : { macAddress }),
      ...(privateAddress === undefined ? {} : { privateAddress }),
    };
    return carry(call, { method: 'POST', path: pathOf(given.argument('ID'), '/place'), body });
  },
};

const start: CommandSpec = {
  verb: 'start',
  about: 'start stopped instances again, with new private addresses',
  arguments: [many('ID', 'ids of instances')],
  options: { node: text('NODE', 'node to place them on') },
  shares: wishesInAccount,
  run: (call) => {
    const node = call.given.text('node');
    const body = node === undefined ? {} : { node };
    return eachOf(call, (id) => carry(call, { method: 'POST', path: pathOf(id, '/start'), body, part: id }));
  },
};

export const instances: Noun = {
  name: 'instances',
  about: 'instances and the steps of their life',
  commands: [
    listed,
    shown,
    place,
    step('running', 'say that instances are running', wishes),
    step('stop', 'stop instances', wishesInAccount),
    step('stopped', 'say that instances have stopped', wishes),
    start,
    step('terminate', 'terminate instances', wishesInAccount),
    step('terminated', 'say that instances have terminated', wishes),
    step('abort', 'give up runs that have not come to life: their addresses are given back at once', wishesInAccount),
  ],
};
