/** Problems of the event store and of competition between writers, as the callers of commands meet them. */
import type { ProblemRows } from '../problems.ts';

export const storeProblems: ProblemRows = {
  'store-unavailable': [
    503,
    'The event store does not answer',
    'Without the log nothing can be decided, so the command was not accepted.',
    'Repeat with the same Idempotency-Key when /readyz is green again.',
  ],
  'outcome-unknown': [
    503,
    'It is not known whether this was carried out',
    'The connection to the event store broke while it was appending.',
    'Repeat with the same Idempotency-Key: it is carried out once, whatever happened before.',
  ],
  'store-not-permitted': [
    503,
    'The event store refuses us',
    'The credentials of this control plane do not allow what it needs.',
    'Have the store’s access rights corrected; /readyz says more.',
  ],
  'log-corrupt': [
    500,
    'The log is damaged',
    'An event in the log does not decode. Nothing is skipped in silence: reading stops at the position the detail names.',
    'Stop writing, keep the file, and follow “damaged log” in docs/operations.',
  ],
  'too-contended': [
    503,
    'Other writers were first each time',
    'The command was decided several times, and each time somebody else had changed the same stream meanwhile. Nothing was done.',
    'Send it again, after a short pause.',
  ],
};
