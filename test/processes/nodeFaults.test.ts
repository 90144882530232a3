/**
 * A node whose disk is full, and one whose file system has become read-only: the old document stays whole, the sender is told
 * why, the status says so, the other node goes on, and when there is room again the newest document arrives by itself.
 * The full disk is a small file system in a mount namespace of the node's process, gone with it.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { endpoints } from '../../src/adapters/soap/names.ts';
import { type Api, apiAt, change, type Node, registerCluster } from './api.ts';
import { createScene, freePorts, launch, type Process, type Scene, serveLine, until, whenReady } from './processes.ts';

const [SICK, WELL] = ['127.0.0.2', '127.0.0.3'];

const obstacle = (): string | undefined => {
  const tried = spawnSync('unshare', ['-m', '--propagation', 'private', 'mount', '-t', 'tmpfs', 'none', '/mnt']);
  return tried.status === 0 ? undefined : 'no mount namespaces here (run as root, with CAP_SYS_ADMIN)';
};

describe('nodes that cannot write', { skip: obstacle() ?? false, timeout: 120_000 }, () => {
  let scene: Scene;
  let api: Api;
  let sick: Process;
  let disk: string;

  /** Runs a command where the sick node's process sees its disk. */
  const inside = (...command: readonly string[]): string => {
    const { status, stdout, stderr } = spawnSync('nsenter', ['-t', String(sick.child.pid), '-m', ...command], {
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`${command.join(' ')}: ${stderr}`);
    return stdout;
  };
  const file = (): string => join(disk, 'nodes', SICK, 'global_network_info.xml');

  beforeEach(async () => {
    scene = createScene();
    const [port = 0, cc = 0, wire = 0] = await freePorts(3);
    const [nc = 0] = await freePorts(1, SICK);
    api = apiAt(port);
    await scene.serve({ role: 'clc', data: await scene.folder(), port, 'resync-seconds': 1 });
    await scene.serve({
      ...{ role: 'cc', data: await scene.folder(), 'cluster-name': 'one', 'cc-port': cc, 'cc-wire-port': wire },
      ...{ 'nc-port': nc, 'report-to': api.url },
    });
    const common = { role: 'nc', 'nc-port': nc, 'report-to': `http://127.0.0.1:${wire}` };
    disk = await scene.folder();
    const mounted = `mount -t tmpfs -o size=512k none ${disk} && exec "$@"`;
    const line = serveLine({ ...common, data: disk, 'nc-hosts': SICK });
    sick = scene.keep(launch('unshare', ['-m', '--propagation', 'private', 'sh', '-c', mounted, 'sh', ...line]));
    await whenReady(sick);
    await scene.serve({ ...common, data: await scene.folder(), 'nc-hosts': WELL });
    await registerCluster(api, 'one', `http://127.0.0.1:${cc}${endpoints.clusterController.path}`, [SICK, WELL]);
    await until(async () => (await node(SICK)).converged === true, 'convergence before', 60_000);
  });
  afterEach(() => scene.end());

  const node = async (name: string): Promise<Node> => {
    const found = (await api.cluster('one')).nodes.find((one) => one.node === name);
    if (found === undefined) throw new Error(`expected ${name} in the status`);
    return found;
  };
  const accepted = (name: string, position: number): Promise<void> =>
    until(async () => ((await node(name)).accepted ?? -1) >= position, `${name} to have ${position}`, 60_000);

  const story = async (breakIt: () => void, mendIt: () => void, words: RegExp): Promise<void> => {
    await accepted(SICK, await change(api));
    const before = inside('cat', file());
    breakIt();
    const last = await change(api);
    await accepted(WELL, last);
    await until(async () => (await node(SICK)).refusal !== null, 'the reason in the status');
    const { refusal, converged } = await node(SICK);
    assert.match(`${refusal?.reason} ${refusal?.detail}`, words);
    assert.equal(converged, false);
    assert.equal((await node(WELL)).converged, true);
    assert.equal(inside('cat', file()), before, 'the old document is whole');
    assert.match(before, /<\/network-data>\s*$/);
    assert.doesNotMatch(inside('ls', '-a', join(disk, 'nodes', SICK)), /\.tmp/);
    mendIt();
    await accepted(SICK, last);
    await until(async () => (await node(SICK)).refusal === null, 'the reason to be gone', 60_000);
  };

  test('the disk is full', async () => {
    const filler = join(disk, 'filler');
    await story(
      // As much as goes in; that it ends with an error is the point.
      () => void spawnSync('nsenter', ['-t', String(sick.child.pid), '-m', 'dd', 'if=/dev/zero', `of=${filler}`]),
      () => void inside('rm', filler),
      /ENOSPC/,
    );
  });

  test('the file system has become read-only', async () => {
    await story(
      () => void inside('mount', '-o', 'remount,ro', disk),
      () => void inside('mount', '-o', 'remount,rw', disk),
      /EROFS/,
    );
  });
});
