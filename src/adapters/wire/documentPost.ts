/**
 * One delta to one controller over HTTP, and whatever comes of it as one value. It never repeats itself, except over a kept
 * connection that turns out to be dead, which says nothing about the peer.
 */
import type { LookupFunction } from 'node:net';
import type { WireReply } from './answerReader.ts';
import { COMPACT } from './compactBody.ts';
import { DOCUMENT_PATH } from './documentDoor.ts';
import { ANSWER, AUDIENCE_HEADER, answerText, SEAL_HEADER, type SealCheck } from './seal.ts';
import { CLOSED, createWireLine, GARBAGE, type LineFault, TIMED_OUT, type WireLine } from './wireLine.ts';

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
const ABSENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EHOSTUNREACH']);

const failed = (reason: string, detail: string): Posted => ({ kind: 'failed', reason, detail });

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

/** What may stand in a header's value; whatever else came in with a name must not become a header of its own. */
const PLAIN = /^[\t\x20-\x7e\x80-\xff]*$/;

const headerLine = (name: string, value: string | undefined): string => {
  if (value === undefined) return '';
  if (!PLAIN.test(value)) throw new Error(`expected a value fit for the header ${name}, got ${JSON.stringify(value)}`);
  return `${name}: ${value}\r\n`;
};

/** Small bodies travel in one buffer with their headers. */
const SMALL = 64 * 1024;

const requestOf = ({ host, port }: WirePlace, { bytes, coding, audience, seal, traceparent }: Parcel): Buffer[] => {
  const head =
    `POST ${DOCUMENT_PATH} HTTP/1.1\r\n` +
    headerLine('host', host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`) +
    headerLine('content-length', String(bytes.length)) +
    headerLine('content-encoding', coding === undefined ? undefined : COMPACT) +
    headerLine(AUDIENCE_HEADER, audience) +
    headerLine(SEAL_HEADER, seal) +
    headerLine('traceparent', traceparent) +
    '\r\n';
  const opening = Buffer.from(head, 'latin1');
  return bytes.length > SMALL ? [opening, bytes] : [Buffer.concat([opening, bytes], opening.length + bytes.length)];
};

/** Why an answer must not be believed. Refusals at the door carry no seal: they are believed, and nothing follows from them. */
const mistrusted = (
  { checkAnswer }: WirePlace,
  parcel: Parcel,
  { status, headers, text }: WireReply,
): Posted | undefined => {
  if (checkAnswer === undefined || ![204, 409, 422].includes(status)) return undefined;
  const why = checkAnswer(answerText(status, parcel.bytes, text), headers.get(SEAL_HEADER), ANSWER);
  return why && failed('untrusted', why.detail);
};

const broken = ({ code, message }: LineFault): Posted => {
  if (ABSENT.has(code)) return { kind: 'absent', detail: message };
  return failed([TIMED_OUT, GARBAGE, CLOSED].includes(code) ? code : 'connection', message);
};

export const createDocumentPost = (timeoutMs: number): DocumentPost => {
  /** By host and port. */
  const lines = new Map<string, Map<number, WireLine>>();

  const lineTo = (place: WirePlace): WireLine => {
    const { host, port } = place;
    const there = lines.get(host) ?? new Map<number, WireLine>();
    lines.set(host, there);
    const known = there.get(port);
    if (known !== undefined) return known;
    const made = createWireLine(place, () => there.delete(port));
    there.set(port, made);
    return made;
  };

  const send = (place: WirePlace, parcel: Parcel, signal: AbortSignal) =>
    lineTo(place).exchange({ request: requestOf(place, parcel), timeoutMs, maxAnswerBytes: MAX_ANSWER, signal });

  return {
    post: async (place, parcel, signal) => {
      const first = await send(place, parcel, signal);
      const last = 'isStale' in first && first.isStale ? await send(place, parcel, signal) : first;
      if ('isStale' in last) return broken(last);
      return mistrusted(place, parcel, last) ?? meaningOf(last.status, last.text);
    },
    close: () => {
      for (const there of lines.values()) for (const line of [...there.values()]) line.close();
    },
  };
};
