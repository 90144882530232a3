/**
 * Follows the log: events as they come, across reconnections, each once and in order. A connection that says nothing for
 * longer than its heartbeat is given up and made anew, behind the last event seen.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Complaint, isComplaint } from '../complaint.ts';
import { complaintOf } from './problem.ts';
import { type Ask, addressOf, headersOf, type Reply, unreachable } from './request.ts';
import { framesOf } from './sse.ts';
import type { Target } from './target.ts';

export type FollowOptions = {
  readonly query: NonNullable<Ask['query']>;
  /** Undefined: from now on. */
  readonly after: number | undefined;
  readonly onEvent: (event: { readonly [member: string]: unknown }) => Promise<'more' | 'enough'>;
  readonly onInterrupted: (reason: string) => void;
};

const CONNECT_MS = 10_000;
const SILENCE_MS = 45_000;
const LONGEST_PAUSE_MS = 10_000;

type Ended = { readonly reason: string; readonly after: number | undefined } | 'enough';

const connect = async (target: Target, options: FollowOptions, after: number | undefined, stop: AbortController) => {
  const patience = setTimeout(() => stop.abort(new DOMException('no answer', 'TimeoutError')), CONNECT_MS);
  try {
    const url = addressOf(target, { path: '/v1/events/stream', query: { ...options.query, after } });
    const headers = headersOf(target, { headers: { Accept: 'text/event-stream' } });
    return await fetch(url, { headers, redirect: 'manual', signal: stop.signal });
  } finally {
    clearTimeout(patience);
  }
};

const replyOf = async (response: Response): Promise<Reply> => ({
  status: response.status,
  headers: response.headers,
  body: await response.text(),
});

const consume = async (
  body: AsyncIterable<Uint8Array>,
  options: FollowOptions,
  start: number | undefined,
  stop: AbortController,
): Promise<Ended> => {
  let after = start;
  const watchdog = setTimeout(() => stop.abort(), SILENCE_MS);
  try {
    for await (const { event, id, data } of framesOf(body, () => watchdog.refresh())) {
      if (event === 'end') return { reason: String(JSON.parse(data).reason), after };
      const position = Number(id);
      if (after !== undefined && position <= after) continue;
      after = position;
      if ((await options.onEvent(JSON.parse(data))) === 'enough') return 'enough';
    }
    return { reason: 'the connection ended', after };
  } catch (fault) {
    return { reason: (fault as Error).message, after };
  } finally {
    clearTimeout(watchdog);
    stop.abort();
  }
};

/** Returns when enough was seen, or with a complaint when the first connection fails or a later one is refused. */
export const follow = async (target: Target, options: FollowOptions): Promise<undefined | Complaint> => {
  let after = options.after;
  let failures = 0;
  for (let isFirst = true; ; isFirst = false) {
    const stop = new AbortController();
    const response = await connect(target, options, after, stop).catch((fault: unknown) =>
      unreachable(fault, target, CONNECT_MS),
    );
    if (isComplaint(response)) {
      if (isFirst) return response;
      failures += 1;
      await sleep(Math.min(LONGEST_PAUSE_MS, 250 * 2 ** failures));
      continue;
    }
    if (response.status !== 200 || response.body === null) {
      const refused = complaintOf(await replyOf(response), target);
      if (isFirst || response.status < 500) return refused;
      await sleep(Math.min(LONGEST_PAUSE_MS, 250 * 2 ** ++failures));
      continue;
    }
    failures = 0;
    const ended = await consume(response.body, options, after, stop);
    if (ended === 'enough') return undefined;
    after = ended.after;
    options.onInterrupted(ended.reason);
    await sleep(250);
  }
};
