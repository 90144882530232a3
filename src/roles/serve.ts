/** Puts the roles of one process together, starts them, and stops them in reverse on a signal. */
import { mkdir } from 'node:fs/promises';
import { flushCompileCache } from 'node:module';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isSettingFault, readSettings, type Settings } from '../adapters/settings/settings.ts';
import { createJournal, type Journal } from './journal.ts';
import { makeRoles } from './processRoles.ts';
import { type Role, StartRefused, together } from './role.ts';

/** Listened for before anybody can read that we are ready: who reads it may end us in the same moment. */
const untilSignal = (): Promise<string> =>
  new Promise((done) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => done(signal));
  });

type Starting = {
  /** Where everything is, once it works. */
  readonly lines: Promise<readonly string[]>;
  /** Undefined as long as nothing is there that could be stopped. */
  readonly role: () => Role | undefined;
};

const beginStart = (settings: Settings, journal: Journal, lost: (reason: string) => void): Starting => {
  let role: Role | undefined;
  const start = async (): Promise<readonly string[]> => {
    await mkdir(settings.text('data'), { recursive: true, mode: 0o700 });
    role = together(await makeRoles(settings, journal, Date.now, lost));
    const lines = await role.start();
    return [`data                ${resolve(settings.text('data'))}`, ...lines, 'ready               Ctrl-C stops it'];
  };
  return { lines: start(), role: () => role };
};

/** How long what has begun to start may take to stop. Nothing is lost with it: what counts is in the log, and nothing was sent. */
const GIVE_UP_MS = 3_000;

/** A signal ends a start that may take long (a log to read, a server that does not answer) as soon as one that is done. */
const giveUp = async (signal: string, { lines, role }: Starting): Promise<number> => {
  process.stdout.write(`stopping after ${signal}, before it was ready\n`);
  lines.catch(() => undefined);
  const stopped = role()
    ?.stop()
    .catch(() => undefined);
  await Promise.race([stopped, pause(GIVE_UP_MS)]);
  return 0;
};

/** What was compiled is written down by then, for the next start: Node itself does so only when a process ends in order. */
const COMPILED_AFTER_MS = 20_000;

/** Serves until a signal; resolves to the exit code. */
export const serve = async (
  flags: Readonly<Record<string, string>>,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<number> => {
  const signalled = untilSignal();
  const settings = readSettings(flags, environment);
  if (isSettingFault(settings)) {
    process.stderr.write(`edgelog: ${settings.problem}\n`);
    return 2;
  }
  const journal = createJournal(settings.text('role'), Date.now);
  process.on('unhandledRejection', (fault) => journal.fault('a promise was left alone', fault));
  process.on('uncaughtException', (fault) => journal.fault('an exception was left alone', fault));
  let lost: (reason: string) => void = () => {};
  const ended = new Promise<string>((resolve) => {
    lost = resolve;
  });
  const starting = beginStart(settings, journal, lost);
  try {
    const begun = await Promise.race([starting.lines, signalled]);
    if (typeof begun === 'string') return await giveUp(begun, starting);
    for (const line of begun) process.stdout.write(`${line}\n`);
    setTimeout(flushCompileCache, COMPILED_AFTER_MS).unref();
  } catch (fault) {
    process.stderr.write(`edgelog: cannot start: ${(fault as Error).message}\n`);
    return fault instanceof StartRefused ? 2 : 1;
  }
  const end = await Promise.race([signalled, ended.then((reason) => ({ reason }))]);
  if (typeof end === 'string') process.stdout.write(`stopping after ${end}\n`);
  else journal.fault('this process cannot go on', new Error(end.reason));
  const stopping = starting.role()?.stop();
  await stopping?.catch((fault: unknown) => journal.fault('not everything could be stopped in good order', fault));
  return typeof end === 'string' ? 0 : 1;
};
