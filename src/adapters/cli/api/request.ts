/**
 * One request to the API, bounded in time, repeated only where repeating cannot do harm: questions, and wishes that carry
 * an Idempotency-Key. Redirects are not followed: the key would go with them.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Complaint, complain, isComplaint } from '../complaint.ts';
import { exits } from '../exits.ts';
import type { Target } from './target.ts';

export type Method = 'GET' | 'PUT' | 'POST' | 'DELETE';

export type Ask = {
  readonly method: Method;
  /** Below the URL of the API, encoded. */
  readonly path: string;
  readonly query?: { readonly [name: string]: string | number | boolean | undefined };
  readonly headers?: { readonly [name: string]: string };
  readonly body?: string;
  readonly timeoutMs: number;
};

export type Reply = {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
};

const ATTEMPTS = 3;
const PATIENCE_MS = 5_000;

export const addressOf = (target: Target, ask: Pick<Ask, 'path' | 'query'>): URL => {
  const base = target.url.href.endsWith('/') ? target.url.href.slice(0, -1) : target.url.href;
  const url = new URL(base + ask.path);
  for (const [name, value] of Object.entries(ask.query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return url;
};

export const headersOf = (target: Target, ask: Pick<Ask, 'headers'>): { [name: string]: string } => ({
  'User-Agent': 'edgelog',
  ...(target.key === undefined ? {} : { Authorization: `Bearer ${target.key}` }),
  ...(target.account === undefined ? {} : { 'Edgelog-Account': target.account }),
  ...ask.headers,
});

const isSafe = ({ method, headers }: Ask): boolean => method === 'GET' || headers?.['Idempotency-Key'] !== undefined;

const codeOf = (fault: unknown): string => {
  const cause = (fault as { readonly cause?: unknown }).cause ?? fault;
  const { code, name, message } = cause as {
    readonly code?: unknown;
    readonly name?: unknown;
    readonly message?: unknown;
  };
  if (typeof code === 'string') return code;
  return name === 'Error' ? String(message) : String(name);
};

const neverSent = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'ERR_INVALID_URL']);

/** Whether it may have arrived, and why it failed, in words. */
export const unreachable = (fault: unknown, target: Target, timeoutMs: number): Complaint => {
  const code = codeOf(fault);
  const { origin } = target.url;
  if (code === 'TimeoutError') {
    return complain(
      exits.unreachable,
      `No answer from ${origin} within ${timeoutMs / 1000} s.`,
      'look at `edgelog health`; repeating a wish with the same --idempotency-key is safe',
    );
  }
  const next = 'start it with scripts/up, or set EDGELOG_URL to where it is';
  return complain(exits.unreachable, `Nothing answers at ${origin} (${code}).`, next);
};

const once = async (target: Target, ask: Ask): Promise<Reply> => {
  const response = await fetch(addressOf(target, ask), {
    method: ask.method,
    headers: headersOf(target, ask),
    redirect: 'manual',
    signal: AbortSignal.timeout(ask.timeoutMs),
    ...(ask.body === undefined ? {} : { body: ask.body }),
  });
  return { status: response.status, headers: response.headers, body: await response.text() };
};

/** How long the server asks to wait, if it does and the wait is short; undefined: do not repeat. */
const askedToWait = ({ status, headers }: Reply): number | undefined => {
  if (status !== 429 && status !== 503) return undefined;
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  return seconds >= 0 && seconds * 1000 <= PATIENCE_MS ? seconds * 1000 : undefined;
};

const backoff = (attempt: number): number => 150 * 4 ** attempt * (0.5 + Math.random());

const attempted = async (target: Target, ask: Ask): Promise<Reply | { readonly fault: unknown }> => {
  try {
    return await once(target, ask);
  } catch (fault) {
    return { fault };
  }
};

/** The reply whatever its status, or a complaint when there is none. */
export const request = async (target: Target, ask: Ask): Promise<Reply | Complaint> => {
  for (let attempt = 0; ; attempt += 1) {
    const reply = await attempted(target, ask);
    const isLast = attempt + 1 >= ATTEMPTS || !isSafe(ask);
    if ('fault' in reply) {
      const code = codeOf(reply.fault);
      if (isLast || neverSent.has(code) || code === 'TimeoutError') {
        return unreachable(reply.fault, target, ask.timeoutMs);
      }
      await sleep(backoff(attempt));
      continue;
    }
    const wait = askedToWait(reply);
    if (isLast || wait === undefined) return reply;
    await sleep(wait);
  }
};

export const isReply = (answer: Reply | Complaint): answer is Reply => !isComplaint(answer);
