/** An event as the log would give it back, for suites and tests that fold without a store. */
import type { Recorded } from '../../src/domain/recorded.ts';

export const recordedOf = <E>(event: E, known: Partial<Recorded<E>> = {}): Recorded<E> => ({
  event,
  id: 'e',
  stream: 's',
  revision: 0,
  position: 0,
  time: 0,
  actor: 'test',
  correlationId: 'c',
  causationId: 'c',
  commandId: 'c',
  ...known,
});
