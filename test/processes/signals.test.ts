/**
 * A process that is told to stop stops: also while it still starts, because a log can be long and a server silent, and nobody
 * should have to wait for a start that is no longer wanted.
 */
import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { StandInMethod } from '../adapters/eventstore/kurrentAppending.ts';
import { type KurrentStandIn, startKurrentStandIn } from '../adapters/eventstore/kurrentWireStandIn.ts';
import {
  createScene,
  edgelog,
  type Flags,
  freePorts,
  type Process,
  type Scene,
  serveLine,
  until,
  whenReady,
} from './processes.ts';

/** Nobody is there; whoever starts goes on without. */
const LANES = 'redis://127.0.0.1:9';

describe('a signal while starting', { timeout: 120_000 }, () => {
  let scene: Scene;
  let server: KurrentStandIn;

  beforeEach(async () => {
    scene = createScene();
    server = await startKurrentStandIn();
  });
  afterEach(async () => {
    await scene.end();
    await server.close();
  });

  const flagsOf = async (role: string) => {
    const [port = 0] = await freePorts(1);
    return { role, data: await scene.folder(), port, store: server.url, insecure: true, lanes: LANES } as const;
  };
  const begin = (flags: Flags): Process => scene.keep(edgelog(...serveLine(flags).slice(2)));
  const endedBy = async (starting: Process, signal: NodeJS.Signals, method: StandInMethod): Promise<void> => {
    await until(() => server.faults.asked.has(method), 'the log to be asked');
    starting.signal(signal);
    assert.equal(await starting.ended, 0);
    assert.match(starting.said(), new RegExp(`stopping after ${signal}, before it was ready`));
    assert.doesNotMatch(starting.said(), /^ready /m);
  };

  /** A log with something in it: of an empty one nobody waits for the end. */
  const fill = async (): Promise<void> => {
    const flags = await flagsOf('clc');
    const running = await whenReady(begin(flags));
    const body = JSON.stringify({ name: 'web', description: 'servers' });
    const headers = { 'content-type': 'application/json' };
    const url = `http://127.0.0.1:${flags.port}/v1/security-groups`;
    assert.equal((await fetch(url, { method: 'POST', headers, body })).status, 200);
    assert.equal(await running.stop(), 0);
    server.faults.asked.clear();
  };

  for (const [what, method] of [
    ['a log that does not say what is in it', 'read'],
    ['a log that is never read to its end', 'feed'],
    ['a server that does not say what it can', 'features'],
  ] as const) {
    for (const role of ['clc', 'worker'] as const) {
      test(`ends it at once, with ${what} (${role})`, async () => {
        await fill();
        server.faults.hanging.add(method);
        await endedBy(begin(await flagsOf(role)), 'SIGINT', method);
      });
    }
  }

  test('leaves a data folder that the next start goes on from', async () => {
    await fill();
    server.faults.hanging.add('feed');
    const flags = await flagsOf('clc');
    await endedBy(begin(flags), 'SIGTERM', 'feed');
    server.faults.hanging.delete('feed');
    assert.equal(await (await whenReady(begin(flags))).stop(), 0);
  });
});
