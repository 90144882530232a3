/** `edgelog audit`: signed pieces of the log to take away, checked anywhere with nothing but the public key. */
import { createReadStream } from 'node:fs';
import { open, readFile, stat } from 'node:fs/promises';
import { type Call, count, type Noun, one, text } from '../command.ts';
import { type Complaint, isComplaint, usage } from '../complaint.ts';
import { type ExitCode, exits } from '../exits.ts';
import { showHookAnswer } from '../hookAnswer.ts';
import { localOnly } from '../sharedOptions.ts';
import { column, type Item } from '../show/table.ts';
import { counted } from '../show/text.ts';

const anywhere = Number.MAX_SAFE_INTEGER;

const runExport = async (call: Call): Promise<ExitCode | Complaint> => {
  const { api, given, say, io } = call;
  const query = { from: given.count('from'), to: given.count('to') };
  const out = given.text('out');
  const file = out === undefined ? undefined : await open(out, 'w', 0o600);
  let lines = 0;
  try {
    const failed = await api.lines('/v1/audit/bundle', query, async (line) => {
      lines += 1;
      await (file === undefined ? io.stdout.write(`${line}\n`) : file.write(`${line}\n`));
    });
    if (failed !== undefined) return failed;
  } finally {
    await file?.close();
  }
  say(
    `${counted(Math.max(0, lines - 2), 'event')}${out === undefined ? '' : ` in ${out}`}. The public key: edgelog audit key.`,
  );
  return exits.ok;
};

const runKey = async ({ api, show }: Call): Promise<ExitCode | Complaint> => {
  const reply = await api.getText('/v1/audit/key', {}, 'application/x-pem-file');
  if (isComplaint(reply)) return reply;
  await show.raw(reply.body);
  return exits.ok;
};

const CHUNK = 1024 * 1024;
/** Of files that are read as a whole: a key, checkpoints. A bundle is not. */
const MOST_BYTES = 64 * 1024 * 1024;

const readSmall = async (path: string): Promise<string | Complaint> => {
  const { size } = await stat(path);
  return size <= MOST_BYTES
    ? readFile(path, 'utf8')
    : usage(`${path} has ${size} bytes; a file of keys or checkpoints has ${MOST_BYTES} at most.`);
};

const runVerify = async (call: Call): Promise<ExitCode | Complaint> => {
  const { given, hooks } = call;
  try {
    const key = await readSmall(given.text('key') ?? '');
    const anchor = given.text('anchor');
    const kept = anchor === undefined ? undefined : await readSmall(anchor);
    if (typeof key !== 'string') return key;
    if (kept !== undefined && typeof kept !== 'string') return kept;
    const bundle = createReadStream(given.argument('BUNDLE'), { highWaterMark: CHUNK });
    return await showHookAnswer(call, await hooks.checkBundle(bundle, key, kept));
  } catch (fault) {
    const { code, path, message } = fault as NodeJS.ErrnoException;
    if (path === undefined) throw fault;
    return usage(`${path} cannot be read: ${code === 'ENOENT' ? 'there is no such file' : message}.`);
  }
};

const runCheckpoint = async ({ api, show, say }: Call): Promise<ExitCode | Complaint> => {
  const reply = await api.send({ method: 'POST', path: '/v1/audit/checkpoints', timeoutMs: 300_000 });
  if (isComplaint(reply)) return reply;
  await show.thing(reply.json, () => reply.json['root']);
  say(`Signed: ${counted(reply.json['size'], 'event')}. Keep this where nobody who can change the log can change it.`);
  return exits.ok;
};

const runCheckpoints = async ({ api, show }: Call): Promise<ExitCode | Complaint> => {
  const reply = await api.get('/v1/audit/checkpoints');
  if (isComplaint(reply)) return reply;
  const columns = [
    column('SIGNED', 'signedAt'),
    column('EVENTS', 'size'),
    column('POSITION', 'position'),
    column('KEY', 'key'),
    column('ROOT', 'root'),
  ];
  await show.list(reply.json['items'] as readonly Item[], columns, ({ root }) => root);
  return exits.ok;
};

export const audit: Noun = {
  name: 'audit',
  about: 'signed pieces of the log, and checking them offline',
  commands: [
    {
      verb: 'export',
      about: 'a signed bundle of the events between two positions',
      options: {
        from: count('first position (default: the beginning)', 0, anywhere),
        to: count('last position (default: the end)', 0, anywhere),
        out: text('FILE', 'file to write; standard output if left out'),
      },
      examples: ['edgelog audit export --from 1 --to 500 --out march.bundle'],
      run: runExport,
    },
    {
      verb: 'verify',
      about: 'check a bundle offline; exit code 0 genuine, 1 not',
      arguments: [one('BUNDLE', 'file written by `edgelog audit export`')],
      options: {
        key: text('FILE', 'public key (PEM), from `edgelog audit key`', { required: true }),
        anchor: text(
          'FILE',
          'a checkpoint kept elsewhere, or a journal with some: the bundle must agree and reach as far',
        ),
      },
      shares: localOnly,
      examples: [
        'edgelog audit verify march.bundle --key audit-key.pub.pem',
        'edgelog audit verify all.bundle --key audit-key.pub.pem --anchor kept-checkpoint.json',
        'edgelog audit verify all.bundle --key audit-key.pub.pem --anchor journal.ndjson',
      ],
      run: runVerify,
    },
    { verb: 'key', about: 'the public key that bundles and checkpoints are signed with', run: runKey },
    { verb: 'checkpoints', about: 'what was signed so far, oldest first', run: runCheckpoints },
    { verb: 'checkpoint', about: 'sign the log as it is now', run: runCheckpoint },
  ],
};
