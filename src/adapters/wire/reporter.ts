/**
 * How word travels upward between our own controllers: the newest word is posted as JSON until it was heard, and again every
 * so often, because the listener may have forgotten it. Level-triggered: only the latest word counts.
 */
import { SEAL_HEADER, type Sealer } from './seal.ts';

export type Reporter = { readonly poke: () => void; readonly stop: () => Promise<void> };

export type ReporterOptions = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Seals each word for the path it goes to. */
  readonly seal?: Sealer | undefined;
  /** The word now; undefined when there is nothing to say yet. */
  readonly word: () => unknown;
  readonly againEveryMs: number;
  readonly timeoutMs: number;
  readonly onFault: (reason: string) => void;
};

const RETRY_FIRST_MS = 250;
const RETRY_CAP_MS = 15_000;
const TELL_AFTER = 3;
const ANSWER_CHARACTERS = 4_096;

/** The start of an answer, for people; an answer without end is cut. */
const startOf = async (response: Response): Promise<string> => {
  let text = '';
  if (response.body === null) return text;
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (text.length > ANSWER_CHARACTERS) break;
  }
  return text.slice(0, 300);
};

export const createReporter = (options: ReporterOptions): Reporter => {
  let wanted = false;
  let running: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let lastFault = '';
  let failures = 0;
  const abort = new AbortController();
  const { pathname } = new URL(options.url);

  const headersFor = async (body: Uint8Array): Promise<Record<string, string>> => ({
    'content-type': 'application/json',
    ...options.headers,
    ...(options.seal === undefined ? {} : { [SEAL_HEADER]: await options.seal(body, pathname) }),
  });

  const post = async (word: unknown): Promise<boolean> => {
    const body = Buffer.from(JSON.stringify(word));
    try {
      const response = await fetch(options.url, {
        method: 'POST',
        headers: await headersFor(body),
        body,
        redirect: 'error',
        signal: AbortSignal.any([abort.signal, AbortSignal.timeout(options.timeoutMs)]),
      });
      const answer = await startOf(response);
      if (response.ok) {
        lastFault = '';
        failures = 0;
        return true;
      }
      return told(`HTTP ${response.status}`, answer);
    } catch (error) {
      return told((error as Error).message);
    }
  };

  /** Told when it lasts, and once, not every second: at start the listener may simply not be there yet. */
  const told = (reason: string, detail = ''): false => {
    failures += 1;
    if (failures >= TELL_AFTER && reason !== lastFault && !abort.signal.aborted) {
      options.onFault(`${reason} ${detail}`.trim());
      lastFault = reason;
    }
    return false;
  };

  const retryMs = (): number =>
    Math.min(RETRY_CAP_MS, RETRY_FIRST_MS * 2 ** Math.min(failures, 10)) * (0.5 + Math.random() / 2);

  const later = (ms: number): void => {
    clearTimeout(timer);
    if (abort.signal.aborted) return;
    timer = setTimeout(poke, ms);
    timer.unref();
  };

  const drain = async (): Promise<void> => {
    let heard = true;
    while (wanted && !abort.signal.aborted) {
      wanted = false;
      const word = options.word();
      heard = word === undefined || (await post(word));
      if (!heard) break;
    }
    later(heard ? options.againEveryMs : retryMs());
  };

  const poke = (): void => {
    if (abort.signal.aborted) return;
    wanted = true;
    running ??= drain().finally(() => {
      running = undefined;
      // Wished for after the last look and before now: nobody else would start again for it.
      if (wanted && failures === 0) poke();
    });
  };

  return {
    poke,
    stop: async () => {
      abort.abort();
      clearTimeout(timer);
      await running;
    },
  };
};
