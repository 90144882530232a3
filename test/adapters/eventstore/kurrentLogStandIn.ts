/**
 * The log behind the wire stand-in: records at byte-like positions, the expected revisions and idempotence of KurrentDB's
 * documentation, system records in between. It stands for what we believe of the server; it does not prove the server.
 */

export type LogRecord = {
  readonly id: string;
  readonly stream: string;
  readonly revision: number;
  readonly type: string;
  readonly data: Buffer;
  readonly metadata: Buffer;
  readonly position: number;
};

export type ProposedRecord = Pick<LogRecord, 'id' | 'type' | 'data' | 'metadata'> & { readonly stream: string };

export type Verdict =
  | { readonly kind: 'written'; readonly position: number; readonly revisions: ReadonlyMap<string, number> }
  | { readonly kind: 'conflict'; readonly stream: string; readonly expected: number; readonly actual: number };

type Check = 'fits' | 'repeated' | 'conflict';

const FIRST_POSITION = 1000;
const spaceOf = ({ data }: Pick<LogRecord, 'data'>): number => 100 + data.length;

/** The records themselves: streams with revisions, and positions that grow by what a record takes. */
const createRecords = () => {
  const records: LogRecord[] = [];
  let position = FIRST_POSITION;
  const inStream = (stream: string): readonly LogRecord[] => records.filter((record) => record.stream === stream);
  const lastOf = (stream: string): number => inStream(stream).at(-1)?.revision ?? -1;
  /** A write that is in the stream already, event by event, counts as done; anything else must fit the end. */
  const check = (stream: string, expected: number, ids: readonly string[]): Check => {
    const last = lastOf(stream);
    if (expected === last) return 'fits';
    if (expected > last || ids.length === 0) return 'conflict';
    const there = inStream(stream);
    return ids.every((id, index) => there[expected + 1 + index]?.id === id) ? 'repeated' : 'conflict';
  };

  return {
    records,
    inStream,
    lastOf,
    check,
    add: (proposed: ProposedRecord): LogRecord => {
      const record = { ...proposed, revision: lastOf(proposed.stream) + 1, position };
      position += spaceOf(proposed);
      records.push(record);
      return record;
    },
    keep: (kept: readonly LogRecord[]): void => {
      records.length = 0;
      records.push(...kept);
      const last = kept.at(-1);
      position = last === undefined ? FIRST_POSITION : last.position + spaceOf(last);
    },
  };
};

export const createKurrentLog = () => {
  const { records, inStream, lastOf, check, add, keep: keepOnly } = createRecords();
  const listeners = new Set<() => void>();

  /** A record of the server's own. */
  const addOwn = (stream: string, type: string, data: object): void => {
    const metadata = Buffer.alloc(0);
    add({ id: crypto.randomUUID(), stream, type, data: Buffer.from(JSON.stringify(data)), metadata });
  };

  const idsOf = (proposed: readonly ProposedRecord[], stream: string) =>
    proposed.filter((one) => one.stream === stream).map((one) => one.id);

  const repeated = (proposed: readonly ProposedRecord[], expected: ReadonlyMap<string, number>): Verdict => {
    const revisions = new Map([...expected].map(([stream, at]) => [stream, at + idsOf(proposed, stream).length]));
    const last = proposed.at(-1);
    return { kind: 'written', position: records.find((record) => record.id === last?.id)?.position ?? -1, revisions };
  };

  const append = (proposed: readonly ProposedRecord[], expected: ReadonlyMap<string, number>): Verdict => {
    const checks = [...expected].map(([stream, at]) => ({
      stream,
      at,
      verdict: check(stream, at, idsOf(proposed, stream)),
    }));
    if (checks.every(({ verdict }) => verdict === 'repeated')) return repeated(proposed, expected);
    const bad = checks.find(({ verdict }) => verdict !== 'fits');
    if (bad !== undefined) {
      return { kind: 'conflict', stream: bad.stream, expected: bad.at, actual: lastOf(bad.stream) };
    }
    const written = proposed.map(add);
    addOwn('$stats', '$statsCollected', {});
    for (const listener of [...listeners]) listener();
    const revisions = new Map(proposed.map(({ stream }) => [stream, lastOf(stream)]));
    return { kind: 'written', position: written.at(-1)?.position ?? -1, revisions };
  };

  return {
    records: records as readonly LogRecord[],
    inStream,
    append,
    /** As an operator would: `$maxAge` and the like go into a stream of their own. */
    setMetadata: (stream: string, metadata: object): void => {
      addOwn(`$$${stream}`, '$metadata', metadata);
    },
    /** As a fail-over to a node that was behind: the newest records are gone and their positions are used again. */
    truncate: (keep: (record: LogRecord) => boolean): void => {
      keepOnly(records.filter(keep));
    },
    listen: (listener: () => void): (() => void) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
};

export type KurrentLog = ReturnType<typeof createKurrentLog>;
