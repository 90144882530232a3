/** `edgelog keys`: keys of the API (a file of hashes) and of the wire (WS-Security). Works on files, asks no server. */
import { type Call, type CommandSpec, choice, count, list, type Noun, one, text } from '../command.ts';
import { type Complaint, complain, isComplaint, usage } from '../complaint.ts';
import { type ExitCode, exits } from '../exits.ts';
import { complaintOfHook } from '../hookAnswer.ts';
import { type ApiKeyRecord, type ApiKeyRole, isHookRefusal } from '../hooks.ts';
import { readKeys, writeKeys } from '../keysFile.ts';
import { timeToCome } from '../moment.ts';
import { localOnly } from '../sharedOptions.ts';
import { column } from '../show/table.ts';

const roles = ['viewer', 'operator', 'admin', 'auditor'] as const;
const fileOption = text('FILE', 'the API keys file (default EDGELOG_KEYS_FILE)');

type Opened = { readonly file: string; readonly records: readonly ApiKeyRecord[] };

const open = async ({ given, environment, hooks }: Call): Promise<Opened | Complaint> => {
  const file = given.text('file') ?? environment['EDGELOG_KEYS_FILE'];
  if (file === undefined || file === '')
    return usage('No API keys file is named.', 'say --file FILE or set EDGELOG_KEYS_FILE');
  try {
    return { file, records: await readKeys(file, await hooks.apiKeys()) };
  } catch (fault) {
    return usage((fault as Error).message);
  }
};

const save = async (file: string, records: readonly ApiKeyRecord[]): Promise<Complaint | undefined> => {
  try {
    await writeKeys(file, records);
    return undefined;
  } catch (fault) {
    return usage(`${file} cannot be written: ${(fault as Error).message}.`);
  }
};

const takenUp = (file: string): string =>
  `The running program reads ${file} again when it gets SIGHUP (kill -HUP PID).`;

const init: CommandSpec = {
  verb: 'init',
  about:
    'make WS-Security key pairs for the hops to cluster and node controllers; existing files are never overwritten',
  arguments: [one('FOLDER', 'where they go, for --wire-keys of serve')],
  options: {
    for: list('OWNER', 'cloud, cluster or node; may be given several times (default all)'),
    years: count('how long certificates are valid (default 10)', 1, 50),
  },
  shares: localOnly,
  run: async ({ given, hooks, show, say }) => {
    const years = given.count('years');
    const wanted = {
      folder: given.argument('FOLDER'),
      owners: given.list('for'),
      ...(years === undefined ? {} : { years }),
    };
    const made = await hooks.keysInit(wanted);
    if (isHookRefusal(made)) return complaintOfHook(made);
    const files = made.files.map((file) => ({ file }));
    await show.list(files, [column('FILE', 'file')], ({ file }) => file);
    say('Give each controller the certificates it must trust, and only the owner its private key.');
    return exits.ok;
  },
};

const expiryIn = (written: string | undefined, now: number): { readonly expires?: number } | Complaint => {
  if (written === undefined) return {};
  const expires = timeToCome(written, now);
  return expires === undefined
    ? usage(`--expires is ${JSON.stringify(written)}, expected a time to come: 30d, 12h, 2030-01-01.`)
    : { expires };
};

const recordOf = ({ given }: Call): Omit<ApiKeyRecord, 'prefix' | 'hash'> | Complaint => {
  const id = given.argument('ID');
  const expiry = expiryIn(given.text('expires'), Date.now());
  if (isComplaint(expiry)) return expiry;
  const [account, cluster] = [given.text('account'), given.text('cluster')];
  if (account !== undefined && !/^[0-9]{12}$/.test(account)) return usage('--account takes twelve digits.');
  return {
    id,
    actor: given.text('actor') ?? id,
    role: given.text('role') as ApiKeyRole,
    ...(account === undefined ? {} : { account }),
    ...(cluster === undefined ? {} : { cluster }),
    ...expiry,
  };
};

const add: CommandSpec = {
  verb: 'add',
  about: 'make an API key; it is shown once, only its hash is kept',
  arguments: [one('ID', 'name of the key, for people')],
  options: {
    role: choice(roles, 'what it may do', { required: true }),
    actor: text('NAME', 'who acts with it (default: the id)'),
    account: text('NUMBER', 'bind it to this account'),
    cluster: text('NAME', 'bind it to this cluster'),
    expires: text('WHEN', '30d, 12h, 2030-01-01 (default: never)'),
    file: fileOption,
  },
  shares: localOnly,
  examples: ['EDGELOG_KEY=$(edgelog keys add alice --role operator --file keys.json)'],
  run: async (call) => {
    const opened = await open(call);
    if (isComplaint(opened)) return opened;
    const about = recordOf(call);
    if (isComplaint(about)) return about;
    if (opened.records.some(({ id }) => id === about.id)) {
      return complain(
        exits.refused,
        `There is a key named ${about.id} already.`,
        `edgelog keys revoke ${about.id}, or take another name`,
      );
    }
    const { key, record } = (await call.hooks.apiKeys()).make(about);
    const failed = await save(opened.file, [...opened.records, record]);
    if (failed !== undefined) return failed;
    if (call.show.format === 'table') await call.show.lines([key]);
    else await call.show.thing({ key, ...record, hash: undefined }, () => key);
    call.say(`This key is shown only now. ${takenUp(opened.file)}`);
    return exits.ok;
  },
};

const expiresText = ({ expires }: { readonly expires?: unknown }): unknown =>
  expires === undefined ? 'never' : new Date(Number(expires)).toISOString();

const listed: CommandSpec = {
  verb: 'list',
  about: 'the API keys of a file, without the keys',
  options: { file: fileOption },
  shares: localOnly,
  run: async (call) => {
    const opened = await open(call);
    if (isComplaint(opened)) return opened;
    const columns = [
      column('ID', 'id'),
      column('PREFIX', 'prefix'),
      column('ACTOR', 'actor'),
      column('ROLE', 'role'),
      column('ACCOUNT', 'account'),
      column('CLUSTER', 'cluster'),
      column('EXPIRES', expiresText),
    ];
    const shown = opened.records.map(({ hash: _hidden, ...others }) => others);
    await call.show.list(shown, columns, ({ id }) => id);
    return exits.ok;
  },
};

const revoke: CommandSpec = {
  verb: 'revoke',
  about: 'take an API key out of a file',
  arguments: [one('ID', 'name of the key')],
  options: { file: fileOption },
  shares: localOnly,
  run: async (call): Promise<ExitCode | Complaint> => {
    const opened = await open(call);
    if (isComplaint(opened)) return opened;
    const id = call.given.argument('ID');
    const left = opened.records.filter((record) => record.id !== id);
    if (left.length === opened.records.length) {
      return complain(exits.refused, `There is no key named ${id}.`, 'edgelog keys list');
    }
    const failed = await save(opened.file, left);
    if (failed !== undefined) return failed;
    call.say(`Revoked ${id}. ${takenUp(opened.file)}`);
    return exits.ok;
  },
};

export const keys: Noun = {
  name: 'keys',
  about: 'keys of the API and of the wire',
  commands: [init, add, listed, revoke],
};
