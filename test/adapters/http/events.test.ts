/** The log over HTTP: pages by position, and a stream that resumes, beats, ends with its reason and drops who does not read. */
import assert from 'node:assert/strict';
import { get } from 'node:http';
import { connect } from 'node:net';
import test, { type TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { StoreFault } from '../../../src/domain/eventStore.ts';
import { type Client, openDoor } from './client.ts';
import { createRecordingPort, type RecordingPort, recordedEvent } from './recordingPort.ts';

type Stream = {
  readonly status: number;
  readonly text: () => string;
  readonly until: (part: string) => Promise<void>;
  readonly ended: Promise<void>;
  readonly leave: () => void;
};

const openStream = (t: TestContext, door: Client, path: string, headers = {}): Promise<Stream> =>
  new Promise((resolve, reject) => {
    const request = get({ host: '127.0.0.1', port: door.port, path, headers, agent: false }, (response) => {
      let text = '';
      let look = (): void => undefined;
      response.setEncoding('utf8');
      response.on('data', (data: string) => {
        text += data;
        look();
      });
      response.on('error', () => undefined);
      const ended = new Promise<void>((done) => response.once('close', () => done()));
      const until = (part: string): Promise<void> =>
        new Promise((done) => {
          look = () => (text.includes(part) ? done() : undefined);
          look();
        });
      resolve({ status: response.statusCode ?? 0, text: () => text, until, ended, leave: () => request.destroy() });
    });
    request.on('error', reject);
    t.after(() => request.destroy());
  });

const openBoth = async (t: TestContext, more = {}): Promise<{ port: RecordingPort; door: Client }> => {
  const port = createRecordingPort();
  port.network.position = 41;
  return { port, door: await openDoor(t, { controlPlane: port.controlPlane, ...more }) };
};

test('pages by position', async (t) => {
  const { door } = await openBoth(t);
  const first = (await door.send('GET', '/v1/events?limit=3')).body;
  assert.equal((first['events'] as readonly unknown[]).length, 3);
  assert.equal(first['next'], 2);
  const last = (await door.send('GET', `/v1/events?limit=3&after=${first['next']}`)).body;
  assert.equal((last['events'] as readonly unknown[]).length, 1);
  assert.equal(last['next'], null);
});

test('pages from the end, and back from there', async (t) => {
  const { door } = await openBoth(t);
  const positions = ({ body }: Awaited<ReturnType<Client['send']>>) =>
    (body['events'] as readonly { readonly position: number }[]).map(({ position }) => position);
  const first = await door.send('GET', '/v1/events?order=newest&limit=3');
  assert.deepEqual(positions(first), [3, 2, 1]);
  const last = await door.send('GET', `/v1/events?order=newest&limit=3&before=${first.body['next']}`);
  assert.deepEqual([positions(last), last.body['next']], [[0], null]);
  assert.deepEqual(positions(await door.send('GET', '/v1/events?after=0&before=3')), [1, 2]);
  assert.equal((await door.send('GET', '/v1/events?order=sideways')).status, 422);
});

test('a stream starts now, at ?after, or behind Last-Event-ID, which wins', async (t) => {
  const { port, door } = await openBoth(t);
  await openStream(t, door, '/v1/events/stream');
  await openStream(t, door, '/v1/events/stream?after=7');
  await openStream(t, door, '/v1/events/stream?after=7', { 'Last-Event-ID': '9' });
  assert.deepEqual(
    port.followers.map(({ after }) => after),
    [41, 7, 9],
  );
});

test('frames hold the position as id, and filters leave others out', async (t) => {
  const { port, door } = await openBoth(t);
  const stream = await openStream(t, door, '/v1/events/stream?subject=i-0000000a&type=InstanceRunning');
  const other = { ...recordedEvent(6), event: { type: 'InstanceRunning', instanceId: 'i-0000000b' } as const };
  await port.followers[0]?.tell([recordedEvent(5), other, recordedEvent(7)]);
  await stream.until('id: 7\n');
  const frames = stream
    .text()
    .split('\n\n')
    .filter((frame) => frame.startsWith('id:'));
  assert.deepEqual(
    frames.map((frame) => frame.split('\n')[0]),
    ['id: 5', 'id: 7'],
  );
  const data = JSON.parse(frames[0]?.split('\n')[1]?.replace('data: ', '') ?? '');
  assert.deepEqual([data.position, data.type, data.data], [5, 'InstanceRunning', { instanceId: 'i-0000000a' }]);
});

test('a line break in an event cannot forge another', async (t) => {
  const { port, door } = await openBoth(t);
  const stream = await openStream(t, door, '/v1/events/stream');
  await port.followers[0]?.tell([{ ...recordedEvent(5), actor: 'x\n\nid: 99\ndata: forged\r\n\r\n' }]);
  await stream.until('forged');
  assert.doesNotMatch(stream.text(), /^id: 99/m);
});

test('the heart beats', async (t) => {
  const { door } = await openBoth(t, { stream: { heartbeatMs: 5 } });
  const stream = await openStream(t, door, '/v1/events/stream');
  await stream.until(': still here');
});

test('the end has its reason and nothing of what the fault said, and the source is let go', async (t) => {
  const faults: unknown[] = [];
  const { port, door } = await openBoth(t, { onFault: (fault: unknown) => faults.push(fault) });
  for (const [fault, reason] of [
    [new StoreFault('unavailable', 'connect ECONNREFUSED 10.0.0.9:2113'), 'The event store does not answer.'],
    [new StoreFault('corrupt', 'at /var/lib/x', { position: 7 }), 'The log is damaged at position 7.'],
    [new Error('secret\n\nid: 1'), 'The request met a fault of ours.'],
  ] as const) {
    const stream = await openStream(t, door, '/v1/events/stream');
    port.followers.at(-1)?.fail(fault);
    await stream.ended;
    assert.ok(stream.text().endsWith(`event: end\ndata: ${JSON.stringify({ reason })}\n\n`), stream.text());
    assert.equal(port.followers.at(-1)?.stopped, true);
    assert.equal(faults.at(-1), fault, 'the journal has it whole');
  }
});

test('a client that leaves is let go of', async (t) => {
  const { port, door } = await openBoth(t, { maxStreams: 1 });
  const stream = await openStream(t, door, '/v1/events/stream');
  assert.equal((await openStream(t, door, '/v1/events/stream')).status, 503);
  stream.leave();
  while (port.followers[0]?.stopped !== true) await pause(1);
  while ((await openStream(t, door, '/v1/events/stream')).status !== 200) await pause(1);
});

test('a client that does not read is dropped, and holds nobody up for ever', async (t) => {
  const { port, door } = await openBoth(t, { stream: { bufferBytes: 200_000, slowMs: 50 } });
  const socket = connect(door.port, '127.0.0.1');
  t.after(() => socket.destroy());
  socket.pause();
  socket.write('GET /v1/events/stream HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
  while (port.followers.length === 0) await pause(1);
  const [follower] = port.followers;
  const large = { ...recordedEvent(5), actor: 'x'.repeat(100_000) };
  // Sockets of the system hold some megabytes before anybody waits for the client.
  for (let sent = 0; follower?.stopped === false && sent < 2000; sent += 1) await follower.tell([large]);
  assert.equal(follower?.stopped, true);
});

test('stopping tells open streams why, finishes what is under way and takes nothing new', async (t) => {
  const { port, door } = await openBoth(t);
  const stream = await openStream(t, door, '/v1/events/stream');
  let finish = (): void => undefined;
  port.next = () =>
    new Promise((resolve) => {
      finish = () => resolve({ accepted: true, position: 1, events: 1, result: {}, repeated: false });
    });
  const underWay = door.send('POST', '/v1/addresses', {});
  while (port.asked.length === 0) await pause(1);
  const stopped = door.stop();
  await stream.ended;
  assert.match(stream.text(), /event: end\ndata: \{"reason":"stopping/);
  await assert.rejects(door.send('GET', '/healthz'), { code: 'ECONNREFUSED' });
  finish();
  assert.equal((await underWay).status, 200);
  await stopped;
});

test('stopping ends waits: accepted, and not known how far', async (t) => {
  const { port, door } = await openBoth(t);
  const controlPlane = { ...port.controlPlane, waitFor: () => new Promise<never>(() => undefined) };
  const other = await openDoor(t, { controlPlane });
  const waiting = other.send('POST', '/v1/addresses?wait=applied', {});
  while (port.asked.length === 0) await pause(1);
  await other.stop();
  const reply = await waiting;
  assert.deepEqual([reply.status, reply.body['wait']], [202, { level: 'applied', reached: false, missing: [] }]);
  assert.equal((await door.send('GET', '/healthz')).status, 200);
});

test('stopping does not wait for ever', async (t) => {
  const { port, door } = await openBoth(t, { stopDeadlineMs: 20 });
  port.next = () => new Promise(() => undefined);
  const hanging = door.send('POST', '/v1/addresses', {});
  hanging.catch(() => undefined);
  while (port.asked.length === 0) await pause(1);
  await door.stop();
  await assert.rejects(hanging);
});
