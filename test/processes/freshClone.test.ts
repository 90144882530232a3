/**
 * What a stranger does: clone, `scripts/up`, `scripts/demo`, Ctrl-C. From a fresh clone in an empty home, with nothing but the
 * system's Node and npm; the packages come from the registry. EDGELOG_QUICK=1 takes the packages from here instead.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { freePort, root } from '../scripts/program.ts';
import { NODES } from './program.ts';

/** The path as a login has it, without what the packages of this clone put there. */
const systemPath = (process.env['PATH'] ?? '')
  .split(':')
  .filter((folder) => !folder.includes('node_modules'))
  .join(':');

const environmentFor = async (home: string, data: string): Promise<NodeJS.ProcessEnv> => {
  const cache = process.env['npm_config_cache'];
  return {
    HOME: home,
    PATH: systemPath,
    LANG: 'C.UTF-8',
    ...(cache === undefined ? {} : { npm_config_cache: cache }),
    EDGELOG_DATA: data,
    EDGELOG_PORT: String(await freePort(['127.0.0.1'])),
    EDGELOG_CC_PORT: String(await freePort(['127.0.0.1'])),
    EDGELOG_CC_WIRE_PORT: String(await freePort(['127.0.0.1'])),
    EDGELOG_NC_PORT: String(await freePort(NODES)),
  };
};

type Said = { out: string; err: string };

const begin = (clone: string, script: string, env: NodeJS.ProcessEnv): { child: ChildProcess; said: Said } => {
  const child = spawn(join(clone, 'scripts', script), [], { cwd: clone, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const said: Said = { out: '', err: '' };
  child.stdout.on('data', (piece: Buffer) => {
    said.out += piece.toString();
  });
  child.stderr.on('data', (piece: Buffer) => {
    said.err += piece.toString();
  });
  return { child, said };
};

/** Until it says it is ready; if it ends before, the test fails with what it said. */
const up = async (t: TestContext, clone: string, env: NodeJS.ProcessEnv) => {
  const { child, said } = begin(clone, 'up', env);
  t.after(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'close');
  });
  await new Promise<void>((resolve, reject) => {
    child.stdout?.on('data', () => /^ready\b/m.test(said.out) && resolve());
    child.once('close', (exit) => reject(new Error(`scripts/up ended with ${exit}: ${said.out}${said.err}`)));
  });
  const stop = async (): Promise<number | null> => {
    child.kill('SIGTERM');
    await once(child, 'close');
    return child.exitCode;
  };
  return { said, stop };
};

/** Packages by hard links, marked as installed for what the clone says it needs. */
const lendPackages = (clone: string): void => {
  const packages = join(clone, 'node_modules');
  execFileSync('cp', ['-al', join(root, 'node_modules'), packages]);
  const marker = join(packages, '.edgelog-installed');
  rmSync(marker, { force: true });
  const sum = execFileSync('bash', ['-c', `. '${clone}/scripts/runtime'; lock_sum`]).toString();
  writeFileSync(marker, `development ${sum}`);
};

const isCheckout = existsSync(join(root, '.git'));

test('from a fresh clone in an empty home: up, demo, stop, and up again', {
  timeout: 280_000,
  skip: isCheckout ? false : 'this is not a git checkout',
}, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'edgelog-fresh-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const [clone, home, data] = [join(folder, 'edgelog'), join(folder, 'home'), join(folder, 'data')];
  mkdirSync(home);
  execFileSync('git', ['clone', '--quiet', root, clone]);
  if (process.env['EDGELOG_QUICK'] === '1') lendPackages(clone);
  const env = await environmentFor(home, data);

  const begun = Date.now();
  const first = await up(t, clone, env);
  t.diagnostic(`scripts/up was ready after ${Date.now() - begun} ms`);
  const url = `http://127.0.0.1:${env['EDGELOG_PORT']}`;
  for (const words of [url, join(data, 'events.db'), ...NODES.map((node) => join(data, 'nodes', node))]) {
    assert.ok(first.said.out.includes(words), `expected ${words} in: ${first.said.out}`);
  }

  const demo = begin(clone, 'demo', { ...env, EDGELOG_URL: url });
  await once(demo.child, 'close');
  assert.equal(demo.child.exitCode, 0, `${demo.said.out}${demo.said.err}`);
  const lines = demo.said.out.trim().split('\n');
  assert.ok(lines.filter((line) => /^\d+\. /.test(line)).length >= 10, demo.said.out);
  t.diagnostic(lines.at(-1) ?? '');
  assert.equal(await first.stop(), 0);

  const second = await up(t, clone, env);
  assert.doesNotMatch(second.said.err, /Installing/);
  assert.equal(await second.stop(), 0);
  const changed = execFileSync('git', ['-C', clone, 'status', '--porcelain']).toString();
  assert.equal(changed, '', 'the clone is as it was cloned, but for what git ignores');
  assert.deepEqual(
    readdirSync(home).filter((name) => name !== '.npm'),
    [],
    'nothing is left in the home but the cache of npm',
  );
});
