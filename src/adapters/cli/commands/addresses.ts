/** `edgelog addresses`: public (elastic) addresses, and the private ones that are held. */
import { segment } from '../api/api.ts';
import { lists, shows } from '../collection.ts';
import { type CommandSpec, choice, type Noun, one, optional, text } from '../command.ts';
import { isComplaint } from '../complaint.ts';
import { exits } from '../exits.ts';
import { asksInAccount, asksOnly, wishes, wishesInAccount } from '../sharedOptions.ts';
import { column, type Item } from '../show/table.ts';
import { carry } from '../wish.ts';

const path = '/v1/addresses';
const pathOf = (address: string, below = ''): string => `${path}/${segment(address)}${below}`;
const ip = one('IP', 'a public address');

const columns = [
  column('ADDRESS', 'address'),
  column('STATE', 'state'),
  column('OWNER', 'owner'),
  column('INSTANCE', 'instanceId'),
  column('PRIVATE', 'instanceAddress'),
  column('DIRTY IN', ({ dirtyIn }) => Object.keys((dirtyIn ?? {}) as object)),
  column('SINCE', 'since'),
];

const privateColumns = [
  column('ADDRESS', 'address'),
  column('STATE', 'state'),
  column('CLUSTER', 'cluster'),
  column('INSTANCE', 'instanceId'),
  column('RESERVATION', 'reservation'),
  column('SINCE', 'since'),
];

const listed: CommandSpec = {
  about: 'public addresses in use; with --state unallocated those that are free',
  options: {
    state: choice(['unallocated', 'allocated', 'impending', 'assigned'], 'only in this state'),
    owner: text('OWNER', 'only of this owner: an account, system or nobody'),
    instance: text('ID', 'only of this instance'),
  },
  shares: asksInAccount,
  run: lists(path, columns, 'address', ['state', 'owner', 'instance']),
};

const listedPrivate: CommandSpec = {
  verb: 'private',
  about: 'private addresses that are held or in quarantine',
  options: {
    cluster: text('NAME', 'only of this cluster'),
    state: choice(['pending', 'extant', 'quarantined'], 'only in this state'),
    instance: text('ID', 'only of this instance'),
  },
  shares: asksOnly,
  run: lists('/v1/private-addresses', privateColumns, 'address', ['cluster', 'state', 'instance']),
};

const used = ({ size, free }: Item): string => {
  const [all, left] = [Number(size), Number(free)];
  return all === 0 ? '-' : `${Math.round((100 * (all - left)) / all)} %`;
};

const poolColumns = [
  column('POOL', 'pool'),
  column('SIZE', 'size'),
  column('FREE', 'free'),
  column('USED', used),
  column('ALLOCATED', 'allocated'),
  column('AT INSTANCES', ({ held, assigned }) => held ?? assigned),
  column('QUARANTINED', 'quarantined'),
  column('DIRTY', 'dirty'),
  column('OUTSIDE', 'outside'),
  column('SHARED WITH', ({ sharedWith }) => sharedWith ?? []),
];

const pools: CommandSpec = {
  verb: 'pools',
  about: 'how full the pools are: the public one, and the private one of every cluster',
  shares: asksOnly,
  run: async ({ api, given, show }) => {
    const reply = await api.get('/v1/address-pools', { at: given.text('at') });
    if (isComplaint(reply)) return reply;
    const { public: outer, private: inner } = reply.json as { public: Item; private: readonly Item[] };
    const rows = [{ pool: 'public', ...outer }, ...inner.map((it) => ({ pool: it['cluster'], ...it }))];
    await show.list(rows, poolColumns, (item) => item['pool']);
    return exits.ok;
  },
};

const shown: CommandSpec = {
  verb: 'show',
  about: 'one public address',
  arguments: [ip],
  shares: asksInAccount,
  run: shows(pathOf, 'IP', 'address'),
};

const allocate: CommandSpec = {
  verb: 'allocate',
  about: 'allocate a public address to the account: this one, or any that is free',
  arguments: [optional('IP', 'the address wished for')],
  shares: wishesInAccount,
  examples: ['IP=$(edgelog addresses allocate -o name)'],
  run: (call) => {
    const address = call.given.argument('IP');
    return carry(call, { method: 'POST', path, body: address === '' ? {} : { address } });
  },
};

const release: CommandSpec = {
  verb: 'release',
  about: 'give a public address back',
  arguments: [ip],
  shares: wishesInAccount,
  run: (call) => carry(call, { method: 'DELETE', path: pathOf(call.given.argument('IP')) }),
};

const associate: CommandSpec = {
  verb: 'associate',
  about: 'give an instance this public address',
  arguments: [ip, one('INSTANCE', 'id of the instance')],
  shares: wishesInAccount,
  run: (call) =>
    carry(call, {
      method: 'POST',
      path: pathOf(call.given.argument('IP'), '/associate'),
      body: { instanceId: call.given.argument('INSTANCE') },
    }),
};

const disassociate: CommandSpec = {
  verb: 'disassociate',
  about: 'take the public address away from its instance',
  arguments: [ip],
  shares: wishesInAccount,
  run: (call) => carry(call, { method: 'POST', path: pathOf(call.given.argument('IP'), '/disassociate') }),
};

const free: CommandSpec = {
  verb: 'free',
  about: 'take an address out of quarantine before every cluster has passed its release',
  arguments: [one('IP', 'a public or private address')],
  options: {
    reason: text('WORDS', 'why it is safe', { required: true }),
    reservation: text('ID', 'the holding that was released (edgelog addresses private)'),
  },
  shares: wishes,
  run: (call) => {
    const { given } = call;
    const reservation = given.text('reservation');
    const body = { reason: given.text('reason'), ...(reservation === undefined ? {} : { reservation }) };
    return carry(call, { method: 'POST', path: pathOf(given.argument('IP'), '/free'), body });
  },
};

export const addresses: Noun = {
  name: 'addresses',
  about: 'public (elastic) and private addresses',
  commands: [listed, shown, listedPrivate, pools, allocate, release, associate, disassociate, free],
};
