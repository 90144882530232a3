/** A "no" on the command line: one sentence what is wrong, one what to do next, and the exit code that goes with it. */
import { type ExitCode, exits } from './exits.ts';
import { escapeLine } from './show/text.ts';

export type Complaint = {
  readonly exit: ExitCode;
  readonly says: string;
  readonly next?: string;
  /** Stable name of the problem, where the server gave one. */
  readonly code?: string;
};

export const isComplaint = (value: unknown): value is Complaint =>
  typeof value === 'object' && value !== null && 'says' in value && 'exit' in value;

export const complain = (exit: ExitCode, says: string, next?: string): Complaint => ({
  exit,
  says,
  ...(next === undefined ? {} : { next }),
});

export const usage = (says: string, next?: string): Complaint => complain(exits.usage, says, next);

const sentence = (words: string): string => (/[.!?]$/.test(words) ? words : `${words}.`);

/** Always one line, whatever the parts hold. */
export const complaintLine = ({ says, next, code }: Complaint): string => {
  const words = [
    sentence(says),
    ...(next === undefined ? [] : [`Next: ${next}`]),
    ...(code === undefined ? [] : [`(${code})`]),
  ];
  return `edgelog: ${escapeLine(words.join(' '))}`;
};
