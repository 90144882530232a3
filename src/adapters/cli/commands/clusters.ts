/** `edgelog clusters`: clusters, their nodes, and the document each gets. */
import { segment } from '../api/api.ts';
import { lists, shows } from '../collection.ts';
import { any, type CommandSpec, many, type Noun, one, text } from '../command.ts';
import { isComplaint } from '../complaint.ts';
import { exits } from '../exits.ts';
import { asksOnly, wishes } from '../sharedOptions.ts';
import { column, type Item } from '../show/table.ts';
import { carry, carryCarefully, yesOption } from '../wish.ts';

const path = '/v1/clusters';
const pathOf = (name: string, below = ''): string => `${path}/${segment(name)}${below}`;
const name = one('NAME', 'name of the cluster (partition)');

const columns = [
  column('CLUSTER', 'name'),
  column('STATE', 'state', ({ state }) => (state === 'enabled' ? 'good' : 'unsure')),
  column('HOST', 'host'),
  column('ENDPOINT', 'endpoint'),
  column('MODE', 'mode'),
  column('NODES', ({ nodes }) => (nodes as readonly Item[]).length),
  column('REASON', 'reason'),
];

const listed: CommandSpec = {
  about: 'all clusters',
  shares: asksOnly,
  run: lists(path, columns, 'name'),
};

const shown: CommandSpec = {
  verb: 'show',
  about: 'one cluster with its nodes',
  arguments: [name],
  shares: asksOnly,
  run: shows(pathOf, 'NAME', 'name'),
};

const register: CommandSpec = {
  verb: 'register',
  about: 'register a cluster with the address of its controller',
  arguments: [name],
  options: {
    host: text('HOST', 'host of the cluster controller: name or address', { required: true }),
    address: text('IP', 'IPv4 address of the host; looked up if left out'),
    endpoint: text('URL', 'URL of the controller; the usual one of the host if left out'),
    component: text('NAME', 'name of the component; the cluster’s and “-cc” if left out'),
  },
  shares: wishes,
  examples: ['edgelog clusters register PARTI01 --host 10.111.1.5'],
  run: (call) => {
    const { given } = call;
    const optionals = ['address', 'endpoint', 'component'].flatMap((key) => {
      const value = given.text(key);
      return value === undefined ? [] : [[key, value] as const];
    });
    const body = { cluster: given.argument('NAME'), host: given.text('host'), ...Object.fromEntries(optionals) };
    return carry(call, { method: 'POST', path, body });
  },
};

const enable: CommandSpec = {
  verb: 'enable',
  about: 'enable a cluster: it gets documents from now on',
  arguments: [name],
  shares: wishes,
  run: (call) => carry(call, { method: 'POST', path: pathOf(call.given.argument('NAME'), '/enable') }),
};

const disable: CommandSpec = {
  verb: 'disable',
  about: 'disable a cluster: it gets no documents until it is enabled again',
  arguments: [name],
  options: { reason: text('WORDS', 'why', { required: true }) },
  shares: wishes,
  run: (call) =>
    carry(call, {
      method: 'POST',
      path: pathOf(call.given.argument('NAME'), '/disable'),
      body: { reason: call.given.text('reason') },
    }),
};

const nodeColumns = [column('NODE', 'name'), column('ENDPOINT', 'endpoint')];

/** `NAME` or `NAME=URL`. */
const nodeIn = (written: string): object => {
  const at = written.indexOf('=');
  return at < 0 ? { name: written } : { name: written.slice(0, at), endpoint: written.slice(at + 1) };
};

const nodes: CommandSpec = {
  verb: 'nodes',
  about: 'the nodes of a cluster; with nodes given, say which it has: the whole list',
  arguments: [name, any('NODE', 'NAME or NAME=URL of its controller')],
  shares: wishes,
  run: async (call) => {
    const { api, given, show } = call;
    const wanted = given.rest('NODE');
    if (wanted.length > 0) {
      const body = { nodes: wanted.map(nodeIn) };
      return carry(call, { method: 'PUT', path: pathOf(given.argument('NAME'), '/nodes'), body });
    }
    const reply = await api.get(pathOf(given.argument('NAME')));
    if (isComplaint(reply)) return reply;
    await show.list(reply.json['nodes'] as readonly Item[], nodeColumns, (item) => item['name']);
    return exits.ok;
  },
};

const forget: CommandSpec = {
  verb: 'forget',
  about: 'forget nodes that will not come back, so that nobody waits for them',
  arguments: [name, many('NODE', 'names of the nodes')],
  shares: wishes,
  run: (call) =>
    carry(call, {
      method: 'POST',
      path: pathOf(call.given.argument('NAME'), '/nodes/forget'),
      body: { nodes: call.given.rest('NODE') },
    }),
};

const document: CommandSpec = {
  verb: 'document',
  about: 'the network document of the cluster, byte for byte as it is pushed',
  arguments: [name],
  shares: ['server', 'reading'],
  run: async ({ api, given, show, say }) => {
    const reply = await api.getText(pathOf(given.argument('NAME'), '/document'), { at: given.text('at') });
    if (isComplaint(reply)) return reply;
    await show.raw(reply.body);
    if (reply.body.endsWith('>')) say(`version ${reply.headers.get('edgelog-version') ?? 'unknown'}`);
    return exits.ok;
  },
};

const remove: CommandSpec = {
  verb: 'remove',
  about: 'deregister a cluster',
  arguments: [name],
  options: { yes: yesOption },
  shares: wishes,
  run: (call) => carryCarefully(call, { method: 'DELETE', path: pathOf(call.given.argument('NAME')) }),
};

export const clusters: Noun = {
  name: 'clusters',
  about: 'clusters, their nodes and documents',
  commands: [listed, shown, register, enable, disable, nodes, forget, document, remove],
};
