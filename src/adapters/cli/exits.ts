/** Exit codes of the command line: what a script learns without reading a word. `edgelog help exit-codes` prints this table. */

export const exits = {
  ok: 0,
  different: 1,
  usage: 2,
  unreachable: 3,
  refused: 4,
  unconverged: 5,
  fault: 70,
} as const;

export type ExitCode = (typeof exits)[keyof typeof exits];

export const exitMeanings: readonly (readonly [code: ExitCode, meaning: string])[] = [
  [exits.ok, 'done; yes; the same'],
  [exits.different, 'no; different; not well; not everybody has it'],
  [exits.usage, 'the command line or a file it names is wrong; nothing was sent'],
  [exits.unreachable, 'nobody answered, or nobody who could'],
  [exits.refused, 'understood and refused; the message says why and what to do'],
  [exits.unconverged, 'accepted, but not as far as --wait asked within --timeout'],
  [exits.fault, 'a fault of this program; the message says where'],
];

/** HTTP status of an answer that is a "no" -> exit code. What the server cannot do now is no refusal. */
export const exitOfStatus = (status: number): ExitCode =>
  status >= 500 || status === 429 || status === 408 ? exits.unreachable : exits.refused;
