/**
 * Whether a recorded event may be taken over from another log: yes at the end of its stream, unneeded where it already
 * is, no anywhere else. Refusing is the only safe answer to a stream that went another way in the target.
 */

import type { StoredEvent } from '../../domain/eventStore.ts';
import { StoreFault } from '../../domain/eventStore.ts';
import type { LogView } from './appendPlan.ts';

/** True: it is there already, with this id. False: it belongs next. Throws StoreFault `not-permitted` otherwise. */
export const alreadyImported = (event: StoredEvent, view: LogView): boolean => {
  const place = view.placeOf(event.id);
  const last = view.lastRevision(event.stream);
  if (place !== undefined && place.revision === event.revision && last >= event.revision) return true;
  if (place === undefined && last === event.revision - 1) return false;
  const found = place === undefined ? `the stream at revision ${last}` : `that event id at revision ${place.revision}`;
  throw new StoreFault(
    'not-permitted',
    `Import refused: expected room for revision ${event.revision} of "${event.stream}" (event ${event.id}), got ${found}`,
  );
};
