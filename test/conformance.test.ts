import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { suites } from './conformanceSuites/index.ts';
import { knownGaps } from './conformanceSuites/knownGaps.ts';
import { runFolder } from './conformanceSuites/run.ts';
import { type Suites, same } from './conformanceSuites/verdict.ts';

const results = await runFolder(resolve(import.meta.dirname, 'conformance'), suites);
const failing = results.filter(({ verdict }) => !verdict.passed);

test('every case passes but those of suites on the list of known gaps', () => {
  const unexpected = failing.filter(({ suite }) => !knownGaps.includes(suite)).map(({ suite, id }) => `${suite} ${id}`);
  assert.deepEqual(unexpected, []);
  assert.equal(results.length, 301);
});

test('no suite is on the list of known gaps without a failing case', () => {
  const stale = knownGaps.filter((suite) => !failing.some((result) => result.suite === suite));
  assert.deepEqual(stale, []);
});

const folder = mkdtempSync(join(tmpdir(), 'edgelog-conformance-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const sample: Suites = {
  echo: (c) => same(c['expected'], c['input']),
  faulty: () => {
    throw new Error('the suite broke');
  },
};

const ran = async (name: string, content: unknown): Promise<readonly string[]> => {
  const file = join(folder, 'case.json');
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  const judged = await runFolder(folder, sample);
  rmSync(file);
  return judged.map(({ suite, id, verdict }) => `${name} ${suite} ${id} ${verdict.passed ? 'passed' : 'failed'}`);
};

test('a case passes only if it was judged and agreed', async () => {
  const cases = [
    { id: 'same', input: { a: [1] }, expected: { a: [1] } },
    { id: 'other', input: 1, expected: '1' },
  ];
  assert.deepEqual(await ran('judged', { suite: 'echo', cases }), [
    'judged echo same passed',
    'judged echo other failed',
  ]);
});

test('what cannot be judged is a failure', async () => {
  const cases = [{ id: 'x' }];
  assert.deepEqual(await ran('unknown suite', { suite: 'nobody', cases }), ['unknown suite nobody x failed']);
  assert.deepEqual(await ran('prototype', { suite: 'toString', cases }), ['prototype toString x failed']);
  assert.deepEqual(await ran('throws', { suite: 'faulty', cases }), ['throws faulty x failed']);
  assert.deepEqual(await ran('no id', { suite: 'echo', cases: [{ input: 1 }] }), ['no id echo echo[0] failed']);
  assert.deepEqual(await ran('no cases', { suite: 'echo' }), ['no cases case.json case.json failed']);
  assert.deepEqual(await ran('no JSON', '{'), ['no JSON case.json case.json failed']);
  const nothing = await runFolder(folder, sample);
  assert.deepEqual(
    nothing.map(({ verdict }) => verdict.passed),
    [false],
  );
});

test('every suite of the addresses refuses an operation it does not know', async () => {
  for (const suite of ['ip-range', 'cidr']) {
    const verdict = await suites[suite]?.({ id: 'x', op: 'divide', input: '10.0.0.1', expected: true });
    assert.equal(verdict?.passed, false);
  }
});

test('the program closes with one line of figures and an exit code', () => {
  const run = (
    content: unknown,
  ): { readonly last: string | undefined; readonly code: number | null; readonly out: string } => {
    writeFileSync(join(folder, 'mac.json'), JSON.stringify(content));
    const program = resolve(import.meta.dirname, '../scripts/conformance.ts');
    const { stdout, status } = spawnSync(process.execPath, [program, folder], { encoding: 'utf8' });
    return { last: stdout.trimEnd().split('\n').at(-1), code: status, out: stdout };
  };
  const good = { id: 'good', prefix: 'd0:0d', instanceId: 'i-00000001', expected: 'd0:0d:00:00:00:01' };
  const bad = { ...good, id: 'bad', expected: 'd0:0d:00:00:00:02' };
  const passing = run({ suite: 'mac', cases: [good] });
  assert.deepEqual([passing.last, passing.code], ['1 passed, 0 failed', 0]);
  const mixed = run({ suite: 'mac', cases: [good, bad] });
  assert.deepEqual([mixed.last, mixed.code], ['1 passed, 1 failed', 1]);
  assert.match(mixed.out, /bad\n {2}expected d0:0d:00:00:00:02\n {2}got {6}d0:0d:00:00:00:01\n/);
});
