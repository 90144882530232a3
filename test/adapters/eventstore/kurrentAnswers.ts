/** Messages the wire stand-in sends: records, positions, refusals, in the generated classes of the client. */

import type { LogRecord, Verdict } from './kurrentLogStandIn.ts';
import type { grpcModule } from './kurrentStubs.ts';
import { anyPb, emptyPb, errorsV2Pb, grpc, sharedPb, statusPb, streamsPb } from './kurrentStubs.ts';

export type Conflict = Extract<Verdict, { kind: 'conflict' }>;

export const recordAnswer = (record: LogRecord) => {
  const event = new streamsPb.ReadResp.ReadEvent.RecordedEvent();
  event.setId(new sharedPb.UUID().setString(record.id));
  event.setStreamIdentifier(
    new sharedPb.StreamIdentifier().setStreamName(Buffer.from(record.stream).toString('base64')),
  );
  event.setStreamRevision(String(record.revision));
  event.setCommitPosition(String(record.position)).setPreparePosition(String(record.position));
  event
    .getMetadataMap()
    .set('type', record.type)
    .set('content-type', 'application/json')
    .set('created', '17000000000000000');
  event.setData(record.data).setCustomMetadata(record.metadata);
  const read = new streamsPb.ReadResp.ReadEvent().setEvent(event).setCommitPosition(String(record.position));
  return new streamsPb.ReadResp().setEvent(read);
};

export const streamMissing = (stream: string) =>
  new streamsPb.ReadResp().setStreamNotFound(
    new streamsPb.ReadResp.StreamNotFound().setStreamIdentifier(
      new sharedPb.StreamIdentifier().setStreamName(Buffer.from(stream).toString('base64')),
    ),
  );

export const confirmation = () =>
  new streamsPb.ReadResp().setConfirmation(
    new streamsPb.ReadResp.SubscriptionConfirmation().setSubscriptionId(crypto.randomUUID()),
  );

const allPosition = (position: number) =>
  new streamsPb.ReadResp.Position().setCommitPosition(String(position)).setPreparePosition(String(position));

/** What newer servers say between the events of a feed: where it is, and whether it keeps up. */
export const caughtUp = (position: number) =>
  new streamsPb.ReadResp().setCaughtUp(new streamsPb.ReadResp.CaughtUp().setPosition(allPosition(position)));

export const fellBehind = (position: number) =>
  new streamsPb.ReadResp().setFellBehind(new streamsPb.ReadResp.FellBehind().setPosition(allPosition(position)));

export const checkpoint = (position: number) =>
  new streamsPb.ReadResp().setCheckpoint(
    new streamsPb.ReadResp.Checkpoint().setCommitPosition(String(position)).setPreparePosition(String(position)),
  );

/** A wrong expected version inside the answer to a batch, the way servers from 21.10 on put it. */
export const batchConflict = (conflict: Conflict) => {
  const wrong = new sharedPb.WrongExpectedVersion();
  if (conflict.actual < 0) wrong.setCurrentNoStream(new emptyPb.Empty());
  else wrong.setCurrentStreamRevision(String(conflict.actual));
  if (conflict.expected < 0) wrong.setExpectedNoStream(new emptyPb.Empty());
  else wrong.setExpectedStreamPosition(String(conflict.expected));
  return statusOf(6, wrong.serializeBinary(), 'event_store.client.WrongExpectedVersion');
};

const statusOf = (code: number, details: Uint8Array, type: string) => {
  const any = new anyPb.Any();
  any.pack(details, type);
  return new statusPb.Status()
    .setCode(code as never)
    .setMessage(type)
    .setDetails(any);
};

const failedPrecondition = (details: Uint8Array, type: string): Partial<grpcModule.StatusObject> => {
  const metadata = new grpc.Metadata();
  metadata.set('grpc-status-details-bin', Buffer.from(statusOf(9, details, type).serializeBinary()));
  return { code: grpc.status.FAILED_PRECONDITION, details: type, metadata };
};

export const sessionConflict = (conflict: Conflict) => {
  const details = new errorsV2Pb.StreamRevisionConflictErrorDetails()
    .setStream(conflict.stream)
    .setExpectedRevision(String(conflict.expected))
    .setActualRevision(String(conflict.actual));
  return failedPrecondition(
    details.serializeBinary(),
    'kurrentdb.protocol.v2.streams.errors.StreamRevisionConflictErrorDetails',
  );
};

export const recordsConflict = (conflict: Conflict) => {
  const state = new errorsV2Pb.ConsistencyViolation.StreamStateViolation()
    .setStream(conflict.stream)
    .setExpectedState(String(conflict.expected))
    .setActualState(String(conflict.actual));
  const violation = new errorsV2Pb.ConsistencyViolation().setCheckIndex(0).setStreamState(state);
  const details = new errorsV2Pb.AppendConsistencyViolationErrorDetails().setViolationsList([violation]);
  return failedPrecondition(
    details.serializeBinary(),
    'kurrentdb.protocol.v2.streams.errors.AppendConsistencyViolationErrorDetails',
  );
};

/** What a follower says to a call that needs the leader. */
export const notLeader = (port: number): Partial<grpcModule.StatusObject> => {
  const metadata = new grpc.Metadata();
  metadata.set('exception', 'not-leader');
  metadata.set('leader-endpoint-host', '127.0.0.1');
  metadata.set('leader-endpoint-port', String(port));
  return { code: grpc.status.NOT_FOUND, details: 'Leader info available', metadata };
};

export const accessDenied = (): Partial<grpcModule.StatusObject> => {
  const metadata = new grpc.Metadata();
  metadata.set('exception', 'access-denied');
  return { code: grpc.status.PERMISSION_DENIED, details: 'Access Denied', metadata };
};

export const tooLarge = (): Partial<grpcModule.StatusObject> => {
  const metadata = new grpc.Metadata();
  metadata.set('exception', 'maximum-append-size-exceeded');
  metadata.set('maximum-append-size', '1048576');
  return { code: grpc.status.INVALID_ARGUMENT, details: 'Maximum Append Size of 1048576 Exceeded', metadata };
};

/** The server did not get its own answer in time; what it was about may have happened. */
export const deadlineExceeded = (): Partial<grpcModule.StatusObject> => ({
  code: grpc.status.DEADLINE_EXCEEDED,
  details: 'Deadline Exceeded',
});
