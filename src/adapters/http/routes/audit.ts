/** Routes of proof: the log against its signed checkpoints, every delivered document against the log, and bundles to take away. */
import { isRefusal } from '../../../domain/refusals.ts';
import { type DoorRefusal, refuseRequest } from '../refusal.ts';
import { type Answer, auditors, type Exchange, everyone, jsonAnswer, type Route } from '../route.ts';
import { list, position, record, text, yesNo } from '../schema.ts';
import { shownTimes } from '../shapes/timeMachine.ts';
import type { AuditPort, TimePorts } from '../timePorts.ts';

const tag = 'audit';
const PROGRESS_EVERY_MS = 200;

type Progress = { readonly what: string; readonly done: number; readonly of: number };

/** Lines of progress while the work goes on, and one with the answer at the end. */
async function* told(work: (say: (progress: Progress) => void) => Promise<object>): AsyncGenerator<string> {
  let latest: Progress | undefined;
  let wake: () => void = () => undefined;
  const done = work((progress) => {
    latest = progress;
  }).finally(() => wake());
  let result: object | undefined;
  const finished = done.then((answer) => {
    result = answer;
  });
  while (result === undefined) {
    const pause = new Promise<void>((resolve) => {
      wake = resolve;
      setTimeout(resolve, PROGRESS_EVERY_MS);
    });
    await Promise.race([finished, pause]);
    if (result === undefined && latest !== undefined) yield `${JSON.stringify({ progress: latest })}\n`;
  }
  yield `${JSON.stringify({ result: shownTimes(result) })}\n`;
}

const isEmpty = (shown: { readonly [member: string]: unknown }, member: string): boolean =>
  (shown[member] as readonly unknown[]).length === 0;

const answerVerify = ({ time, audit }: TimePorts, isRecomputed: boolean): Answer => ({
  kind: 'lines',
  type: 'application/x-ndjson',
  lines: told(async (say) => {
    const documents = await time.verify((done, of) => say({ what: 'documents', done, of }));
    const log = await audit.check((done, of) => say({ what: 'log', done, of }));
    const isSound = isEmpty(log, 'broken') && isEmpty(documents, 'differing');
    if (!isRecomputed) return { ok: isSound, documents, log };
    const recomputed = await time.recompute((done, of) => say({ what: 'recomputing', done, of }));
    return { ok: isSound && isEmpty(recomputed, 'differing'), documents, log, recomputed };
  }),
});

const answerBundle =
  (audit: AuditPort) =>
  async ({ query, controlPlane }: Exchange): Promise<Answer | DoorRefusal> => {
    const network = await controlPlane.network();
    if (isRefusal(network)) return network;
    const from = Number(query['from'] ?? 0);
    const to = Number(query['to'] ?? network.position);
    if (from > to) return refuseRequest('invalid-parameter', 'A bundle ends behind its beginning.', { member: 'to' });
    const lines = await audit.bundle(from, to);
    return isRefusal(lines) ? lines : { kind: 'lines', type: 'application/x-ndjson', lines };
  };

const ndjson = { 200: { 'application/x-ndjson': { type: 'string' } } };

const checkpointSchema = record('Checkpoint', {
  cloud: text('Cloud'),
  size: position('Events'),
  position: position('Position of the last one'),
  root: text('Root of the tree'),
  signedAt: text('When'),
  key: text('Key'),
  signature: text('Signature'),
  peaks: { type: 'array', items: text('Hash') },
});

const MOST_CHECKPOINTS = 1000;

const answerCheckpoint = async (audit: AuditPort): Promise<Answer | DoorRefusal> => {
  const made = await audit.checkpoint();
  if (made !== undefined && isRefusal(made)) return made;
  const checkpoint = made ?? audit.checkpoints().at(-1);
  return checkpoint === undefined
    ? refuseRequest('empty-bundle', 'The log is empty: there is nothing to sign.')
    : { kind: 'json', body: checkpoint };
};

const proofRoutes = (ports: TimePorts): readonly Route[] => [
  {
    id: 'getVerify',
    method: 'GET',
    path: '/v1/verify',
    tag,
    summary: 'Prove every delivered document and the log itself; lines of progress, then the result',
    access: auditors,
    query: { recompute: yesNo('Also make every document in use anew from the log alone, and compare') },
    responses: ndjson,
    answer: ({ query }) => answerVerify(ports, query['recompute'] === true),
  },
  {
    id: 'getBundle',
    method: 'GET',
    path: '/v1/audit/bundle',
    tag,
    summary: 'A signed piece of the log that can be checked offline',
    access: auditors,
    query: {
      from: position('First position; left out: the beginning'),
      to: position('Last position; left out: the end'),
    },
    responses: ndjson,
    problems: ['empty-bundle'],
    answer: answerBundle(ports.audit),
  },
];

/** What a proof is checked with: the key, and what was signed with it before. */
const checkpointRoutes = (audit: AuditPort): readonly Route[] => [
  {
    id: 'getAuditKey',
    method: 'GET',
    path: '/v1/audit/key',
    tag,
    summary: 'The public key of bundles and checkpoints (PEM)',
    access: everyone,
    responses: { 200: { 'application/x-pem-file': { type: 'string' } } },
    answer: () => ({ kind: 'text', type: 'application/x-pem-file', text: audit.publicKey() }),
  },
  {
    id: 'listCheckpoints',
    method: 'GET',
    path: '/v1/audit/checkpoints',
    tag,
    summary: `The signed checkpoints of the log, oldest first; the newest ${MOST_CHECKPOINTS}`,
    access: auditors,
    responses: jsonAnswer(
      record('Checkpoints', { items: list(checkpointSchema, MOST_CHECKPOINTS, 'The newest checkpoints') }),
    ),
    answer: () => ({ kind: 'json', body: { items: audit.checkpoints().slice(-MOST_CHECKPOINTS) } }),
  },
  {
    id: 'postCheckpoint',
    method: 'POST',
    path: '/v1/audit/checkpoints',
    tag,
    summary: 'Sign the log as it is now; the newest checkpoint, to be kept elsewhere',
    access: auditors,
    responses: jsonAnswer(checkpointSchema),
    problems: ['empty-bundle', 'log-not-proven'],
    answer: () => answerCheckpoint(audit),
  },
];

export const auditRoutes = (ports: TimePorts): readonly Route[] => [
  ...proofRoutes(ports),
  ...checkpointRoutes(ports.audit),
];
