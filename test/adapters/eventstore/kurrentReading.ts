/** Reading and following on the wire stand-in: which records a read request asks for, and a feed that stays behind the log. */

import { caughtUp, checkpoint, confirmation, fellBehind, recordAnswer, streamMissing } from './kurrentAnswers.ts';
import type { KurrentLog, LogRecord } from './kurrentLogStandIn.ts';
import type { grpcModule, streams } from './kurrentStubs.ts';
import { streamsPb } from './kurrentStubs.ts';

export type ReadCall = grpcModule.ServerWritableStream<streams.ReadReq, streams.ReadResp>;
type Options = streams.ReadReq.Options;

const nameOf = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('utf8');

const matches = (expression: streams.ReadReq.Options.FilterOptions.Expression | undefined, text: string): boolean => {
  if (expression === undefined) return true;
  const prefixes = expression.getPrefixList();
  if (prefixes.length > 0) return prefixes.some((prefix) => text.startsWith(prefix));
  return new RegExp(expression.getRegex()).test(text);
};

const filterOf =
  (options: Options) =>
  (record: LogRecord): boolean => {
    const filter = options.getFilter();
    if (filter === undefined) return true;
    if (filter.hasEventType()) return matches(filter.getEventType(), record.type);
    return matches(filter.getStreamIdentifier(), record.stream);
  };

/** Forwards the position asked for is included, backwards it is not. */
const inAll = (log: KurrentLog, options: Options): readonly LogRecord[] => {
  const all = options.getAll();
  const from = Number(
    all?.getPosition()?.getCommitPosition() ?? (all?.hasEnd() === true ? Number.MAX_SAFE_INTEGER : 0),
  );
  const backwards = options.getReadDirection() === streamsPb.ReadReq.Options.ReadDirection.BACKWARDS;
  const found = log.records.filter((record) => (backwards ? record.position < from : record.position >= from));
  return (backwards ? found.reverse() : found).filter(filterOf(options));
};

const inStream = (log: KurrentLog, options: Options): readonly LogRecord[] | undefined => {
  const wanted = options.getStream();
  const there = log.inStream(nameOf(wanted?.getStreamIdentifier()?.getStreamName_asU8()));
  if (there.length === 0) return undefined;
  if (options.getReadDirection() === streamsPb.ReadReq.Options.ReadDirection.BACKWARDS) return [...there].reverse();
  return there.filter((record) => record.revision >= Number(wanted?.hasRevision() === true ? wanted.getRevision() : 0));
};

export const answerRead = (log: KurrentLog, call: ReadCall): void => {
  const options = call.request.getOptions();
  if (options === undefined) return void call.end();
  const found = options.hasStream() ? inStream(log, options) : inAll(log, options);
  if (found === undefined)
    call.write(streamMissing(nameOf(options.getStream()?.getStreamIdentifier()?.getStreamName_asU8())));
  for (const record of (found ?? []).slice(0, Number(options.getCount()))) call.write(recordAnswer(record));
  call.end();
};

/** Sends what is behind the position asked for (not included) and whatever the log gains, unless `silent`. */
export const answerFeed = (log: KurrentLog, call: ReadCall, silent: () => boolean): void => {
  const options = call.request.getOptions();
  if (options === undefined) return void call.end();
  const from = options.getAll()?.getPosition()?.getCommitPosition();
  let sent = from === undefined ? -1 : Number(from);
  const send = (): void => {
    if (silent()) return;
    const news = log.records.filter((record) => record.position > sent && filterOf(options)(record));
    for (const record of news) call.write(recordAnswer(record));
    sent = log.records.at(-1)?.position ?? sent;
    if (sent >= 0) for (const word of [checkpoint, fellBehind, caughtUp]) call.write(word(sent));
  };
  call.write(confirmation());
  send();
  const unlisten = log.listen(send);
  call.on('cancelled', unlisten);
  call.on('close', unlisten);
};
