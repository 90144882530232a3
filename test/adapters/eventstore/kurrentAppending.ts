/**
 * Appending on the wire stand-in, in the four ways of servers new and old: a batch on a long-lived stream, one call per
 * append, a session of several streams, and records of several streams with checks.
 */
import {
  accessDenied,
  batchConflict,
  deadlineExceeded,
  notLeader,
  recordsConflict,
  sessionConflict,
  tooLarge,
} from './kurrentAnswers.ts';
import type { KurrentLog, ProposedRecord, Verdict } from './kurrentLogStandIn.ts';
import type { grpcModule, streams, streamsV2 } from './kurrentStubs.ts';
import { sharedPb, streamsPb, streamsV2Pb } from './kurrentStubs.ts';

export type StandInMethod = 'features' | 'append' | 'read' | 'feed';

type BatchCall = grpcModule.ServerDuplexStream<streams.BatchAppendReq, streams.BatchAppendResp>;
/** `late`: the append is taken, and then the server says that it does not know. */
type Refusal = 'not-leader' | 'access-denied' | 'too-large' | 'late';

/** What the stand-in is told to do wrong. */
export const createFaults = () => ({
  hanging: new Set<StandInMethod>(),
  /** What it was asked for at least once, of that which is only read. */
  asked: new Set<StandInMethod>(),
  silent: false,
  /** Appends that are taken, but whose answer never comes because the connection breaks. */
  losingAnswers: 0,
  refusals: [] as Refusal[],
  /** The same for reads and feeds. */
  readRefusals: [] as Refusal[],
});

export type StandInFaults = ReturnType<typeof createFaults>;
export type Context = {
  readonly log: KurrentLog;
  readonly faults: StandInFaults;
  readonly drop: () => void;
  readonly port: () => number;
};

const text = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('utf8');

export const statusFor = (refusal: Refusal, port: number): Partial<grpcModule.StatusObject> => {
  switch (refusal) {
    case 'not-leader':
      return notLeader(port);
    case 'access-denied':
      return accessDenied();
    case 'too-large':
      return tooLarge();
    case 'late':
      return deadlineExceeded();
  }
};

/** How the next append is refused. `take` is what it would do, which a server that is only late does all the same. */
const refusalOf = ({ faults, port }: Context, take: () => Verdict): Partial<grpcModule.StatusObject> | undefined => {
  const refusal = faults.refusals.shift();
  if (refusal === undefined) return undefined;
  if (refusal === 'late') take();
  return statusFor(refusal, port());
};

/** True when the answer is to be lost: the append has happened, and the connection goes. */
const losesAnswer = ({ faults, drop }: Context): boolean => {
  if (faults.losingAnswers === 0) return false;
  faults.losingAnswers -= 1;
  setImmediate(drop);
  return true;
};

const proposedV1 = (
  stream: string,
  message: streams.BatchAppendReq.ProposedMessage | streams.AppendReq.ProposedMessage,
): ProposedRecord => ({
  id: message.getId()?.getString() ?? '',
  stream,
  type: message.getMetadataMap().get('type') ?? '',
  data: Buffer.from(message.getData_asU8()),
  metadata: Buffer.from(message.getCustomMetadata_asU8()),
});

/** Newer servers hand out properties as metadata, with an entry of their own among them. */
const proposedV2 = (stream: string, record: streamsV2.AppendRecord): ProposedRecord => {
  const metadata: Record<string, string> = { '$schema.format': 'Json' };
  for (const [name, value] of record.getPropertiesMap().entries()) metadata[name] = value.getStringValue() ?? '';
  return {
    id: record.getRecordId() ?? '',
    stream,
    type: record.getSchema()?.getName() ?? '',
    data: Buffer.from(record.getData_asU8()),
    metadata: Buffer.from(JSON.stringify(metadata)),
  };
};

const batchAnswer = (correlation: streams.BatchAppendReq, stream: string, verdict: Verdict) => {
  const answer = new streamsPb.BatchAppendResp();
  answer.setCorrelationId(correlation.getCorrelationId());
  answer.setStreamIdentifier(new sharedPb.StreamIdentifier().setStreamName(Buffer.from(stream).toString('base64')));
  if (verdict.kind === 'conflict') return answer.setError(batchConflict(verdict));
  const position = new sharedPb.AllStreamPosition();
  position.setCommitPosition(String(verdict.position)).setPreparePosition(String(verdict.position));
  const success = new streamsPb.BatchAppendResp.Success().setPosition(position);
  return answer.setSuccess(success.setCurrentRevision(String(verdict.revisions.get(stream))));
};

export const onBatchAppend =
  (context: Context) =>
  (call: BatchCall): void => {
    const open = new Map<string, { stream: string; expected: number; records: ProposedRecord[] }>();
    call.on('data', (request: streams.BatchAppendReq) => {
      const id = request.getCorrelationId()?.getString() ?? '';
      const options = request.getOptions();
      if (options !== undefined) {
        const expected = options.hasStreamPosition() ? Number(options.getStreamPosition()) : -1;
        open.set(id, { stream: text(options.getStreamIdentifier()?.getStreamName_asU8()), expected, records: [] });
      }
      const append = open.get(id);
      if (append === undefined) return;
      for (const message of request.getProposedMessagesList()) append.records.push(proposedV1(append.stream, message));
      if (!request.getIsFinal() || context.faults.hanging.has('append')) return;
      const take = () => context.log.append(append.records, new Map([[append.stream, append.expected]]));
      const refusal = refusalOf(context, take);
      if (refusal !== undefined) return void call.emit('error', refusal);
      const verdict = take();
      if (!losesAnswer(context)) call.write(batchAnswer(request, append.stream, verdict));
    });
    call.on('end', () => call.end());
  };

type AppendCall = grpcModule.ServerReadableStream<streams.AppendReq, streams.AppendResp>;

const appendAnswer = (stream: string, verdict: Verdict) => {
  const answer = new streamsPb.AppendResp();
  if (verdict.kind === 'conflict') {
    const wrong = new streamsPb.AppendResp.WrongExpectedVersion();
    if (verdict.actual < 0) wrong.setCurrentNoStream(new sharedPb.Empty());
    else wrong.setCurrentRevision(String(verdict.actual));
    return answer.setWrongExpectedVersion(wrong);
  }
  const position = new streamsPb.AppendResp.Position();
  position.setCommitPosition(String(verdict.position)).setPreparePosition(String(verdict.position));
  const success = new streamsPb.AppendResp.Success().setCurrentRevision(String(verdict.revisions.get(stream)));
  return answer.setSuccess(success.setPosition(position));
};

/** The way of servers before 21.10: one call per append. */
export const onAppend =
  (context: Context) =>
  (call: AppendCall, reply: grpcModule.sendUnaryData<streams.AppendResp>): void => {
    let stream = '';
    let expected = -1;
    const records: ProposedRecord[] = [];
    call.on('data', (request: streams.AppendReq) => {
      const options = request.getOptions();
      const message = request.getProposedMessage();
      if (options !== undefined) {
        stream = text(options.getStreamIdentifier()?.getStreamName_asU8());
        expected = options.hasRevision() ? Number(options.getRevision()) : -1;
      }
      if (message !== undefined) records.push(proposedV1(stream, message));
    });
    call.on('end', () => {
      if (context.faults.hanging.has('append')) return;
      const take = () => context.log.append(records, new Map([[stream, expected]]));
      const refusal = refusalOf(context, take);
      if (refusal !== undefined) {
        reply(refusal);
        return;
      }
      const verdict = take();
      if (!losesAnswer(context)) reply(null, appendAnswer(stream, verdict));
    });
  };

type SessionCall = grpcModule.ServerReadableStream<streamsV2.AppendRequest, streamsV2.AppendSessionResponse>;

export const onSession =
  (context: Context) =>
  (call: SessionCall, reply: grpcModule.sendUnaryData<streamsV2.AppendSessionResponse>): void => {
    const records: ProposedRecord[] = [];
    const expected = new Map<string, number>();
    call.on('data', (request: streamsV2.AppendRequest) => {
      expected.set(request.getStream(), Number(request.getExpectedRevision()));
      for (const record of request.getRecordsList()) records.push(proposedV2(request.getStream(), record));
    });
    call.on('end', () => {
      if (context.faults.hanging.has('append')) return;
      const take = () => context.log.append(records, expected);
      const refusal = refusalOf(context, take);
      if (refusal !== undefined) {
        reply(refusal);
        return;
      }
      const verdict = take();
      if (losesAnswer(context)) return;
      if (verdict.kind === 'conflict') {
        reply(sessionConflict(verdict));
        return;
      }
      const answer = new streamsV2Pb.AppendSessionResponse().setPosition(String(verdict.position));
      for (const [stream, revision] of verdict.revisions) {
        answer.addOutput(new streamsV2Pb.AppendResponse().setStream(stream).setStreamRevision(String(revision)));
      }
      reply(null, answer);
    });
  };

type RecordsCall = grpcModule.ServerUnaryCall<streamsV2.AppendRecordsRequest, streamsV2.AppendRecordsResponse>;

export const onRecords =
  (context: Context) =>
  (call: RecordsCall, reply: grpcModule.sendUnaryData<streamsV2.AppendRecordsResponse>): void => {
    if (context.faults.hanging.has('append')) return;
    const records = call.request.getRecordsList().map((record) => proposedV2(record.getStream(), record));
    const checks = call.request.getChecksList().map((check) => check.getStreamState());
    const expected = new Map(checks.map((check) => [check?.getStream() ?? '', Number(check?.getExpectedState())]));
    const take = () => context.log.append(records, expected);
    const refusal = refusalOf(context, take);
    if (refusal !== undefined) {
      reply(refusal);
      return;
    }
    const verdict = take();
    if (losesAnswer(context)) return;
    if (verdict.kind === 'conflict') {
      reply(recordsConflict(verdict));
      return;
    }
    const answer = new streamsV2Pb.AppendRecordsResponse().setPosition(String(verdict.position));
    for (const [stream, revision] of verdict.revisions) {
      answer.addRevisions(new streamsV2Pb.StreamRevision().setStream(stream).setRevision(String(revision)));
    }
    reply(null, answer);
  };
