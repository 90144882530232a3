/** Puts the roles of one process together, starts them, and stops them in reverse on a signal. */
import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { openStore } from '../adapters/eventstore/open.ts';
import { isSettingFault, readSettings, type Settings } from '../adapters/settings/settings.ts';
import { endpoints } from '../adapters/soap/names.ts';
import { categories } from '../domain/aggregates.ts';
import type { Command } from '../domain/commands.ts';
import type { EventStore } from '../domain/eventStore.ts';
import { cloudRole } from './cloudRole.ts';
import { clusterRole, REPORT_PATH } from './clusterRole.ts';
import { openDeliveryLanes } from './deliveryLanes.ts';
import { createJournal, type Journal } from './journal.ts';
import { nodeRole } from './nodeRole.ts';
import { type Role, StartRefused, together } from './role.ts';
import { VERSION } from './version.ts';
import { readWireKeys } from './wireKeys.ts';
import { workerRole } from './workerRole.ts';

const ROLES = ['all', 'clc', 'worker', 'cc', 'nc', 'agent'] as const;

const rolesOf = (settings: Settings): ReadonlySet<string> => {
  const wished = settings.list('role');
  const unknown = wished.find((role) => !(ROLES as readonly string[]).includes(role));
  if (unknown !== undefined || wished.length === 0) {
    throw new StartRefused(`There is no role ${JSON.stringify(unknown ?? '')}. Use one of: ${ROLES.join(', ')}.`);
  }
  return new Set(wished);
};

/** What the embedded default registers on its first start; on later ones nothing of it is news. */
const embeddedCluster = (settings: Settings): readonly Command[] => {
  const cluster = settings.text('cluster-name');
  const host = settings.text('cc-host');
  const endpoint = `http://${host}:${settings.number('cc-port')}${endpoints.clusterController.path}`;
  const nodes = settings.list('nc-hosts').map((name) => ({
    name,
    endpoint: `http://${name}:${settings.number('nc-port')}${endpoints.nodeController.path}`,
  }));
  return [
    { type: 'RegisterCluster', cluster, component: `${cluster}-cc`, host, address: host, endpoint },
    { type: 'EnableCluster', cluster },
    { type: 'ReportNodes', cluster, nodes },
  ];
};

const cloudAddress = (settings: Settings): readonly Command[] => {
  const address = settings.text('clc-address');
  return address === '' ? [] : [{ type: 'ChangeProperty', name: 'edgelog.clc_address', value: address }];
};

const openLog = async (settings: Settings): Promise<{ readonly store: EventStore; readonly url: string }> => {
  const url = settings.text('store') || `sqlite:${resolve(settings.text('data'), 'events.db')}`;
  return { store: await openStore(url, { insecure: settings.flag('insecure'), categories }), url };
};

/** The roles the settings ask for, in the order in which they start. Nothing works before they are started. */
export const makeRoles = async (settings: Settings, journal: Journal, now: () => number): Promise<readonly Role[]> => {
  const wished = rolesOf(settings);
  const has = (role: string): boolean => wished.has('all') || wished.has(role);
  const keys = await readWireKeys(settings, wished);
  const isEmbedded = wished.has('all') && !settings.flag('no-cluster');
  const apiUrl = `http://${settings.text('host')}:${settings.number('port')}`;
  const ccUrl = `http://${settings.text('cc-host')}:${settings.number('cc-wire-port')}${REPORT_PATH}`;
  const given = settings.text('report-to') || undefined;
  const roles: Role[] = [];
  if ((isEmbedded || wished.has('nc')) && has('nc')) {
    const reportTo = isEmbedded ? ccUrl : given && `${given.replace(/\/$/, '')}${REPORT_PATH}`;
    for (const name of settings.list('nc-hosts'))
      roles.push(nodeRole({ settings, name, reportTo, keys, journal, now }));
  }
  if (isEmbedded || wished.has('cc')) {
    roles.push(clusterRole({ settings, reportTo: isEmbedded ? apiUrl : given, keys, journal, now }));
  }
  if (has('clc') || wished.has('worker')) {
    const use = !has('clc') ? 'answers' : has('worker') ? 'both' : 'nudges';
    const lanes = await openDeliveryLanes({ settings, journal, use });
    const { store, url: storeUrl } = await openLog(settings);
    const common = { settings, store, storeUrl, keys, journal, now, lanes };
    const firstWishes = [...cloudAddress(settings), ...(isEmbedded ? embeddedCluster(settings) : [])];
    roles.push(has('clc') ? cloudRole({ ...common, version: VERSION, firstWishes }) : workerRole(common));
  }
  return roles;
};

const untilSignal = (): Promise<string> =>
  new Promise((done) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => done(signal));
  });

/** Serves until a signal; resolves to the exit code. */
export const serve = async (
  flags: Readonly<Record<string, string>>,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<number> => {
  const settings = readSettings(flags, environment);
  if (isSettingFault(settings)) {
    process.stderr.write(`edgelog: ${settings.problem}\n`);
    return 2;
  }
  const journal = createJournal(settings.text('role'), Date.now);
  process.on('unhandledRejection', (fault) => journal.fault('a promise was left alone', fault));
  process.on('uncaughtException', (fault) => journal.fault('an exception was left alone', fault));
  let running: Role | undefined;
  try {
    await mkdir(settings.text('data'), { recursive: true, mode: 0o700 });
    running = together(await makeRoles(settings, journal, Date.now));
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
  const signal = await untilSignal();
  process.stdout.write(`stopping after ${signal}\n`);
  await running.stop();
  return 0;
};
