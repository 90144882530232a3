/**
 * One delta to one controller over HTTP, and whatever comes of it as one value. It never repeats itself, except over a kept
 * connection that turns out to be dead, which says nothing about the peer.
 */
import { Agent, type IncomingMessage, request } from 'node:http';
import type { LookupFunction } from 'node:net';
import { COMPACT } from './compactBody.ts';
import { DOCUMENT_PATH } from './documentDoor.ts';
import { ANSWER, AUDIENCE_HEADER, answerText, SEAL_HEADER, type SealCheck } from './seal.ts';

export type WirePlace = {
  readonly host: string;
  readonly port: number;
  /** Refuses addresses that must not be connected to. */
  readonly lookup?: LookupFunction;
  /** Believes only answers sealed by the one who is meant. */
  readonly checkAnswer?: SealCheck | undefined;
};

export type Parcel = {
  readonly bytes: Buffer;
  readonly coding?: string;
  readonly audience?: string;
  readonly seal?: string;
  readonly traceparent?: string;
};

/** `absent`: nobody there takes deltas; the document has to go another way. */
export type Posted =
  | { readonly kind: 'taken' }
  | { readonly kind: 'wants-base'; readonly have: string | null }
  | { readonly kind: 'refused'; readonly reason: string; readonly detail: string }
  | { readonly kind: 'failed'; readonly reason: string; readonly detail: string }
  | { readonly kind: 'absent'; readonly detail: string };

export type DocumentPost = {
  readonly post: (place: WirePlace, parcel: Parcel, signal: AbortSignal) => Promise<Posted>;
  readonly close: () => void;
};

const MAX_ANSWER = 64 * 1024;
const GONE = new Set(['ECONNRESET', 'EPIPE']);
const ABSENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH']);

const failed = (reason: string, detail: string): Posted => ({ kind: 'failed', reason, detail });

const textOf = async (response: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    size += (chunk as Buffer).length;
    if (size > MAX_ANSWER) throw new RangeError('the answer is too long');
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
};

const membersOf = (text: string): Readonly<Record<string, unknown>> => {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Readonly<Record<string, unknown>>) : {};
  } catch {
    return {};
  }
};

const shortText = (value: unknown, otherwise: string): string =>
  typeof value === 'string' ? value.slice(0, 500) : otherwise;

/** What an answer means. A digest that is none counts as no document. */
const meaningOf = (status: number, text: string): Posted => {
  if (status === 204) return { kind: 'taken' };
  const said = membersOf(text);
  if (status === 409) {
    const have = said['have'];
    return { kind: 'wants-base', have: typeof have === 'string' && /^[0-9a-f]{64}$/.test(have) ? have : null };
  }
  if (status === 404 || status === 405) return { kind: 'absent', detail: `HTTP ${status}` };
  const reason = shortText(said['reason'], `http-${status}`);
  const detail = shortText(said['detail'], `HTTP ${status}`);
  return status === 422 || status === 403 ? { kind: 'refused', reason, detail } : failed(reason, detail);
};

const headersOf = (parcel: Parcel): Record<string, string> => ({
  'content-length': String(parcel.bytes.length),
  ...(parcel.coding === undefined ? {} : { 'content-encoding': COMPACT }),
  ...(parcel.audience === undefined ? {} : { [AUDIENCE_HEADER]: parcel.audience }),
  ...(parcel.seal === undefined ? {} : { [SEAL_HEADER]: parcel.seal }),
  ...(parcel.traceparent === undefined ? {} : { traceparent: parcel.traceparent }),
});

/** Why an answer must not be believed. Refusals at the door carry no seal: they are believed, and nothing follows from them. */
const mistrusted = (
  { checkAnswer }: WirePlace,
  parcel: Parcel,
  response: IncomingMessage,
  text: string,
): Posted | undefined => {
  const status = response.statusCode ?? 0;
  if (checkAnswer === undefined || ![204, 409, 422].includes(status)) return undefined;
  const seal = response.headers[SEAL_HEADER];
  const given = typeof seal === 'string' ? seal : undefined;
  const why = checkAnswer(answerText(status, parcel.bytes, text), given, ANSWER);
  return why && failed('untrusted', why.detail);
};

type Attempt = { readonly posted: Posted; readonly isStale: boolean };

export const createDocumentPost = (timeoutMs: number): DocumentPost => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1, maxTotalSockets: 4096, noDelay: true });

  const attempt = (place: WirePlace, parcel: Parcel, signal: AbortSignal): Promise<Attempt> =>
    new Promise((resolve) => {
      const settle = (posted: Posted, isStale = false): void => {
        clearTimeout(timer);
        resolve({ posted, isStale });
      };
      const { host, port, lookup } = place;
      const sent = request({
        ...{ host, port, agent },
        ...(lookup === undefined ? {} : { lookup }),
        signal,
        method: 'POST',
        path: DOCUMENT_PATH,
        headers: headersOf(parcel),
      });
      const timer = setTimeout(() => {
        settle(failed('timeout', `no answer within ${timeoutMs} ms`));
        sent.destroy();
      }, timeoutMs);
      sent.on('error', (error: NodeJS.ErrnoException) => {
        const code = error.code ?? '';
        const posted: Posted = ABSENT.has(code)
          ? { kind: 'absent', detail: error.message }
          : failed(signal.aborted ? 'closed' : 'connection', error.message);
        settle(posted, sent.reusedSocket && GONE.has(code));
      });
      sent.on('response', (response) => {
        textOf(response).then(
          (text) => settle(mistrusted(place, parcel, response, text) ?? meaningOf(response.statusCode ?? 0, text)),
          (error: Error) => settle(failed('garbage', error.message)),
        );
      });
      sent.end(parcel.bytes);
    });

  return {
    post: async (place, parcel, signal) => {
      const first = await attempt(place, parcel, signal);
      return first.isStale ? (await attempt(place, parcel, signal)).posted : first.posted;
    },
    close: () => agent.destroy(),
  };
};
