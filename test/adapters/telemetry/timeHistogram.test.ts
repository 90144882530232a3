/** Times for the hot path say the same as the library's own histogram; recent events are remembered by position, newest first. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Histogram, Registry } from 'prom-client';
import { createRecentEvents } from '../../../src/adapters/telemetry/recentEvents.ts';
import { createTimeHistogram } from '../../../src/adapters/telemetry/timeHistogram.ts';
import type { Recorded } from '../../../src/domain/recorded.ts';

const facts = { name: 'edgelog_test_seconds', help: 'For a test' };
const buckets = [0.005, 0.1, 1, 30];

test('it says what the library’s histogram says', async () => {
  const label = fc.constantFrom('delivered', 'applied', 'a "b"\\\n', '');
  const seconds = fc.oneof(fc.double({ min: 0, max: 100, noNaN: true }), fc.constantFrom(...buckets));
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(label, label, seconds)), async (observations) => {
      const [ours, theirs] = [new Registry(), new Registry()];
      const made = createTimeHistogram({ ...facts, buckets, registry: ours, labels: ['hop', 'cluster'] });
      const given = new Histogram({ ...facts, buckets, registers: [theirs], labelNames: ['hop', 'cluster'] });
      for (const [hop, cluster, value] of observations) {
        made.of(hop, cluster)(value);
        given.observe({ hop, cluster }, value);
      }
      const lines = (text: string): readonly string[] => text.split('\n').sort();
      assert.deepEqual(lines(await ours.metrics()), lines(await theirs.metrics()));
    }),
    { numRuns: 60 },
  );
});

test('what nobody observed is not said', async () => {
  const registry = new Registry();
  createTimeHistogram({ ...facts, buckets, registry, labels: ['hop'] }).of('delivered');
  assert.equal(await registry.metrics(), `# HELP ${facts.name} ${facts.help}\n# TYPE ${facts.name} histogram\n`);
});

test('the newest events are remembered, older ones are simply not known', () => {
  const recent = createRecentEvents();
  const event = (position: number): Recorded<unknown> =>
    ({ position, time: position * 10, ...(position % 2 === 0 ? {} : { traceparent: `t-${position}` }) }) as never;
  assert.equal(recent.timeOf(0), undefined);
  recent.note(Array.from({ length: 10_000 }, (_, position) => event(position)));
  assert.equal(recent.timeOf(9_999), 99_990);
  assert.equal(recent.traceOf(9_999), 't-9999');
  assert.equal(recent.traceOf(9_998), undefined);
  assert.equal(recent.timeOf(9_999 - 4_095), (9_999 - 4_095) * 10);
  assert.equal(recent.timeOf(9_999 - 4_096), undefined);
  assert.equal(recent.traceOf(1), undefined);
});
