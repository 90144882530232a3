/**
 * One word posted as JSON to one listener, sealed where there is a key, and whether it was heard. It never says a word twice,
 * and reads no answer to its end that has none.
 */
import { SEAL_HEADER, type Sealer } from './seal.ts';

export type WordPostOptions = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Seals each word for the path it goes to. */
  readonly seal?: Sealer | undefined;
  readonly timeoutMs: number;
};

/** `detail`: what the listener said to it, for people. */
export type Hearing =
  | { readonly isHeard: true }
  | { readonly isHeard: false; readonly reason: string; readonly detail: string };

export type WordPost = (word: unknown, signal: AbortSignal) => Promise<Hearing>;

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

/** Rejects only for a word that is no JSON. */
export const createWordPost = ({ url, headers, seal, timeoutMs }: WordPostOptions): WordPost => {
  const { pathname } = new URL(url);

  const headersFor = async (body: Uint8Array): Promise<Record<string, string>> => ({
    'content-type': 'application/json',
    ...headers,
    ...(seal === undefined ? {} : { [SEAL_HEADER]: await seal(body, pathname) }),
  });

  return async (word, signal) => {
    const body = Buffer.from(JSON.stringify(word));
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: await headersFor(body),
        body,
        redirect: 'error',
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
      });
      const detail = await startOf(response);
      return response.ok ? { isHeard: true } : { isHeard: false, reason: `HTTP ${response.status}`, detail };
    } catch (error) {
      return { isHeard: false, reason: (error as Error).message, detail: '' };
    }
  };
};
