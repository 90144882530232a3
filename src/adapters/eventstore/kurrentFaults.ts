/**
 * What the KurrentDB client's errors mean to the house. An append that fails after it may have been sent has an unknown
 * outcome; only errors that certainly came before say `unavailable`. Looks at errors by shape, so the client stays behind its
 * one doorway.
 */

import type { StoreFaultKind } from '../../domain/eventStore.ts';
import { StoreFault } from '../../domain/eventStore.ts';

type ClientError = Error & {
  readonly type?: unknown;
  readonly code?: unknown;
  readonly actualState?: unknown;
  readonly streamName?: unknown;
  readonly violations?: unknown;
};

const typeOf = (error: ClientError): string => (typeof error.type === 'string' ? error.type : '');

/** gRPC status codes that the client passes on without a type of its own. */
const PERMISSION_DENIED = 7;
const UNAVAILABLE = 14;
const UNAUTHENTICATED = 16;

const kinds: ReadonlyMap<string, StoreFaultKind> = new Map([
  ['access-denied', 'not-permitted'],
  ['not-leader', 'unavailable'],
  ['stream-deleted', 'corrupt'],
  ['stream-tombstoned', 'corrupt'],
  ['maximum-append-size-exceeded', 'unsupported'],
  ['append-record-size-exceeded', 'unsupported'],
  ['transaction-max-size-exceeded', 'unsupported'],
  ['unsupported', 'unsupported'],
  ['invalid-argument', 'unsupported'],
]);

/** Connecting failed, so nothing was sent: connection refused is a bare gRPC error with code 14 and no type. */
const neverConnected = (error: Error): boolean =>
  /No connection established|ECONNREFUSED|ENOTFOUND|Name resolution failed|Failed to discover|client error \(Connect\)/.test(
    error.message,
  );

const kindOf = (error: ClientError, during: 'connect' | 'append' | 'read'): StoreFaultKind => {
  const known = kinds.get(typeOf(error));
  if (known !== undefined) return known;
  if (error.code === PERMISSION_DENIED || error.code === UNAUTHENTICATED) return 'not-permitted';
  return during === 'append' && !neverConnected(error) ? 'unknown-outcome' : 'unavailable';
};

/** Faults pass unchanged; what is no error at all becomes one. `shown` is the address without its password. */
export const kurrentFault = (thrown: unknown, shown: string, during: 'connect' | 'append' | 'read'): StoreFault => {
  if (thrown instanceof StoreFault) return thrown;
  const error: ClientError = thrown instanceof Error ? thrown : new Error(String(thrown));
  return new StoreFault(kindOf(error, during), `Event store ${shown}: ${error.message}`, { cause: thrown });
};

/** The first call after a change of leader fails by itself and was certainly not written; the client finds the new one. */
export const isLeaderChange = (thrown: unknown): boolean =>
  thrown instanceof Error && typeOf(thrown as ClientError) === 'not-leader';

/** The connection went while the call was under way. A server that cannot be reached at all is another matter. */
export const isDropped = (thrown: unknown): boolean => {
  if (!(thrown instanceof Error) || neverConnected(thrown)) return false;
  const error = thrown as ClientError;
  return typeOf(error) === 'unavailable' || (typeOf(error) === '' && error.code === UNAVAILABLE);
};

export const isStreamMissing = (thrown: unknown): boolean =>
  thrown instanceof Error && typeOf(thrown as ClientError) === 'stream-not-found';

const revisionOf = (state: unknown): number => (typeof state === 'bigint' ? Number(state) : -1);

/** The stream that was not where it was expected, and where it is; undefined for any other error. */
export const conflictIn = (thrown: unknown): { readonly stream: string; readonly actual: number } | undefined => {
  if (!(thrown instanceof Error)) return undefined;
  const error = thrown as ClientError;
  if (typeOf(error) === 'wrong-expected-version') {
    return { stream: String(error.streamName), actual: revisionOf(error.actualState) };
  }
  if (typeOf(error) !== 'append-consistency-violation' || !Array.isArray(error.violations)) return undefined;
  const first: ClientError | undefined = error.violations[0];
  return { stream: String(first?.streamName), actual: revisionOf(first?.actualState) };
};

/** Rejects with `late` when the promise has not settled in time. The client offers no way to cancel what it has begun. */
export const withinTime = async <T>(promise: Promise<T>, ms: number, late: () => StoreFault): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), ms);
  });
  try {
    return await Promise.race([promise, deadline]);
  } finally {
    clearTimeout(timer);
  }
};
