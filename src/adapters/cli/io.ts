/** The streams a command talks to: data out, words out, input in. Handed in, so that a command never touches the process. */
import type { Readable, Writable } from 'node:stream';

export type Output = {
  /** Resolves when the text is out, or when nobody takes it any more. */
  readonly write: (text: string) => Promise<void>;
  readonly isTerminal: boolean;
  /** Undefined where nobody says how wide a line may be. */
  readonly columns: () => number | undefined;
};

export type CliIo = {
  readonly stdout: Output;
  readonly stderr: Output;
  /** All of standard input as text. */
  readonly readInput: () => Promise<string>;
};

type Terminal = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** A reader that goes away (`edgelog events | head`) ends the command without a word: it has what it wanted. */
const outputOf = (stream: Terminal, onGone: () => void): Output => {
  stream.on('error', (fault: NodeJS.ErrnoException) => {
    if (fault.code !== 'EPIPE') throw fault;
    onGone();
  });
  return {
    write: (text) => new Promise((resolve) => stream.write(text, () => resolve())),
    isTerminal: stream.isTTY === true,
    columns: () => stream.columns,
  };
};

const textOf = async (input: Readable): Promise<string> => {
  const pieces: Buffer[] = [];
  for await (const piece of input) pieces.push(Buffer.from(piece as Uint8Array | string));
  return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(pieces));
};

/** The streams of a process. `onGone` is called when nobody reads its output any more. */
export const ioOf = (
  streams: { readonly stdin: Readable; readonly stdout: Terminal; readonly stderr: Terminal },
  onGone: () => void,
): CliIo => ({
  stdout: outputOf(streams.stdout, onGone),
  stderr: outputOf(streams.stderr, onGone),
  readInput: () => textOf(streams.stdin),
});
