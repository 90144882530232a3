/** Batches: an answer for each command in the order sent, order kept where it matters, nothing held back by one bad command. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { createApiKey } from '../../../src/adapters/http/auth.ts';
import { createSequencer, touchesOf } from '../../../src/adapters/http/batchOrder.ts';
import type { Command } from '../../../src/domain/commands.ts';
import { StoreFault } from '../../../src/domain/eventStore.ts';
import { openDoor } from './client.ts';
import { createRecordingPort, type RecordingPort } from './recordingPort.ts';

type Result = {
  readonly index: number;
  readonly accepted: boolean;
  readonly problem?: { readonly code: string; readonly member?: string };
};
const resultsIn = (body: { readonly [member: string]: unknown }) => body['results'] as readonly Result[];

test('each has its own answer', async (t) => {
  const port = createRecordingPort();
  const door = await openDoor(t, { controlPlane: port.controlPlane });
  const { body } = await door.send('POST', '/v1/batch', [
    { command: 'CreateSecurityGroup', name: 'web', description: 'd' },
    { command: 'ExpireInstance', instanceId: 'i-00000001' },
    { command: 'StopInstance' },
    null,
    { command: 'StopInstance', instanceId: 'i-00000001', extra: 1 },
    { command: 'StopInstance', instanceId: 'i-00000001' },
  ]);
  assert.deepEqual(
    resultsIn(body).map(({ index, accepted, problem }) => [index, accepted, problem?.code, problem?.member]),
    [
      [0, true, undefined, undefined],
      [1, false, 'unknown-command', 'command'],
      [2, false, 'missing-member', 'instanceId'],
      [3, false, 'unknown-command', 'command'],
      [4, false, 'unknown-member', 'extra'],
      [5, true, undefined, undefined],
    ],
  );
  assert.deepEqual([body['accepted'], body['refused']], [2, 4]);
  assert.equal(new Set(port.asked.map(({ context }) => context.commandId)).size, 2);
});

test('lines in, lines out', async (t) => {
  const port = createRecordingPort();
  const door = await openDoor(t, { controlPlane: port.controlPlane });
  const lines = ['{"command":"StopInstance","instanceId":"i-00000001"}', '', '{"command":"Nothing"}'].join('\r\n');
  const reply = await door.send('POST', '/v1/batch', lines, { 'Content-Type': 'application/x-ndjson' });
  assert.equal(reply.headers['content-type'], 'application/x-ndjson');
  const results = reply.text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Result);
  assert.deepEqual(
    results.map(({ index, accepted }) => [index, accepted]),
    [
      [0, true],
      [1, false],
    ],
  );
  const bad = await door.send('POST', '/v1/batch', `${lines}\r\n{`, { 'Content-Type': 'application/x-ndjson' });
  assert.equal(bad.status, 400);
  assert.match(String(bad.body['detail']), /^Line 4 /);
  assert.equal(port.asked.length, 1);
});

test('the same key makes the same commands again', async (t) => {
  const port = createRecordingPort();
  const door = await openDoor(t, { controlPlane: port.controlPlane });
  const items = [
    { command: 'RunInstances', cluster: 'A' },
    { command: 'RunInstances', cluster: 'A' },
  ];
  for (let i = 0; i < 2; i += 1) await door.send('POST', '/v1/batch', items, { 'Idempotency-Key': 'k' });
  const [a, b, c, d] = port.asked.map(({ command, context }) => [
    context.commandId,
    context.fingerprint,
    JSON.stringify(command),
  ]);
  assert.deepEqual([a, b], [c, d]);
  assert.notDeepEqual(a, b);
});

test('roles are checked for each command', async (t) => {
  const { key, record } = createApiKey({ id: 'k', actor: 'a', role: 'operator' });
  const port = createRecordingPort();
  const door = await openDoor(t, { controlPlane: port.controlPlane, keys: [record] });
  const items = [{ command: 'RaiseEpoch', reason: 'x' }, { command: 'AllocateAddress' }];
  const { body } = await door.send('POST', '/v1/batch', items, { Authorization: `Bearer ${key}` });
  assert.deepEqual(
    resultsIn(body).map(({ problem }) => problem?.code),
    ['forbidden', undefined],
  );
  assert.deepEqual(
    port.asked.map(({ command }) => command.type),
    ['AllocateAddress'],
  );
});

test('limits', async (t) => {
  const door = await openDoor(t, { controlPlane: createRecordingPort().controlPlane });
  const many = Array.from({ length: 10_001 }, () => ({ command: 'AllocateAddress' }));
  assert.equal((await door.send('POST', '/v1/batch', many)).body['code'], 'batch-too-long');
  const most = await door.send('POST', '/v1/batch', many.slice(1));
  assert.equal(most.body['accepted'], 10_000);
  assert.equal((await door.send('POST', '/v1/batch', {})).body['code'], 'wrong-type');
  assert.equal((await door.send('POST', '/v1/batch', [], { 'If-Match': '*' })).body['code'], 'invalid-header');
  assert.deepEqual((await door.send('POST', '/v1/batch', [])).body, { results: [], accepted: 0, refused: 0 });
});

test('a fault of one command is its own', async (t) => {
  const port = createRecordingPort();
  const faults: unknown[] = [];
  const door = await openDoor(t, { controlPlane: port.controlPlane, onFault: (fault) => faults.push(fault) });
  port.next = async ({ command }) => {
    if (command.type === 'StopInstance') throw new StoreFault('unavailable', 'gone');
    return { accepted: true, position: 3, events: 1, result: {}, repeated: false };
  };
  const items = [
    { command: 'AllocateAddress' },
    { command: 'StopInstance', instanceId: 'i-1' },
    { command: 'AllocateAddress' },
  ];
  const { body } = await door.send('POST', '/v1/batch', items);
  assert.deepEqual(
    resultsIn(body).map(({ accepted, problem }) => problem?.code ?? accepted),
    [true, 'store-unavailable', true],
  );
  assert.equal(faults.length, 1);
});

/** Holds every command until told; shows which are under way at once. */
const holding = (port: RecordingPort) => {
  const open = new Map<number, () => void>();
  port.next = () =>
    new Promise((resolve) => {
      const index = port.asked.length - 1;
      open.set(index, () => {
        open.delete(index);
        resolve({ accepted: true, position: index, events: 1, result: {}, repeated: false });
      });
    });
  return {
    open,
    finishAll: () => {
      for (const finish of [...open.values()]) finish();
    },
  };
};

const settle = async (port: RecordingPort): Promise<void> => {
  for (let before = -1; before !== port.asked.length; ) {
    before = port.asked.length;
    for (let i = 0; i < 20; i += 1) await turn();
  }
};

const about = (command: Command): string => {
  if (command.type === 'RunInstances') return command.instanceIds.join();
  return 'instanceId' in command ? command.instanceId : command.type;
};

test('what touches the same thing waits, the rest runs side by side', async (t) => {
  const port = createRecordingPort();
  const door = await openDoor(t, { controlPlane: port.controlPlane });
  const held = holding(port);
  const wish = (command: string, more: object) => ({ command, ...more });
  const reply = door.send('POST', '/v1/batch', [
    wish('CreateSecurityGroup', { name: 'web', description: '', groupId: 'sg-00000001' }),
    wish('RunInstances', { cluster: 'A', instanceIds: ['i-00000001'], groups: ['sg-00000001'] }),
    wish('RunInstances', { cluster: 'A', instanceIds: ['i-00000002'], groups: ['web'] }),
    wish('RunInstances', { cluster: 'A', instanceIds: ['i-00000003'] }),
    wish('StopInstance', { instanceId: 'I-00000003' }),
    wish('ChangeProperty', { name: 'a', value: 'b' }),
    wish('StopInstance', { instanceId: 'i-00000009' }),
  ]);
  const rounds: string[][] = [];
  for (let seen = 0; seen < 7; ) {
    while (port.asked.length === seen) await turn();
    await settle(port);
    rounds.push(port.asked.slice(seen).map(({ command }) => about(command)));
    seen = port.asked.length;
    held.finishAll();
  }
  assert.deepEqual(
    rounds.map((round) => round.toSorted()),
    [
      ['CreateSecurityGroup', 'i-00000003'],
      ['I-00000003', 'i-00000001', 'i-00000002'],
      ['ChangeProperty'],
      ['i-00000009'],
    ],
  );
  assert.equal((await reply).body['accepted'], 7);
});

const anyWish = fc.oneof(
  { weight: 1, arbitrary: fc.constant({ type: 'ChangeProperty' as const, input: {} }) },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('StopInstance' as const),
      input: fc.record({ instanceId: fc.constantFrom('a', 'b', 'c') }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('RunInstances' as const),
      input: fc.record({ instanceIds: fc.constantFrom(['a'], ['d']), groups: fc.constantFrom(['x'], ['y'], []) }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('AuthorizeIngress' as const),
      input: fc.record({ name: fc.constantFrom('x', 'y') }),
    }),
  },
);

test('law: commands about one thing never overlap and keep their order; everything ends', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyWish, { maxLength: 30 }), fc.infiniteStream(fc.nat(3)), async (wishes, delays) => {
      const sequencer = createSequencer();
      const changing = new Set<string>();
      const started: number[] = [];
      let running = 0;
      const all = wishes.map(({ type, input }, index) => {
        const touches = touchesOf(type, input as object);
        const delay = delays.next().value ?? 0;
        const done = Promise.all(sequencer.after(touches)).then(async () => {
          started.push(index);
          if (touches === 'alone') assert.equal(running, 0);
          const keys = touches === 'alone' ? [] : touches.changes;
          for (const key of keys) assert.ok(!changing.has(key), `${key} is being changed`);
          for (const key of keys) changing.add(key);
          running += 1;
          for (let i = 0; i < delay; i += 1) await Promise.resolve();
          running -= 1;
          for (const key of keys) changing.delete(key);
        });
        sequencer.started(
          touches,
          done.catch(() => undefined),
        );
        return done;
      });
      await Promise.all(all);
      assert.equal(started.length, wishes.length);
      for (const key of ['instance:a', 'group:x']) {
        const about = wishes.flatMap(({ type, input }, index) => {
          const touches = touchesOf(type, input as object);
          return touches !== 'alone' && touches.changes.includes(key) ? [index] : [];
        });
        assert.deepEqual(
          started.filter((index) => about.includes(index)),
          about,
        );
      }
    }),
    { numRuns: 200, seed: 11 },
  );
});
