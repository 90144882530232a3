/**
 * Stories of the command line through the HTTP door over the real control plane, as golden transcripts in `stories/`. Ids follow
 * from idempotency keys and the clock moves by hand, so that a story is told the same way every time.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { openDoor } from '../http/client.ts';
import { type House, openHouse } from '../http/house.ts';
import { run } from './captured.ts';
import { readStory, type Step, wordsOf, writeStep } from './transcript.ts';

const folder = join(import.meta.dirname, 'stories');

const onStage = (house: House, { what, argument }: Extract<Step, { readonly kind: 'stage' }>): void => {
  if (what === 'deliver') house.deliver(argument);
  else if (what === 'pass') house.pass(Number(argument));
  else assert.fail(`There is no stage direction ${what}`);
};

/** The log grows by what a delivery records: a story must not race with it. */
const settled = async (house: House): Promise<void> => {
  for (let before = -2; ; ) {
    const network = await house.controlPlane.network();
    if (!('position' in network) || network.position === before) return;
    before = network.position;
    await house.reached(before);
  }
};

const play = async (t: TestContext, text: string): Promise<string> => {
  const house = await openHouse();
  t.after(() => house.stop());
  const { port } = await openDoor(t, {
    controlPlane: house.controlPlane,
    now: house.now,
    onFault: (fault) => assert.fail(fault as Error),
  });
  const environment = { EDGELOG_URL: `http://127.0.0.1:${port}` };
  const told: string[] = [];
  for (const step of readStory(text)) {
    if (step.kind === 'stage') onStage(house, step);
    await settled(house);
    const input = step.kind === 'command' ? step.input.map((line) => `${line}\n`).join('') : '';
    const said = step.kind === 'command' ? await run(wordsOf(step.line), environment, { input }) : undefined;
    told.push(writeStep(step, said));
  }
  return `${told.join('\n\n')}\n`.replaceAll(`127.0.0.1:${port}`, '127.0.0.1:PORT');
};

for (const file of readdirSync(folder).filter((name) => name.endsWith('.txt'))) {
  test(`story: ${file.replace('.txt', '')}`, async (t) => {
    const path = join(folder, file);
    const text = readFileSync(path, 'utf8');
    const told = await play(t, text);
    if (process.env['REWRITE'] === '1') writeFileSync(path, told);
    else assert.equal(told, text);
  });
}
