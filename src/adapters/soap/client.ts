/**
 * Pushes messages to controllers: writes and signs an envelope, sends it, and reduces whatever happens to one value. A
 * failure is data for the lane that sent it, never an exception: a dead, slow or lying peer is the expected case. It
 * must not repeat itself: lanes send the newest state again by themselves. The one exception is a kept connection that
 * turns out to be dead, which says nothing about the peer.
 */
import { randomUUID } from 'node:crypto';
import { Agent, type IncomingHttpHeaders } from 'node:http';
import { isRefusal, type Refusal } from '../../domain/refusals.ts';
import { guardedLookup, literalRefused, type MayConnect } from './addressGuard.ts';
import { messageIdOf, type Signer, type WrittenEnvelope, writeEnvelope } from './envelope.ts';
import { type Exchanged, type ExchangeReason, exchange } from './exchange.ts';
import { readFault, readMessage } from './messageReader.ts';
import type { RequestKind, RequestOf, ResponseOf, SoapMessage } from './messages.ts';
import { actionOf, contentType } from './names.ts';
import { readEnvelope } from './reader.ts';
import type { Verifier } from './security/verifier.ts';
import { defaultXmlLimits, type XmlLimits } from './xmlTree.ts';

/**
 * `fault`: the peer answered with a SOAP fault. `http-status`: an answer that is neither success nor a fault, redirects
 * included. `untrusted`: answers are verified here and this one did not hold.
 */
export type FailureReason = ExchangeReason | 'fault' | 'http-status' | 'untrusted';

export type Failed = {
  readonly kind: 'failed';
  readonly reason: FailureReason;
  readonly detail: string;
  /** Refusal code in a fault of one of our own controllers, or of our own reader. */
  readonly refused?: string;
};

export type Answered<K extends RequestKind> = {
  readonly kind: 'answered';
  /** The element `return`; absent means true (cloud spec 9.2). */
  readonly return: boolean;
  readonly statusMessage?: string;
  readonly response: ResponseOf<K>;
  /** HTTP headers of the answer; not signed, so good for hints only. */
  readonly headers: IncomingHttpHeaders;
};

/**
 * `headers` are added as they are. Our own controllers exchange `Edgelog-Epoch`, `Edgelog-Version` (position, decimal) and
 * `Edgelog-Hash` this way. They are outside the signed envelope: whoever can touch the wire can change them, so they may
 * only save work or name things in a log. What a document is follows from its own, signed bytes (`version`), alone.
 */
export type PushOptions = {
  readonly headers?: Readonly<Record<string, string>>;
  /** W3C trace context; anything that does not look like one is left out. */
  readonly traceparent?: string;
  readonly signal?: AbortSignal;
};

export type SoapClientSettings = {
  readonly signer?: Signer;
  /** Verifies answers. Leave it out towards Eucalyptus: its answers need not be signed (node spec 1.3). */
  readonly verifier?: Verifier;
  /** Milliseconds since 1970, for timestamps only; deadlines use the machine's own monotonic clock. */
  readonly now: () => number;
  /** From the call to the end of the answer. Default 60 s (cloud spec 9.1). */
  readonly timeoutMs?: number;
  /** From the call to the answer's first header. Default: `timeoutMs`. */
  readonly headersTimeoutMs?: number;
  readonly maxResponseBytes?: number;
  /** In characters of base64. A longer document is refused here, because the peer would cut it (`names.ts`). */
  readonly longestNetworkInfo?: number;
  readonly limits?: XmlLimits;
  /** Over all peers. Must exceed the number of peers, or enough dead ones hold them all. Default 1024. */
  readonly maxSockets?: number;
  readonly mayConnect?: MayConnect;
  readonly newUuid?: () => string;
};

export type SoapClient = {
  readonly push: <K extends RequestKind>(
    endpointUrl: string,
    message: RequestOf<K>,
    options?: PushOptions,
  ) => Promise<Answered<K> | Failed>;
  /** Closes idle and busy connections; pushes under way fail with `closed`. */
  readonly close: () => void;
};

const socketsPerPeer = 2;
const traceContext = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

const failure = (reason: FailureReason, detail: string, refused?: string): Failed => ({
  kind: 'failed',
  reason,
  detail,
  ...(refused === undefined ? {} : { refused }),
});

const httpUrl = (text: string): URL | undefined => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url?.protocol === 'http:' && url.username === '' && url.password === '' ? url : undefined;
};

const headersOf = (action: string, byteLength: number, options: PushOptions): Record<string, string> => ({
  ...options.headers,
  ...(options.traceparent !== undefined && traceContext.test(options.traceparent)
    ? { traceparent: options.traceparent }
    : {}),
  'Content-Type': contentType,
  'Content-Length': String(byteLength),
  SOAPAction: action,
});

const isAnswerTo = <K extends RequestKind>(kind: K, message: SoapMessage): message is ResponseOf<K> =>
  message.kind === `${kind}Response`;

/** Why a document must not be sent to a peer that keeps no more than `longest` characters. */
const tooLong = (message: SoapMessage, longest: number): Failed | undefined => {
  if (!('networkInfo' in message)) return undefined;
  const length = message.networkInfo.reduce((sum, piece) => sum + piece.length, 0);
  return length <= longest
    ? undefined
    : failure('too-large', `the document is ${length} characters of base64; this peer keeps ${longest}`);
};

type Reply = Extract<Exchanged, { kind: 'reply' }>;

const unreadable = (status: number, refusal: Refusal): Failed =>
  status === 200
    ? failure(
        'garbage',
        `${refusal.refused}: ${refusal.member === undefined ? '' : `${refusal.member}: `}${refusal.detail}`,
        refusal.refused,
      )
    : failure('http-status', `HTTP ${status}`);

/** What an answer means. `trusted` says why it must not be believed, if it must not. */
const readReply = <K extends RequestKind>(
  kind: K,
  reply: Reply,
  limits: XmlLimits,
  messageId: string,
  verifier: Verifier | undefined,
): Answered<K> | Failed => {
  const envelope = readEnvelope([reply.body], limits);
  if (isRefusal(envelope)) return unreadable(reply.status, envelope);
  const fault = readFault(envelope.payload);
  if (fault !== undefined) {
    const reason = reply.status === 500 || reply.status === 200 ? 'fault' : 'http-status';
    return failure(reason, `HTTP ${reply.status}: ${fault.code}: ${fault.text}`, fault.refused);
  }
  if (reply.status !== 200) return failure('http-status', `HTTP ${reply.status}`);
  const verified = verifier?.verify(envelope, messageId);
  if (isRefusal(verified)) return failure('untrusted', `${verified.refused}: ${verified.detail}`, verified.refused);
  const response = readMessage(envelope.payload);
  if (isRefusal(response)) return unreadable(reply.status, response);
  if (!isAnswerTo(kind, response)) return failure('garbage', `${response.kind} in answer to ${kind}`);
  return {
    kind: 'answered',
    return: response.return ?? true,
    ...(response.statusMessage === undefined ? {} : { statusMessage: response.statusMessage }),
    response,
    headers: reply.headers,
  };
};

/** Owns a pool of connections until `close`. */
export const createSoapClient = (settings: SoapClientSettings): SoapClient => {
  const { now, signer, verifier, mayConnect, timeoutMs = 60_000, maxResponseBytes = 1024 * 1024 } = settings;
  const { longestNetworkInfo = Number.POSITIVE_INFINITY } = settings;
  const { newUuid = randomUUID, maxSockets = 1024, headersTimeoutMs = timeoutMs } = settings;
  const limits = { ...(settings.limits ?? defaultXmlLimits), maxBytes: maxResponseBytes };
  const agent = new Agent({
    keepAlive: true,
    maxSockets: socketsPerPeer,
    maxTotalSockets: maxSockets,
    maxFreeSockets: socketsPerPeer,
    timeout: timeoutMs,
  });

  const send = (url: URL, action: string, written: WrittenEnvelope, options: PushOptions, elapsedMs: number) =>
    exchange({
      url,
      headers: headersOf(action, written.byteLength, options),
      pieces: written.pieces,
      agent,
      totalMs: Math.max(1, timeoutMs - elapsedMs),
      headersMs: Math.max(1, headersTimeoutMs - elapsedMs),
      maxResponseBytes,
      ...(mayConnect === undefined ? {} : { lookup: guardedLookup(mayConnect) }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    });

  return {
    push: async (endpointUrl, message, options = {}) => {
      const url = httpUrl(endpointUrl);
      if (url === undefined) return failure('refused-connection', 'not an http URL');
      const refused = mayConnect && literalRefused(url, mayConnect);
      if (refused !== undefined) return failure('refused-connection', refused);
      const unsendable = tooLong(message, longestNetworkInfo);
      if (unsendable !== undefined) return unsendable;
      const startedMs = performance.now();
      const action = actionOf(message.kind);
      const attempt = async () => {
        const messageId = messageIdOf(newUuid());
        const signing = signer && { signer, nowMs: now() };
        const written = writeEnvelope(message, { to: endpointUrl, action, messageId }, signing);
        return { messageId, outcome: await send(url, action, written, options, performance.now() - startedMs) };
      };
      let { messageId, outcome } = await attempt();
      // A kept connection the peer had already dropped: ask once more, as a new message with a new id.
      if (outcome.kind === 'failed' && outcome.staleSocket) ({ messageId, outcome } = await attempt());
      return outcome.kind === 'failed'
        ? failure(outcome.reason, outcome.detail)
        : readReply(message.kind, outcome, limits, messageId, verifier);
    },
    close: () => agent.destroy(),
  };
};
