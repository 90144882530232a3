/**
 * Follows the log over fetch, because the browser's own EventSource cannot send a key. Reads server-sent events piece by
 * piece, and connects again from the last position when the connection is lost.
 */
import type { LogEvent } from './answers.ts';
import type { Api } from './api.ts';

export type Frame = { readonly event: string; readonly data: string };

/** Takes text in any pieces and gives the frames that are complete; comments are passed over. */
export const createFrameReader = (): ((piece: string) => readonly Frame[]) => {
  let rest = '';
  return (piece) => {
    const blocks = `${rest}${piece}`.split('\n\n');
    rest = blocks.pop() ?? '';
    return blocks.flatMap((block) => frameIn(block) ?? []);
  };
};

const frameIn = (block: string): Frame | undefined => {
  let event = 'message';
  const data: string[] = [];
  for (const line of block.split('\n')) {
    if (line.startsWith('data:')) data.push(line.slice(5).trimStart());
    else if (line.startsWith('event:')) event = line.slice(6).trim();
  }
  return data.length === 0 ? undefined : { event, data: data.join('\n') };
};

export type Following = {
  readonly onEvents: (events: readonly LogEvent[]) => void;
  readonly onState: (isOpen: boolean) => void;
  /** Position to go on after. */
  readonly after: () => number;
};

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });

/** Follows until the signal; never rejects. */
export const follow = async (api: Api, following: Following, signal: AbortSignal): Promise<void> => {
  let waitMs = FIRST_PAUSE_MS;
  while (!signal.aborted) {
    try {
      const response = await api.open('/v1/events/stream', { after: following.after() }, signal);
      if (response.ok && response.body !== null) {
        following.onState(true);
        waitMs = FIRST_PAUSE_MS;
        await readAll(response.body, following.onEvents);
      }
    } catch {
      // A connection that was lost is opened again below.
    }
    if (signal.aborted) return;
    following.onState(false);
    await pause(waitMs, signal);
    waitMs = Math.min(waitMs * 2, LONGEST_PAUSE_MS);
  }
};

const readAll = async (body: ReadableStream<Uint8Array>, onEvents: Following['onEvents']): Promise<void> => {
  const frames = createFrameReader();
  const decoder = new TextDecoder();
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const events = frames(decoder.decode(value, { stream: true }))
      .filter(({ event }) => event === 'message')
      .map(({ data }) => JSON.parse(data) as LogEvent);
    if (events.length > 0) onEvents(events);
  }
};
