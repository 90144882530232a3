/** `edgelog groups`: security groups and their rules. A group is named by its id, or by its name in the account. */
import { segment } from '../api/api.ts';
import { lists } from '../collection.ts';
import { type Call, type CommandSpec, type Noun, one, text } from '../command.ts';
import { type Complaint, complain, isComplaint, usage } from '../complaint.ts';
import { type ExitCode, exits } from '../exits.ts';
import { permissionOf, permissionOptions, ruleColumns } from '../permission.ts';
import { asksInAccount, wishesInAccount } from '../sharedOptions.ts';
import { column, type Item, tableLines } from '../show/table.ts';
import { carry } from '../wish.ts';

const path = '/v1/security-groups';
const group = one('GROUP', 'id (sg-...) or name of the group');

const columns = [
  column('GROUP', 'groupId'),
  column('NAME', 'name'),
  column('ACCOUNT', 'account'),
  column('RULES', ({ rules }) => (rules as readonly Item[]).length),
  column('MEMBERS', ({ members }) => (members as readonly unknown[]).length),
  column('DESCRIPTION', 'description'),
];

/** The id behind what was written: ids are taken as they are, names are looked up and must mean one group. */
const idOf = async ({ api, given }: Call): Promise<string | Complaint> => {
  const written = given.argument('GROUP');
  if (/^sg-/i.test(written)) return written;
  const found = await api.all(path, { name: written, at: given.text('at') });
  if (isComplaint(found)) return found;
  const [first, second] = found;
  if (first === undefined) return complain(exits.refused, `There is no group named ${written}.`, 'edgelog groups');
  if (second !== undefined) return usage(`Several groups are named ${written}.`, 'say --account, or the id of one');
  return String(first['groupId']);
};

type Act = (call: Call, path: string) => Promise<ExitCode | Complaint>;

/** Resolves the group, then acts on its path. */
const onGroup =
  (act: Act): CommandSpec['run'] =>
  async (call) => {
    const id = await idOf(call);
    return isComplaint(id) ? id : act(call, `${path}/${segment(id)}`);
  };

const listed: CommandSpec = {
  about: 'security groups',
  options: { name: text('NAME', 'only of this name') },
  shares: asksInAccount,
  run: lists(path, columns, 'groupId', ['name']),
};

const showGroup: Act = async ({ api, given, show }, groupPath) => {
  const reply = await api.get(groupPath, { at: given.text('at') });
  if (isComplaint(reply)) return reply;
  if (show.format !== 'table') {
    await show.thing(reply.json, () => reply.json['groupId']);
    return exits.ok;
  }
  const { rules, ...others } = reply.json;
  await show.thing(others, () => '');
  await show.lines(['', ...tableLines(ruleColumns, rules as readonly Item[], show.paint)]);
  return exits.ok;
};

const create: CommandSpec = {
  verb: 'create',
  about: 'create a security group in the account',
  arguments: [one('NAME', 'name of the group')],
  options: {
    description: text('WORDS', 'what it is for; its name if left out'),
    id: text('ID', 'id wished for; made up if left out'),
  },
  shares: wishesInAccount,
  run: (call) => {
    const { given } = call;
    const name = given.argument('NAME');
    const groupId = given.text('id');
    const body = {
      name,
      description: given.text('description') ?? name,
      ...(groupId === undefined ? {} : { groupId }),
    };
    return carry(call, { method: 'POST', path, body });
  },
};

const ruled = (verb: 'authorize' | 'revoke', below: 'ingress' | 'revoke', about: string): CommandSpec => ({
  verb,
  about,
  arguments: [group],
  options: permissionOptions,
  shares: wishesInAccount,
  examples: [
    `edgelog groups ${verb} web --protocol tcp --port 22 --cidr 10.0.0.0/8`,
    `edgelog groups ${verb} db --protocol tcp --port 3306 --source-group web`,
    `edgelog groups ${verb} web --protocol icmp --cidr 0.0.0.0/0`,
  ],
  run: async (call) => {
    const permission = permissionOf(call.given);
    if (isComplaint(permission)) return permission;
    const act: Act = (_, groupPath) =>
      carry(call, { method: 'POST', path: `${groupPath}/${below}`, body: { permissions: [permission] } });
    return onGroup(act)(call);
  },
});

export const groups: Noun = {
  name: 'groups',
  about: 'security groups and their rules',
  commands: [
    listed,
    {
      verb: 'show',
      about: 'one group with its rules and members',
      arguments: [group],
      shares: asksInAccount,
      run: onGroup(showGroup),
    },
    create,
    {
      verb: 'delete',
      about: 'delete a group that has no members',
      arguments: [group],
      shares: wishesInAccount,
      run: onGroup((call, groupPath) => carry(call, { method: 'DELETE', path: groupPath })),
    },
    ruled('authorize', 'ingress', 'allow traffic into the instances of a group'),
    ruled('revoke', 'revoke', 'no longer allow traffic into the instances of a group'),
  ],
};
