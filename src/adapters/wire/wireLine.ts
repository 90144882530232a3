/**
 * A kept connection to one place, on which one request follows another. With every change a request goes to every controller,
 * so it does what that needs and nothing more: one write, one read, no streams around them. It repeats nothing, and what a
 * request or an answer means is not its business.
 */
import { connect, type LookupFunction, type Socket } from 'node:net';
import { type AnswerReader, createAnswerReader, type WireReply } from './answerReader.ts';

export type LinePlace = {
  readonly host: string;
  readonly port: number;
  readonly lookup?: LookupFunction;
};

/** `isStale`: the connection had served before and ended without a word, which says nothing about the peer. */
export type LineFault = {
  readonly code: string;
  readonly message: string;
  readonly isStale: boolean;
};

export type Exchanged = WireReply | LineFault;

export type Exchange = {
  /** Written together. */
  readonly request: readonly Buffer[];
  readonly timeoutMs: number;
  readonly maxAnswerBytes: number;
  readonly signal: AbortSignal;
};

export type WireLine = {
  /** One after the other; never rejects. */
  readonly exchange: (exchange: Exchange) => Promise<Exchanged>;
  readonly close: () => void;
};

/** Codes beside those of the operating system. */
export const TIMED_OUT = 'timeout';
export const GARBAGE = 'garbage';
export const CLOSED = 'closed';

const GONE = new Set(['ECONNRESET', 'EPIPE']);
const KEEP_ALIVE_MS = 30_000;
/** Answers are short; a longer one comes in pieces. */
const READ_BYTES = 2_048;

const faultOf = (code: string, message: string): LineFault => ({ code, message, isStale: false });

const stopping = faultOf(CLOSED, 'this process is stopping');

type Turn = { readonly exchange: Exchange; readonly settle: (exchanged: Exchanged) => void };

type Connection = {
  readonly take: (turn: Turn) => void;
  readonly isFree: () => boolean;
  readonly end: (fault: LineFault) => void;
};

/** `hear` must keep nothing of the bytes it gets: there is one buffer for all answers, while by itself every read takes 64 KB. */
const openSocket = (place: LinePlace, hear: (chunk: Buffer) => void): Socket => {
  const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  const callback = (count: number): boolean => {
    hear(buffer.subarray(0, count));
    return true;
  };
  const kept = { noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS };
  return connect({ ...place, ...kept, onread: { buffer, callback } });
};

/** Calls `abort` when a signal does; it is nearly always the same one. */
const createHeed = (abort: () => void) => {
  let heeded: AbortSignal | undefined;
  return (signal: AbortSignal | undefined): void => {
    if (signal === heeded) return;
    heeded?.removeEventListener('abort', abort);
    signal?.addEventListener('abort', abort);
    heeded = signal;
  };
};

/** `onFree` after every answer that lets another request follow; `onEnd` once, before whoever waits for an answer is told. */
const openConnection = (place: LinePlace, onFree: () => void, onEnd: () => void): Connection => {
  const socket = openSocket(place, (chunk) => hear(chunk));
  let underWay: Pending | undefined;
  let answers = 0;
  let isOver = false;

  const end = (fault: LineFault): void => {
    if (isOver) return;
    isOver = true;
    onEnd();
    socket.destroy();
    heed(undefined);
    underWay?.finish(fault);
  };

  const heed = createHeed(() => {
    if (underWay !== undefined) end(stopping);
  });

  const broken = (code: string, message: string): void => {
    end({ code, message, isStale: GONE.has(code) && answers > 0 && underWay?.hasHeard() === false });
  };
  const hungUp = (): void => broken('ECONNRESET', 'the connection was ended without an answer');

  const done = (pending: Pending, reply: WireReply): void => {
    answers += 1;
    underWay = undefined;
    pending.finish(reply);
    if (reply.isLast) {
      end(faultOf(CLOSED, 'that was the last answer of a connection'));
      return;
    }
    // An idle connection keeps no process alive.
    socket.unref();
    onFree();
  };

  const hear = (chunk: Buffer): void => {
    const read = underWay === undefined ? { garbage: 'an answer nobody asked for' } : underWay.feed(chunk);
    if (read === undefined) return;
    if ('garbage' in read) end(faultOf(GARBAGE, read.garbage));
    else if (underWay !== undefined) done(underWay, read);
  };

  socket.on('error', (error: NodeJS.ErrnoException) => broken(error.code ?? '', error.message));
  socket.on('end', hungUp);
  socket.on('close', hungUp);

  return {
    take: (turn) => {
      heed(turn.exchange.signal);
      underWay = pendingOf(turn, end);
      socket.ref();
      send(socket, turn.exchange.request);
    },
    isFree: () => underWay === undefined,
    end,
  };
};

const send = (socket: Socket, request: readonly Buffer[]): void => {
  if (request.length > 1) socket.cork();
  for (const bytes of request) socket.write(bytes);
  if (request.length > 1) socket.uncork();
};

type Pending = {
  readonly feed: AnswerReader['feed'];
  readonly finish: (exchanged: Exchanged) => void;
  /** Whether anything has come in yet. */
  readonly hasHeard: () => boolean;
};

/** Waits for an answer only so long. */
const pendingOf = ({ exchange, settle }: Turn, end: (fault: LineFault) => void): Pending => {
  const { timeoutMs, maxAnswerBytes } = exchange;
  const reader = createAnswerReader(maxAnswerBytes);
  let isHeard = false;
  const timer = setTimeout(() => end(faultOf(TIMED_OUT, `no answer within ${timeoutMs} ms`)), timeoutMs);
  return {
    feed: (chunk) => {
      isHeard = true;
      return reader.feed(chunk);
    },
    finish: (exchanged) => {
      clearTimeout(timer);
      settle(exchanged);
    },
    hasHeard: () => isHeard,
  };
};

/** Connects with the first request, and again after a connection has ended. `onUnused`: it has, and nothing waits for another. */
export const createWireLine = (place: LinePlace, onUnused: () => void): WireLine => {
  let connection: Connection | undefined;
  const waiting: Turn[] = [];
  let isClosed = false;

  const next = (): void => {
    if (connection?.isFree() === false) return;
    const turn = waiting.shift();
    if (turn === undefined) return;
    if (turn.exchange.signal.aborted) {
      turn.settle(stopping);
      next();
      return;
    }
    connection ??= openConnection(place, next, () => {
      connection = undefined;
      if (waiting.length === 0) onUnused();
      else queueMicrotask(next);
    });
    connection.take(turn);
  };

  return {
    exchange: (exchange) => {
      if (isClosed || exchange.signal.aborted) return Promise.resolve(stopping);
      return new Promise((settle) => {
        waiting.push({ exchange, settle });
        next();
      });
    },
    close: () => {
      isClosed = true;
      for (const { settle } of waiting.splice(0)) settle(stopping);
      connection?.end(stopping);
    },
  };
};
