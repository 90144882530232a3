/**
 * Clocks an hour apart, in either direction: what nodes say is believed for its age and not for its date, a dead node does not
 * look alive because its clock is ahead, and where messages are signed the refusal names the clocks.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, test } from 'node:test';
import { isSettingFault, readSettings, type Settings } from '../../src/adapters/settings/settings.ts';
import { makeKeys } from '../../src/adapters/soap/keys.ts';
import { createJournal } from '../../src/roles/journal.ts';
import { makeRoles } from '../../src/roles/processRoles.ts';
import { type Role, together } from '../../src/roles/role.ts';
import { type Api, apiAt, type Cluster, change, registerCluster } from '../processes/api.ts';
import { freePorts, until } from '../processes/processes.ts';

const HOUR = 3_600_000;
const NODE = '127.0.0.2';
const quiet = createJournal(
  'test',
  () => 0,
  () => true,
);

const settingsOf = (flags: Readonly<Record<string, string | number>>): Settings => {
  const settings = readSettings(
    Object.fromEntries(Object.entries(flags).map(([name, value]) => [name, String(value)])),
    {},
  );
  if (isSettingFault(settings)) throw new Error(settings.problem);
  return settings;
};

describe('clocks an hour apart', { timeout: 120_000 }, () => {
  const running: Role[] = [];
  const folders: string[] = [];

  afterEach(async () => {
    for (const role of running.splice(0).reverse()) await role.stop();
    for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
  });

  const newFolder = async (): Promise<string> => {
    const folder = await mkdtemp(join(tmpdir(), 'edgelog-clocks-'));
    folders.push(folder);
    return folder;
  };

  const start = async (now: () => number, flags: Readonly<Record<string, string | number>>): Promise<Role> => {
    const role = together(
      await makeRoles(settingsOf({ data: await newFolder(), ...flags }), quiet, now, () => undefined),
    );
    running.push(role);
    await role.start();
    return role;
  };

  /** Control plane on time, the others off by so much; `later` makes all clocks run ahead together. */
  const open = async (offMs: number, keys?: string) => {
    const [port = 0, cc = 0, wire = 0] = await freePorts(3);
    const [nc = 0] = await freePorts(1, NODE);
    let later = 0;
    const onTime = (): number => Date.now() + later;
    const off = (): number => onTime() + offMs;
    const common = { 'nc-port': nc, 'cc-port': cc, 'cc-wire-port': wire, 'resync-seconds': 1 };
    const signed = keys === undefined ? common : { ...common, 'wire-keys': keys };
    await start(onTime, { ...signed, role: 'clc', port });
    const api: Api = apiAt(port);
    await start(off, { ...signed, role: 'cc', 'cluster-name': 'one', 'report-to': api.url });
    const node = await start(off, { ...signed, role: 'nc', 'nc-hosts': NODE, 'report-to': `http://127.0.0.1:${wire}` });
    await registerCluster(api, 'one', `http://127.0.0.1:${cc}/axis2/services/EucalyptusCC`, [NODE]);
    const pass = (ms: number): void => {
      later += ms;
    };
    return { api, node, pass };
  };

  const status = async (api: Api): Promise<Cluster['nodes'][number]> => {
    const [node] = (await api.cluster('one')).nodes;
    if (node === undefined) throw new Error('expected a node in the status');
    return node;
  };

  for (const [words, offMs] of [
    ['behind', -HOUR],
    ['ahead', HOUR],
  ] as const) {
    test(`controllers an hour ${words}: convergence is seen, and a dead node grows old`, async () => {
      const { api, node, pass } = await open(offMs);
      const last = await change(api);
      await until(async () => (await status(api)).converged === true, 'convergence');
      const { accepted, ageMs } = await status(api);
      assert.ok((accepted ?? -1) >= last);
      assert.ok(ageMs !== null && ageMs < 60_000, `expected a young word, got ${ageMs} ms`);
      running.splice(running.indexOf(node), 1);
      await node.stop();
      pass(100_000);
      const old = await status(api);
      assert.ok((old.ageMs ?? 0) >= 100_000);
      assert.equal(old.converged, null, 'what it said last is no longer taken for true');
    });

    test(`signed messages between clocks an hour apart (controllers ${words}) are refused, and the reason names the clock`, async () => {
      const keys = await newFolder();
      await makeKeys({ folder: join(keys, 'all'), nowMs: Date.now() - 2 * HOUR });
      const { api } = await open(offMs, join(keys, 'all'));
      await until(async () => /clock/.test((await api.cluster('one')).lastFailure?.detail ?? ''), 'the reason');
      const { delivered, converged } = await api.cluster('one');
      assert.equal(delivered, null);
      assert.notEqual(converged, true);
    });
  }
});
