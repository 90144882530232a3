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

export const createKurrentLog = () => {
  const records: LogRecord[] = [];
  const listeners = new Set<() => void>();
  let position = 1000;

  const inStream = (stream: string): readonly LogRecord[] => records.filter((record) => record.stream === stream);
  const lastOf = (stream: string): number => inStream(stream).at(-1)?.revision ?? -1;

  const add = (proposed: ProposedRecord): LogRecord => {
    const record = { ...proposed, revision: lastOf(proposed.stream) + 1, position };
    position += 100 + proposed.data.length;
    records.push(record);
    return record;
  };

  /** A write that is in the stream already, event by event, counts as done; anything else must fit the end. */
  const check = (stream: string, expected: number, ids: readonly string[]): Check => {
    const last = lastOf(stream);
    if (expected === last) return 'fits';
    if (expected > last || ids.length === 0) return 'conflict';
    const there = inStream(stream);
    return ids.every((id, index) => there[expected + 1 + index]?.id === id) ? 'repeated' : 'conflict';
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
    add({
      id: crypto.randomUUID(),
      stream: '$stats',
      type: '$statsCollected',
      data: Buffer.from('{}'),
      metadata: Buffer.alloc(0),
    });
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
      const data = Buffer.from(JSON.stringify(metadata));
      add({ id: crypto.randomUUID(), stream: `$$${stream}`, type: '$metadata', data, metadata: Buffer.alloc(0) });
    },
    /** As a fail-over to a node that was behind: the newest records are gone and their positions are used again. */
    truncate: (keep: (record: LogRecord) => boolean): void => {
      const kept = records.filter(keep);
      records.length = 0;
      records.push(...kept);
      const last = kept.at(-1);
      position = last === undefined ? 1000 : last.position + 100 + last.data.length;
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
