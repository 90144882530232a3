/** Puts the roles of one process together, starts them, and stops them in reverse on a signal. */
import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { isSettingFault, readSettings } from '../adapters/settings/settings.ts';
import { createJournal } from './journal.ts';
import { makeRoles } from './processRoles.ts';
import { type Role, StartRefused, together } from './role.ts';

/** Listened for before anybody can read that we are ready: who reads it may end us in the same moment. */
const untilSignal = (): Promise<string> =>
  new Promise((done) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => done(signal));
  });

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
  let running: Role | undefined;
  let lost: (reason: string) => void = () => {};
  const ended = new Promise<string>((resolve) => {
    lost = resolve;
  });
  try {
    await mkdir(settings.text('data'), { recursive: true, mode: 0o700 });
    running = together(await makeRoles(settings, journal, Date.now, lost));
    const lines = await running.start();
    for (const line of [
      `data                ${resolve(settings.text('data'))}`,
      ...lines,
      'ready               Ctrl-C stops it',
    ]) {
      process.stdout.write(`${line}\n`);
    }
  } catch (fault) {
    process.stderr.write(`edgelog: cannot start: ${(fault as Error).message}\n`);
    return fault instanceof StartRefused ? 2 : 1;
  }
  const end = await Promise.race([signalled, ended.then((reason) => ({ reason }))]);
  if (typeof end === 'string') process.stdout.write(`stopping after ${end}\n`);
  else journal.fault('this process cannot go on', new Error(end.reason));
  await running.stop();
  return typeof end === 'string' ? 0 : 1;
};
