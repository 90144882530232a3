/** Lines for people and for machines: one JSON object per line on standard error, control characters escaped. */

export type Journal = {
  readonly note: (what: string, facts?: Readonly<Record<string, unknown>>) => void;
  readonly fault: (what: string, fault: unknown) => void;
};

const messageOf = (fault: unknown): string => (fault instanceof Error ? fault.message : String(fault));

/**
 * What JSON leaves as it is although a terminal may obey it or a reader break a line there: DEL and the C1 controls (an escape
 * sequence can begin with one of them), line and paragraph separators, and marks that turn the direction of what follows.
 */
const OBEYED = /[\u007f-\u009f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

const escaped = (line: string): string =>
  line.replace(OBEYED, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** JSON escapes the other control characters, so nothing in an event can forge a line or drive a terminal. */
export const createJournal = (
  role: string,
  now: () => number,
  write = (line: string) => process.stderr.write(line),
): Journal => {
  const line = (level: string, what: string, facts: Readonly<Record<string, unknown>>): void => {
    write(`${escaped(JSON.stringify({ time: new Date(now()).toISOString(), level, role, what, ...facts }))}\n`);
  };
  return {
    note: (what, facts = {}) => line('info', what, facts),
    fault: (what, fault) => line('error', what, { reason: messageOf(fault) }),
  };
};
