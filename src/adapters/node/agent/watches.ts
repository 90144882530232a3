/**
 * What the system tells by itself: the document's file was replaced, a port appeared, somebody committed a change of the
 * rules. Watching never decides anything; it only says "look again".
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { createInterface } from 'node:readline';

export type Watch = { readonly stop: () => void };

/** Says when the file's name in its folder is touched. Where the system cannot tell, looks every second. */
export const watchFile = (file: string, look: () => void): Watch => {
  const name = basename(file);
  let timer: NodeJS.Timeout | undefined;
  const poll = (): void => {
    timer ??= setInterval(look, 1000);
    timer.unref();
  };
  let watcher: FSWatcher | undefined;
  try {
    watcher = watch(dirname(file), (_event, touched) => {
      if (touched === null || touched === name) look();
    });
    watcher.on('error', poll);
  } catch {
    poll();
  }
  return {
    stop: () => {
      watcher?.close();
      clearInterval(timer);
    },
  };
};

/** A long-running tool whose lines are events; started again when it ends, a little later each time. */
export const watchTool = (command: string, args: readonly string[], line: (text: string) => void): Watch => {
  let child: ChildProcess | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  let pauseMs = 500;
  const start = (): void => {
    const running = spawn(command, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    child = running;
    running.on('error', () => undefined);
    createInterface({ input: running.stdout }).on('line', line);
    running.on('close', () => {
      if (isStopped) return;
      timer = setTimeout(start, pauseMs);
      timer.unref();
      pauseMs = Math.min(pauseMs * 2, 60_000);
    });
  };
  start();
  return {
    stop: () => {
      isStopped = true;
      clearTimeout(timer);
      child?.kill('SIGTERM');
    },
  };
};

/** `nft monitor` names every commit; more commits than we made are somebody else's. */
export const isCommit = (line: string): boolean => line.startsWith('# new generation');

/** Calls `run` once, `delayMs` after the last call: many events, one look. */
export const debounced = (
  delayMs: number,
  run: () => void,
): { readonly call: () => void; readonly stop: () => void } => {
  let timer: NodeJS.Timeout | undefined;
  return {
    call: () => {
      clearTimeout(timer);
      timer = setTimeout(run, delayMs);
    },
    stop: () => clearTimeout(timer),
  };
};

export const every = (seconds: number, run: () => void): Watch => {
  const timer = setInterval(run, seconds * 1000);
  timer.unref();
  return { stop: () => clearInterval(timer) };
};
