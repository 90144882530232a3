/**
 * The lab's hands in one namespace: a small process that sends, listens and watches on command. It is told in JSON lines.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export type PuppetAnswer = {
  readonly ok: boolean;
  readonly peer?: string | null;
  readonly frame?: string;
  readonly beats?: number;
  readonly worst?: number;
  /** Silences of more than 20 ms. */
  readonly long?: number;
  readonly tries?: number;
  readonly leaks?: number;
  readonly words?: readonly string[];
  readonly error?: string | null;
};

export type Puppet = {
  readonly name: string;
  readonly tell: (command: string, words?: Readonly<Record<string, unknown>>) => Promise<PuppetAnswer>;
  readonly stop: () => void;
};

const script = fileURLToPath(new URL('./puppet.py', import.meta.url));

export const createPuppet = (name: string): Puppet => {
  const child: ChildProcess = spawn('ip', ['netns', 'exec', name, 'python3', '-u', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const waiting = new Map<number, (answer: PuppetAnswer) => void>();
  let serial = 0;
  if (child.stdout === null || child.stdin === null) throw new Error(`the puppet in ${name} has no pipes`);
  const { stdin } = child;
  createInterface({ input: child.stdout }).on('line', (line) => {
    const answer = JSON.parse(line) as PuppetAnswer & { id: number };
    waiting.get(answer.id)?.(answer);
    waiting.delete(answer.id);
  });
  return {
    name,
    tell: async (command, words = {}) => {
      serial += 1;
      const id = serial;
      const answer = await new Promise<PuppetAnswer>((resolve) => {
        waiting.set(id, resolve);
        stdin.write(`${JSON.stringify({ id, do: command, ...words })}\n`);
      });
      if (answer.error?.includes('(') === true) throw new Error(`${name} could not ${command}: ${answer.error}`);
      return answer;
    },
    stop: () => child.kill('SIGKILL'),
  };
};
