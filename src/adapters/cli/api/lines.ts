/** An answer that comes line by line while the work behind it goes on. A server that says nothing for long is given up. */
import { type Complaint, complain, isComplaint } from '../complaint.ts';
import { exits } from '../exits.ts';
import { complaintOf } from './problem.ts';
import { type Ask, addressOf, headersOf, unreachable } from './request.ts';
import type { Target } from './target.ts';

const SILENCE_MS = 60_000;

async function* linesIn(body: AsyncIterable<Uint8Array>, onBytes: () => void): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const bytes of body) {
    onBytes();
    const parts = (rest + decoder.decode(bytes, { stream: true })).split('\n');
    rest = parts.pop() ?? '';
    yield* parts;
  }
  if (rest !== '') yield rest;
}

/** Undefined when the answer ended as it should. Lines keep no line break. */
export const getLines = async (
  target: Target,
  ask: Pick<Ask, 'path' | 'query'>,
  onLine: (line: string) => Promise<void> | void,
): Promise<Complaint | undefined> => {
  const stop = new AbortController();
  const watchdog = setTimeout(() => stop.abort(new DOMException('silence', 'TimeoutError')), SILENCE_MS);
  try {
    const headers = headersOf(target, { headers: { Accept: 'application/x-ndjson' } });
    const response = await fetch(addressOf(target, ask), { headers, redirect: 'manual', signal: stop.signal });
    if (response.status !== 200 || response.body === null) {
      return complaintOf({ status: response.status, headers: response.headers, body: await response.text() }, target);
    }
    for await (const line of linesIn(response.body, () => watchdog.refresh())) await onLine(line);
    return undefined;
  } catch (fault) {
    const complaint = unreachable(fault, target, SILENCE_MS);
    return isComplaint(complaint) ? complaint : complain(exits.unreachable, 'The answer broke off.');
  } finally {
    clearTimeout(watchdog);
  }
};
