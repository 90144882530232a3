/**
 * Runs a sandbox as a process of its own, with this program's code or another checkout's: Node's permission model lets it read
 * its own code and nothing else, `guard.ts` lets it load nothing that could send, it gets no environment, and all it is given
 * to talk with is a pair of pipes.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { FromSandbox, ToSandbox } from './frames.ts';

export type SandboxProcess = {
  /** Resolves when the sandbox can take more. */
  readonly tell: (frame: Extract<ToSandbox, { kind: 'event' }>) => Promise<void>;
  /** The answer; a fault of the code is an answer too, and the answer to all that is asked after it. */
  readonly ask: (frame: Exclude<ToSandbox, { kind: 'event' }>) => Promise<FromSandbox>;
  /** The fault that stopped it, if one did. */
  readonly fault: () => FromSandbox | undefined;
  readonly stop: () => Promise<void>;
};

/** The checkout this code belongs to. */
export const ownCode = resolve(import.meta.dirname, '../../..');

const guard = join(import.meta.dirname, 'guard.ts');

export const entryOf = (code: string): string => join(code, 'src/adapters/replay/child.ts');

/** Packages stand in the checkout or in a folder above it. */
const packagesOf = (code: string): string | undefined => {
  for (let folder = code; ; folder = dirname(folder)) {
    const packages = join(folder, 'node_modules');
    if (existsSync(join(packages, 'immer'))) return realpathSync(packages);
    if (dirname(folder) === folder) return undefined;
  }
};

const readable = (code: string): readonly string[] => {
  const packages = packagesOf(code);
  const places = [join(code, 'src'), join(code, 'package.json'), join(code, 'node_modules'), packages, guard];
  return places.filter((place) => place !== undefined && existsSync(place)).map((place) => `--allow-fs-read=${place}`);
};

/** `code` must have the entry; throws otherwise. The process ends with `stop`. */
export const startSandbox = (code: string): SandboxProcess => {
  const root = realpathSync(code);
  const entry = entryOf(root);
  if (!existsSync(entry)) throw new Error(`${entry} is not there: the code has no sandbox for replays`);
  const imports = ['--import', pathToFileURL(guard).href];
  const flags = ['--permission', '--max-old-space-size=4096', ...readable(root), ...imports];
  const child = spawn(process.execPath, [...flags, entry], { stdio: ['pipe', 'pipe', 'pipe'], env: {}, cwd: root });
  const waiting: ((answer: FromSandbox) => void)[] = [];
  let fault: FromSandbox | undefined;
  let complaint = '';
  let rest = '';

  const give = (answer: FromSandbox): void => {
    if (answer.kind === 'fault') {
      fault ??= answer;
      for (const wake of waiting.splice(0)) wake(fault);
    } else waiting.shift()?.(answer);
  };

  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) give(JSON.parse(line) as FromSandbox);
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    complaint = (complaint + chunk).slice(-2000);
  });
  child.stdin.on('error', () => undefined);
  const ended = once(child, 'close').then(([status, signal]) => {
    const how = signal ?? `status ${status}`;
    const words = complaint.split('\n').find((line) => /Error/.test(line)) ?? complaint.split('\n')[0] ?? '';
    give({ kind: 'fault', position: -1, detail: `the sandbox ended with ${how}${words === '' ? '' : `: ${words}`}` });
  });

  const send = async (frame: ToSandbox): Promise<void> => {
    if (fault !== undefined || child.stdin.write(`${JSON.stringify(frame)}\n`)) return;
    await Promise.race([once(child.stdin, 'drain').catch(() => undefined), ended]);
  };

  return {
    tell: send,
    ask: (frame) => {
      if (fault !== undefined) return Promise.resolve(fault);
      const answer = new Promise<FromSandbox>((wake) => {
        waiting.push(wake);
      });
      void send(frame);
      return answer;
    },
    fault: () => fault,
    stop: async () => {
      child.stdin.end();
      child.kill();
      await ended;
    },
  };
};
