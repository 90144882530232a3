/**
 * One `nft` that stays and takes small transactions line by line. A process for each would cost its start and, worse, its
 * end: the kernel lets go of a socket only when everything a transaction deleted is reclaimed, some 15 ms after the
 * transaction was in force. Only a plain yes counts here; whatever else comes back is for the caller to try once more in
 * a process of its own, whose word is final. A transaction that failed has changed nothing, so trying again is harmless.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';

export type NftSession = {
  /** True when the kernel took it; false when it did not, or nobody can say. */
  readonly take: (transaction: string) => Promise<boolean>;
  readonly stop: () => void;
};

/** Characters; a longer one is read faster from a file. */
const longest = 16_384;
/** The tool remembers its lines; after so many it is let go. */
const mostTransactions = 1000;
/** An `nft` that never answered so often has no such mode. */
const mostFailures = 3;
const patienceMs = 10_000;

/** Says something that needs no kernel, after everything before it was answered. */
const question = 'describe mark';
const answered = /^[^\n:]*\bdatatype mark\b[^\n]*\n$/m;
const complaint = /^(internal:0:0-0: )?Error\b/m;

/** One line, all printable: an editor of lines must find nothing to edit. */
const asLine = (transaction: string): string | undefined => {
  const text = transaction.trimEnd().replaceAll('\n', '; ');
  return text.length <= longest && /^[\x20-\x7e]*[\x21-\x5b\x5d-\x7e]$/.test(text) ? text : undefined;
};

type Session = { readonly child: ChildProcessWithoutNullStreams; taken: number; isBusy: boolean };

/** Both its mouths in one pipe, so that their order stays; no home, so that it leaves no history in one. */
const open = (nft: string): Session => {
  const child = spawn('sh', ['-c', 'exec "$0" -i 2>&1', nft], {
    stdio: 'pipe',
    env: { ...process.env, HOME: '/dev/null' },
  });
  child.on('error', () => undefined);
  child.stdin.on('error', () => undefined);
  return { child, taken: 0, isBusy: false };
};

export const createNftSession = (nft: string): NftSession => {
  let session: Session | undefined;
  let failures = 0;
  let isStopped = false;
  const begin = (): Session => {
    const begun = open(nft);
    begun.child.on('exit', () => {
      if (session === begun) session = undefined;
    });
    session = begun;
    return begun;
  };
  const leave = (): void => {
    session?.child.stdin.end();
    session = undefined;
  };
  return {
    take: async (transaction) => {
      const line = asLine(transaction);
      if (line === undefined || isStopped || failures >= mostFailures || session?.isBusy === true) return false;
      const asked = session ?? begin();
      const said = await ask(asked, line);
      failures = said === undefined ? failures + 1 : 0;
      asked.taken += 1;
      if (said === undefined) asked.child.kill('SIGKILL');
      if (asked.taken >= mostTransactions) leave();
      return said !== undefined && !complaint.test(said);
    },
    stop: () => {
      isStopped = true;
      leave();
    },
  };
};

/** Everything said up to the answer of the question behind the line; undefined when it ended or hangs. */
const ask = (session: Session, line: string): Promise<string | undefined> =>
  new Promise((resolve) => {
    const { child } = session;
    let said = '';
    session.isBusy = true;
    const finish = (text: string | undefined): void => {
      clearTimeout(timer);
      session.isBusy = false;
      child.stdout.off('data', hear);
      child.off('close', lost).off('error', lost);
      resolve(text);
    };
    const hear = (chunk: Buffer): void => {
      said += chunk.toString();
      if (answered.test(said)) finish(said);
    };
    const lost = (): void => finish(undefined);
    const timer = setTimeout(lost, patienceMs);
    child.stdout.on('data', hear);
    child.on('close', lost).on('error', lost);
    child.stdin.write(`${line}\n${question}\n`);
  });
