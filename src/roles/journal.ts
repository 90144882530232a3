/** Lines for people and for machines: one JSON object per line on standard error, control characters escaped. */

export type Journal = {
  readonly note: (what: string, facts?: Readonly<Record<string, unknown>>) => void;
  readonly fault: (what: string, fault: unknown) => void;
};

const messageOf = (fault: unknown): string => (fault instanceof Error ? fault.message : String(fault));

/** JSON escapes control characters, so nothing in an event can forge a line or drive a terminal. */
export const createJournal = (
  role: string,
  now: () => number,
  write = (line: string) => process.stderr.write(line),
): Journal => {
  const line = (level: string, what: string, facts: Readonly<Record<string, unknown>>): void => {
    write(`${JSON.stringify({ time: new Date(now()).toISOString(), level, role, what, ...facts })}\n`);
  };
  return {
    note: (what, facts = {}) => line('info', what, facts),
    fault: (what, fault) => line('error', what, { reason: messageOf(fault) }),
  };
};
