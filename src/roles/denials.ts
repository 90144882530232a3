/**
 * Who was not let in, for the journal: each with actor, place and reason, never with what was shown as a key. Whoever knocks
 * without end must not fill the journal: beyond a few a second they are counted.
 */
import type { DenialNote } from '../adapters/http/admission.ts';
import type { Journal } from './journal.ts';

const NOTED_A_SECOND = 20;

export const createDenials = (journal: Pick<Journal, 'note'>, now: () => number): ((denial: DenialNote) => void) => {
  let second = 0;
  let noted = 0;
  let left = 0;
  return (denial) => {
    const current = Math.floor(now() / 1000);
    if (current !== second) {
      if (left > 0) journal.note('more requests were not let in', { times: left });
      second = current;
      noted = 0;
      left = 0;
    }
    if (noted < NOTED_A_SECOND) {
      noted += 1;
      journal.note('a request was not let in', { ...denial });
    } else left += 1;
  };
};
