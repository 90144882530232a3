/**
 * The data plane on real packets. Runs inside private namespaces, as root or in a user namespace; where neither is allowed
 * every name is counted as skipped, with what to set.
 */
import assert from 'node:assert/strict';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { enterRoom, labObstacle } from './privateRoom.ts';
import { allProperties } from './properties/all.ts';
import { allStories } from './stories/all.ts';
import type { Outcome } from './tryout.ts';

const names = [...allProperties.map(({ name }) => name), ...allStories.map(({ name }) => name)].filter((name) =>
  name.includes(process.env['EDGELOG_LAB_ONLY'] ?? ''),
);

const inside = fileURLToPath(new URL('./inside.ts', import.meta.url));
const longest = 240_000;

/** Outcomes by name, as they come; whoever asks for one early waits for it. */
const runLab = () => {
  const outcomes = new Map<string, Outcome>();
  const waiting = new Map<string, (outcome: Outcome | undefined) => void>();
  let isOver = false;
  const child = enterRoom([process.execPath, inside]);
  const timer = setTimeout(() => child.kill('SIGKILL'), longest);
  if (child.stdout === null) throw new Error('the lab has no output');
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => {
    const outcome = JSON.parse(line) as Outcome;
    outcomes.set(outcome.name, outcome);
    waiting.get(outcome.name)?.(outcome);
    waiting.delete(outcome.name);
  });
  lines.on('close', () => {
    isOver = true;
    clearTimeout(timer);
    for (const resolve of waiting.values()) resolve(undefined);
  });
  return (name: string): Promise<Outcome | undefined> =>
    new Promise((resolve) => {
      if (outcomes.has(name) || isOver) resolve(outcomes.get(name));
      else waiting.set(name, resolve);
    });
};

const obstacle = labObstacle();

test('lab', { concurrency: false }, async (t) => {
  const outcomeOf = obstacle === undefined ? runLab() : undefined;
  for (const name of names) {
    await t.test(name, obstacle === undefined ? {} : { skip: obstacle }, async () => {
      const outcome = await outcomeOf?.(name);
      assert.ok(outcome !== undefined, 'the lab ended before this was tried');
      assert.ok(outcome.ok, outcome.detail);
    });
  }
});

test('every name is tried once', () => {
  assert.equal(new Set(names).size, names.length);
  assert.ok(process.env['EDGELOG_LAB_ONLY'] !== undefined || names.length >= 57);
});
