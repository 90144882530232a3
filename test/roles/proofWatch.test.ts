/** A log that is not what was signed for: said in the journal, kept in the health checks, and not signed over. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { LogCheck } from '../../src/adapters/audit/auditTrail.ts';
import type { Journal } from '../../src/roles/journal.ts';
import { createProofWatch } from '../../src/roles/proofWatch.ts';

const sound: LogCheck = { events: 7, root: 'r', checkpoints: 2, broken: [] };
const broken: LogCheck = {
  ...sound,
  broken: [
    { after: 4, to: 6, why: 'the events are not those that were signed' },
    { after: 4, to: 9, why: 'the log ends before what was signed: its tail is gone' },
  ],
};

const journalInto = (lines: string[]): Journal => ({
  note: () => undefined,
  fault: (what, fault) => lines.push(`${what}: ${fault instanceof Error ? fault.message : String(fault)}`),
});

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a sound log may be signed, and only once it was looked at', async () => {
  const lines: string[] = [];
  const watch = createProofWatch(async () => sound, journalInto(lines));
  assert.deepEqual([watch.maySign(), watch.health().ok], [false, true]);
  watch.start();
  await settled();
  assert.equal(watch.maySign(), true);
  assert.deepEqual(watch.health(), { ok: true, detail: '7 events agree with 2 checkpoints' });
  assert.deepEqual(lines, []);
});

test('a mismatch is loud, names its positions and stops the signing', async () => {
  const lines: string[] = [];
  const watch = createProofWatch(async () => broken, journalInto(lines));
  watch.start();
  await settled();
  const detail = 'positions 5 to 6: the events are not those that were signed (and 1 more)';
  assert.deepEqual(watch.health(), { ok: false, detail });
  assert.equal(watch.maySign(), false);
  assert.deepEqual(lines, [`the log is not what was signed for: ${detail}`]);
  watch.found(sound);
  assert.deepEqual([watch.maySign(), watch.health().ok], [true, true]);
});

test('a look that ends because the house stops is no fault, any other is', async () => {
  const lines: string[] = [];
  const failing = async (): Promise<LogCheck> => {
    throw new Error('closed');
  };
  const stopped = createProofWatch(failing, journalInto(lines));
  stopped.start();
  stopped.stop();
  await settled();
  assert.deepEqual(lines, []);
  createProofWatch(failing, journalInto(lines)).start();
  await settled();
  assert.deepEqual(lines, ['the log could not be held against its checkpoints: closed']);
});
