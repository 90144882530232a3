/**
 * Asks the API of the server this page came from. A key goes into the Authorization header and nowhere else: never into an
 * address, a cookie or a message. Only reads are possible here.
 */
import type { Problem } from './answers.ts';

export type Answered<T> = { readonly value: T; readonly position: number } | { readonly problem: Problem };
export type Query = { readonly [member: string]: string | number | undefined };
export type Paged<T> = { readonly items: readonly T[]; readonly isCut: boolean };

export type Api = {
  readonly get: <T>(path: string, query?: Query) => Promise<Answered<T>>;
  /** All pages of a collection, up to `most` items. */
  readonly all: <T>(path: string, query: Query, most: number) => Promise<Answered<Paged<T>>>;
  /** The answer as it comes, for streams. Rejects when there is none. */
  readonly open: (path: string, query: Query, signal: AbortSignal) => Promise<Response>;
};

const PAGE = 1000;

export const isProblem = (answered: Answered<unknown>): answered is { readonly problem: Problem } =>
  'problem' in answered;

export const addressOf = (path: string, query: Query = {}): string => {
  const written = new URLSearchParams();
  for (const [member, value] of Object.entries(query)) {
    if (value !== undefined && value !== '') written.set(member, String(value));
  }
  const text = written.toString();
  return text === '' ? path : `${path}?${text}`;
};

const problem = (status: number, code: string, title: string, detail: string, next: string): Problem => ({
  ...{ status, code, title, detail, next },
});

const unreachable = (): Problem =>
  problem(0, 'unreachable', 'No answer', 'The control plane does not answer.', 'Look whether it runs.');

const problemIn = async (response: Response): Promise<Problem> => {
  const fallback = problem(response.status, 'unknown', 'Not answered', `HTTP ${response.status}`, '');
  const body: unknown = await response.json().catch(() => undefined);
  return typeof body === 'object' && body !== null ? { ...fallback, ...body } : fallback;
};

/** `key` is asked for each time, so that one typed in later counts at once. */
export const createApi = (key: () => string | undefined, ask: typeof fetch): Api => {
  const open = (path: string, query: Query, signal?: AbortSignal): Promise<Response> => {
    const has = key();
    const headers = has === undefined ? {} : { Authorization: `Bearer ${has}` };
    return ask(addressOf(path, query), {
      headers,
      credentials: 'omit',
      cache: 'no-store',
      redirect: 'error',
      ...(signal === undefined ? {} : { signal }),
    });
  };
  const get = async <T>(path: string, query: Query = {}): Promise<Answered<T>> => {
    try {
      const response = await open(path, query);
      if (!response.ok) return { problem: await problemIn(response) };
      const position = Number(response.headers.get('Edgelog-Position') ?? 0);
      return { value: (await response.json()) as T, position };
    } catch {
      return { problem: unreachable() };
    }
  };
  const all = async <T>(path: string, query: Query, most: number): Promise<Answered<Paged<T>>> => {
    const items: T[] = [];
    let cursor: string | undefined;
    let position = 0;
    do {
      const answered = await get<{ readonly items: readonly T[]; readonly next: string | null }>(path, {
        ...query,
        limit: PAGE,
        cursor,
      });
      if (isProblem(answered)) return answered;
      items.push(...answered.value.items);
      cursor = answered.value.next ?? undefined;
      position = answered.position;
    } while (cursor !== undefined && items.length < most);
    return { value: { items, isCut: cursor !== undefined }, position };
  };
  return { get, all, open };
};
