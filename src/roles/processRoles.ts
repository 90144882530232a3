/** Which roles a process has, by its settings, and how they find each other when they share it. */
import { resolve } from 'node:path';
import { openStore, shownStore } from '../adapters/eventstore/open.ts';
import type { KeyRecord } from '../adapters/http/auth.ts';
import type { Settings } from '../adapters/settings/settings.ts';
import { endpoints } from '../adapters/soap/names.ts';
import type { AgentSource } from '../adapters/telemetry/agentFigures.ts';
import { categories } from '../domain/aggregates.ts';
import type { Command } from '../domain/commands.ts';
import type { EventStore } from '../domain/eventStore.ts';
import type { AgentRole } from './agentRole.ts';
import { cloudRole } from './cloudRole.ts';
import type { ClusterRoleOptions } from './clusterRole.ts';
import { codeMark } from './codeMark.ts';
import { openDeliveryLanes } from './deliveryLanes.ts';
import type { Journal } from './journal.ts';
import { assertSignedEnds } from './openEnds.ts';
import { type Role, StartRefused } from './role.ts';
import { createSnapshot } from './snapshot.ts';
import { VERSION } from './version.ts';
import { readWireKeys, type WireKeys } from './wireKeys.ts';

const ROLES = ['all', 'clc', 'worker', 'cc', 'nc', 'agent'] as const;

type Wished = {
  readonly settings: Settings;
  readonly journal: Journal;
  readonly now: () => number;
  readonly keys: WireKeys;
  readonly roles: ReadonlySet<string>;
  /** The embedded default: a cluster and its nodes in this process, registered at start. */
  readonly isEmbedded: boolean;
  readonly onLost: (reason: string) => void;
};

const rolesIn = (settings: Settings): ReadonlySet<string> => {
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

const openLog = async (settings: Settings): Promise<{ readonly store: EventStore; readonly storeUrl: string }> => {
  const url = settings.text('store') || `sqlite:${resolve(settings.text('data'), 'events.db')}`;
  const store = await openStore(url, { insecure: settings.flag('insecure'), categories });
  return { store, storeUrl: shownStore(url) };
};

/** Only in a log of our own an event is found by its position alone, which is how a snapshot is held against the log. */
const isEmbeddedLog = (settings: Settings): boolean => settings.text('store') === '';

const bases = (settings: Settings): readonly string[] =>
  settings.list('report-to').map((url) => url.replace(/\/$/, ''));

// What a process does not play is not loaded: it would keep the first document waiting.

const nodeRoles = async ({ isEmbedded, ...common }: Wished): Promise<readonly Role[]> => {
  const { nodeRole } = await import('./nodeRole.ts');
  const { REPORT_PATH } = await import('./clusterRole.ts');
  const { settings } = common;
  const own = `http://${settings.text('cc-host')}:${settings.number('cc-wire-port')}`;
  const [base] = isEmbedded ? [own] : bases(settings);
  const reportTo = base === undefined ? undefined : `${base}${REPORT_PATH}`;
  return settings.list('nc-hosts').map((name) => nodeRole({ ...common, name, reportTo }));
};

const agentRoles = async ({ settings, journal, now, roles }: Wished): Promise<readonly AgentRole[]> => {
  const { agentRole, agentsOf } = await import('./agentRole.ts');
  const named = settings.text('node-name');
  const isAlone = !roles.has('all') && !roles.has('nc');
  if (isAlone && named === '' && settings.text('document-file') === '') {
    throw new StartRefused(
      'Which node is this? Say --node-name NAME (as the document lists it), or --document-file PATH.',
    );
  }
  const names = isAlone && named !== '' ? [named] : settings.list('nc-hosts');
  return agentsOf(settings, names).map((one) => agentRole({ ...one, settings, journal, now }));
};

const ccRole = async (options: ClusterRoleOptions): Promise<Role> =>
  (await import('./clusterRole.ts')).clusterRole(options);

const apiKeysIn = async (file: string): Promise<readonly KeyRecord[]> =>
  file === '' ? [] : (await import('../adapters/http/keysFile.ts')).readKeysFile(file);

/** Given away, and held no longer. */
const once = <T>(given: T): (() => T | undefined) => {
  let held: T | undefined = given;
  return () => {
    const taken = held;
    held = undefined;
    return taken;
  };
};

const controlRole = async ({ roles, isEmbedded, ...common }: Wished, agents: readonly AgentSource[]): Promise<Role> => {
  const { settings } = common;
  const isCloud = roles.has('all') || roles.has('clc');
  const answers = roles.has('all') || roles.has('worker');
  const lanes = await openDeliveryLanes({ ...common, use: !isCloud ? 'answers' : answers ? 'both' : 'nudges' });
  const log = await openLog(settings);
  if (!isCloud) return (await import('./workerRole.ts')).workerRole({ ...common, ...log, lanes });
  const firstWishes = [...cloudAddress(settings), ...(isEmbedded ? embeddedCluster(settings) : [])];
  const files = isEmbeddedLog(settings)
    ? createSnapshot(settings.text('data'), log.store, codeMark(), common.journal)
    : undefined;
  const snapshot = files && { files, takeUp: once(await files.read()) };
  return cloudRole({
    ...common,
    ...log,
    snapshot,
    lanes,
    apiKeys: await apiKeysIn(settings.text('keys-file')),
    version: VERSION,
    firstWishes,
    agents,
  });
};

/**
 * The roles the settings ask for, in the order in which they start. Nothing works before they are started. `onLost` is called
 * when a running process must not go on.
 */
export const makeRoles = async (
  settings: Settings,
  journal: Journal,
  now: () => number,
  onLost: (reason: string) => void,
): Promise<readonly Role[]> => {
  const roles = rolesIn(settings);
  const isEmbedded = roles.has('all') && !settings.flag('no-cluster');
  const wished: Wished = {
    settings,
    journal,
    now,
    keys: readWireKeys(settings, roles, now),
    roles,
    isEmbedded,
    onLost,
  };
  const api = `http://${settings.text('host')}:${settings.number('port')}`;
  const has = (role: string): boolean => roles.has(role) || (isEmbedded && role !== 'worker');
  assertSignedEnds(settings, [
    ...(has('cc') ? [settings.text('cc-host')] : []),
    ...(has('nc') ? settings.list('nc-hosts') : []),
  ]);
  const agents = has('agent') ? await agentRoles(wished) : [];
  const figures = agents.flatMap((agent) => agent.figures ?? []);
  return [
    ...(has('nc') ? await nodeRoles(wished) : []),
    ...agents.map(({ role }) => role),
    ...(has('cc') ? [await ccRole({ ...wished, reportTo: isEmbedded ? [api] : bases(settings) })] : []),
    ...(roles.has('all') || roles.has('clc') || roles.has('worker') ? [await controlRole(wished, figures)] : []),
  ];
};
