/**
 * Where our own controllers hear the word of those below them. It believes only what its check lets through, and answers with
 * the reason why not.
 */
import { isRefusal } from '../../domain/refusals.ts';
import { SEAL_HEADER } from './seal.ts';
import type { WireAnswer, WireRequest, WireRoute } from './wireServer.ts';
import type { WordCheck } from './wordCheck.ts';

export type ReportDoorOptions = {
  readonly path: string;
  /** Without it anybody who can connect is believed, which is fit for loopback only. */
  readonly check?: WordCheck | undefined;
  /** Whether the word made sense. */
  readonly hear: (word: unknown, from: string) => boolean;
  readonly onRefused: (why: string, from: string) => void;
};

const MAX_BYTES = 1 << 20;

const parsed = (body: Buffer): unknown => {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
};

const heard = ({ check, hear, onRefused }: ReportDoorOptions, { body, headers, from }: WireRequest): WireAnswer => {
  const seal = headers[SEAL_HEADER];
  const refused = check?.(body, typeof seal === 'string' ? seal : undefined);
  if (isRefusal(refused)) {
    onRefused(refused.detail, from);
    return { status: 403, json: { reason: refused.refused, detail: refused.detail } };
  }
  const word = parsed(body);
  if (word === undefined) return { status: 400, json: { reason: 'not-json' } };
  return hear(word, from) ? { status: 204 } : { status: 422, json: { reason: 'not-a-word' } };
};

export const reportRoute = (options: ReportDoorOptions): WireRoute => ({
  path: options.path,
  maxBytes: MAX_BYTES,
  answer: (request) => heard(options, request),
});
