/** The command line against the real program, each command a process of its own. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { root, runProgram, startProgram } from './program.ts';

const edgelog = join(root, 'src/main.ts');

test('a person’s way through the command line: configure, run, wait until the nodes have it, look, follow, stop', async (t) => {
  const program = await startProgram(t);
  const cli = (line: string, input = '') =>
    runProgram(process.execPath, [edgelog, ...line.split(' ')], program.environment, input);
  const out = async (line: string, input = ''): Promise<string> => {
    const said = await cli(line, input);
    assert.equal(said.exit, 0, `${line}: ${said.err}`);
    return said.out;
  };
  const file = (node: string): string =>
    readFileSync(join(program.data, 'nodes', node, 'global_network_info.xml'), 'utf8');

  assert.equal(await out('health -o name'), 'ok\n');
  assert.equal((await cli('config get')).exit, 4);
  await out('config apply - --wait applied', readFileSync(join(root, 'scripts/demo.d/first.json'), 'utf8'));
  const group = (await out('groups create web -o name')).trim();
  await out('groups authorize web --protocol tcp --port 80 --cidr 0.0.0.0/0');
  const ids = (await out('run --cluster PARTI00 --count 2 --group web --private --wait applied -o name'))
    .trim()
    .split('\n');
  for (const id of ids) assert.ok(file('127.0.0.2').includes(id) && file('127.0.0.3').includes(id));
  assert.equal(await out('clusters document PARTI00'), file('127.0.0.2'));

  const address = (await out('addresses allocate -o name')).trim();
  const [first = '', second = ''] = ids;
  await out(`instances place ${first} 127.0.0.2`);
  await out(`instances running ${first} ${second} -q`);
  await out(`addresses associate ${address} ${first} --wait applied`);
  const shown = JSON.parse(await out(`instances show ${first} -o json`));
  assert.deepEqual(
    [shown.publicAddress, shown.node, shown.state, shown.groups],
    [address, '127.0.0.2', 'RUNNING', [group]],
  );
  assert.ok(file('127.0.0.3').includes(`<publicIp>${address}</publicIp>`));

  const board = JSON.parse(await out('status --until-converged --timeout 30 -o json'));
  assert.equal(board.converged, true);
  const types = (await out('events --from-position 0 -o json'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).type as string);
  assert.ok(types.includes('InstanceCreated') && types.includes('PublicAddressAllocated'));

  const batch = [
    `{"command":"TerminateInstance","instanceId":"${second}"}`,
    `{"command":"MarkTerminated","instanceId":"${second}"}`,
  ];
  await out('batch - --wait applied', batch.join('\n'));
  assert.ok(!file('127.0.0.2').includes(second));
  assert.equal((await cli(`instances terminate ${second}0`)).exit, 4);
  assert.equal(await program.stop(), 0);
  assert.equal((await cli('status')).exit, 3);
});

test('following shows events as they come and ends when it has seen enough', async (t) => {
  const program = await startProgram(t);
  const words = [edgelog, 'events', '--follow', '--type', 'PropertyChanged', '--limit', '2', '-o', 'json'];
  const child = spawn(process.execPath, words, { env: { ...process.env, ...program.environment }, stdio: 'pipe' });
  let seen = '';
  child.stdout.on('data', (piece: Buffer) => {
    seen += piece.toString();
  });
  const ended = once(child, 'close');
  for (const value of ['.one', '.two']) {
    const words = ['properties', 'set', 'cloud.vmstate.instance_subdomain', value];
    assert.equal((await runProgram(process.execPath, [edgelog, ...words], program.environment)).exit, 0);
  }
  assert.deepEqual(await ended, [0, null]);
  const values = seen
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).data.value as string);
  assert.deepEqual(values, ['.one', '.two']);
});

test('a reader that goes away ends the command without a word', async (t) => {
  const program = await startProgram(t);
  const line = `'${process.execPath}' '${edgelog}' events --from-position 0 -o json | head -n 1; echo "\${PIPESTATUS[0]}"`;
  const { out, err } = await runProgram('bash', ['-c', line], program.environment);
  assert.match(out, /^\{"position":.*\}\n0\n$/);
  assert.equal(err, '');
});
