/** The house prints itself, and what it prints is read in review: `test/golden/wiring.txt`. `REWRITE=1` writes it anew. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { schemas } from '../../src/domain/codec.ts';
import type { EventType } from '../../src/domain/events.ts';
import { type Section, sectionOf } from '../../src/projections/network/meaning.ts';
import { describeWiring } from '../../src/roles/wiring.ts';

const root = join(import.meta.dirname, '../..');
const golden = join(root, 'test/golden/wiring.txt');

test('the wiring is what it was', async () => {
  const text = await describeWiring();
  if (process.env['REWRITE'] === '1') writeFileSync(golden, text);
  assert.equal(text, readFileSync(golden, 'utf8'));
});

test('it is printed from what runs: twice the same, and nothing is started or written', async () => {
  const before = process.getActiveResourcesInfo();
  assert.equal(await describeWiring(), await describeWiring());
  assert.deepEqual(process.getActiveResourcesInfo(), before);
});

/** Which function of the projection's switch each section stands for. */
const folds: Readonly<Record<Section, string>> = {
  configuration: 'applyConfiguration',
  clusters: 'applyCluster',
  'private addresses': 'applyPrivateAddress',
  'public addresses': 'applyPublicAddress',
  'security groups': 'applyGroup',
  instances: 'applyInstance',
  nothing: 'return',
};

test('what events are said to be about is what the switch of the projection does with them', () => {
  const source = readFileSync(join(root, 'src/projections/network/apply.ts'), 'utf8');
  const body = source.slice(source.indexOf('switch (event.type) {'));
  const seen = new Map<string, string>();
  let waiting: string[] = [];
  for (const line of body.split('\n')) {
    const type = /^\s*case '(\w+)':/.exec(line)?.[1];
    const does = /^\s*(apply\w+|return)\b/.exec(line)?.[1];
    if (type !== undefined) waiting.push(type);
    else if (does !== undefined) {
      for (const one of waiting) seen.set(one, does);
      waiting = [];
    }
  }
  const types = Object.keys(schemas) as readonly EventType[];
  assert.deepEqual(new Map([...seen].sort()), new Map(types.toSorted().map((type) => [type, folds[sectionOf(type)]])));
});
