/** The convergence board: unknown is shown as unknown, never as a figure and never as good. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { age, board } from '../../../src/adapters/cli/board.ts';
import { type Paint, plain } from '../../../src/adapters/cli/show/colour.ts';
import type { Item } from '../../../src/adapters/cli/show/table.ts';

const status: Item = {
  ready: true,
  position: 42,
  epoch: 1,
  configured: true,
  counts: { clusters: 1, securityGroups: 2 },
  checks: [{ name: 'lanes', ok: true, detail: '' }],
};

const node = (more: Item): Item => ({
  ...{ node: 'n1', accepted: 7, applied: 7, agent: 'kernel', ageMs: 1500, refusal: null, converged: true },
  ...more,
});

const cluster = (more: Item): Item => ({
  ...{ cluster: 'PARTI00', wanted: 7, published: 7, delivered: 7, applied: 7, lagMs: 0, converged: true },
  ...{ failuresInARow: 0, lastFailure: null, nodes: [node({})] },
  ...more,
});

const rows = (clusters: readonly Item[], paint: Paint = plain): readonly string[] =>
  board({ status, clusters }, paint).slice(3);

test('everything in force', () => {
  assert.deepEqual(
    board({ status, clusters: [cluster({})] }, plain).map((line) => line.trimEnd()),
    [
      'ready, position 42, epoch 1',
      '1 cluster, 2 security groups',
      '',
      'CLUSTER / NODE  WANTED  PUBLISHED  DELIVERED  APPLIED  BEHIND FOR  HEARD      AGENT   HAS IT  TROUBLE',
      'PARTI00         7       7          7          7        -                              yes     -',
      '  n1                               7          7                    1.5 s ago  kernel  yes     -',
    ],
  );
});

test('nothing known says so in every place', () => {
  const unknown = { wanted: null, published: null, delivered: null, applied: null, lagMs: null, converged: null };
  const silent = node({ accepted: null, applied: null, agent: 'unknown', ageMs: null, converged: null });
  const [, first = '', second = ''] = rows([cluster({ ...unknown, nodes: [silent] })]);
  assert.equal(first.match(/unknown/g)?.length, 6);
  assert.doesNotMatch(first, /yes|no\b/);
  assert.match(second, /unknown +unknown +never +unknown +unknown/);
});

test('a file without an agent is not in force, and is said to be a file', () => {
  const [, first = '', second = ''] = rows([cluster({ nodes: [node({ agent: 'none', applied: null })] })]);
  assert.match(first, / 7 \(file\) /);
  assert.match(second, / 7 \(file\) .* none /);
});

test('trouble is told with its reason; failures that are over are not', () => {
  const lastFailure = { reason: 'timeout', detail: 'no answer', at: 1 };
  const refusal = { reason: 'older-document', detail: 'have 9' };
  const failing = cluster({
    failuresInARow: 3,
    lastFailure,
    converged: false,
    lagMs: 90_000,
    nodes: [node({ refusal })],
  });
  const [, first = '', second = ''] = rows([failing]);
  assert.match(first, /1\.5 min|90\.0 s/);
  assert.match(first, / no +3x timeout: no answer$/);
  assert.match(second, /older-document: have 9$/);
  assert.match(rows([cluster({ lastFailure })])[1] ?? '', / yes +-$/);
});

test('yes is green, no is red, unknown is neither', () => {
  const tones: string[] = [];
  const paint: Paint = (text, tone) => {
    if (/^(yes|no|unknown)\s*$/.test(text)) tones.push(`${text.trim()} ${tone}`);
    return text;
  };
  rows(
    [
      cluster({ converged: true, nodes: [] }),
      cluster({ converged: false, nodes: [] }),
      cluster({ converged: null, nodes: [] }),
    ],
    paint,
  );
  assert.deepEqual(tones, ['yes good', 'no bad', 'unknown unsure']);
});

test('what is wrong with the program stands above the table', () => {
  const checks = [{ name: 'projection', ok: false, detail: 'stopped at 17' }];
  const lines = board({ status: { ...status, ready: false, configured: false, checks }, clusters: [] }, plain);
  assert.equal(lines[0], 'not ready, position 42, epoch 1, no configuration');
  assert.equal(lines[2], 'projection: stopped at 17');
  assert.equal(lines.at(-1), 'No clusters.');
});

test('ages as people say them', () => {
  assert.deepEqual([0, 999, 1500, 119_000, 180_000, 9_000_000, null].map(age), [
    '0 ms',
    '999 ms',
    '1.5 s',
    '119.0 s',
    '3 min',
    '2.5 h',
    'unknown',
  ]);
});
