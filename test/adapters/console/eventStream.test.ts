/** Server-sent events in any pieces, and the way back after a lost connection. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { LogEvent } from '../../../src/adapters/console/page/answers.ts';
import { createApi } from '../../../src/adapters/console/page/api.ts';
import { createFrameReader, follow } from '../../../src/adapters/console/page/eventStream.ts';
import { event } from './scenes.ts';

const frameOf = (one: LogEvent): string => `id: ${one.position}\ndata: ${JSON.stringify(one)}\n\n`;

const stream = [
  ': open\n\n',
  frameOf(event(1, 'A', { text: 'für\nalle' })),
  ': still here\n\n',
  'event: end\ndata: {"reason":"x"}\n\n',
].join('');

test('frames are the same however the text is cut', () => {
  const whole = createFrameReader()(stream);
  assert.deepEqual(
    whole.map(({ event: name }) => name),
    ['message', 'end'],
  );
  fc.assert(
    fc.property(fc.array(fc.nat(stream.length), { maxLength: 8 }), (cuts) => {
      const read = createFrameReader();
      const ends = [...cuts.toSorted((a, b) => a - b), stream.length];
      const frames = ends.flatMap((end, i) => read(stream.slice(ends[i - 1] ?? 0, end)));
      assert.deepEqual(frames, whole);
    }),
  );
});

test('an unfinished frame waits', () => {
  const read = createFrameReader();
  assert.deepEqual(read('data: {"a":'), []);
  assert.deepEqual(read('1}\n\n'), [{ event: 'message', data: '{"a":1}' }]);
});

test('a lost connection is opened again after the last event, with the key in the header', async () => {
  const ending = new AbortController();
  const asked: string[] = [];
  const keys: (string | null)[] = [];
  const states: boolean[] = [];
  let last = 0;
  const api = createApi(
    () => 'el_secret',
    async (address, { headers } = {}) => {
      asked.push(String(address));
      keys.push(new Headers(headers).get('Authorization'));
      if (asked.length === 3) ending.abort();
      return new Response(frameOf(event(asked.length * 10, 'A', {})));
    },
  );
  const onEvents = (events: readonly LogEvent[]): void => {
    last = events.at(-1)?.position ?? last;
  };
  await follow(api, { after: () => last, onEvents, onState: (isOpen) => states.push(isOpen) }, ending.signal);
  assert.deepEqual(
    asked,
    [0, 10, 20].map((after) => `/v1/events/stream?after=${after}`),
  );
  assert.deepEqual(new Set(keys), new Set(['Bearer el_secret']));
  assert.deepEqual(states.slice(0, 4), [true, false, true, false]);
});
