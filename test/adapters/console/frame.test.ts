/** The whole page: which panels there are for whom, and that what is wrong stands where it belongs. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { initialState } from '../../../src/adapters/console/page/state.ts';
import { findAll, textOf } from '../../../src/adapters/console/page/tree.ts';
import { frame } from '../../../src/adapters/console/page/views/frame.ts';
import { log, small } from './scenes.ts';

const forbidden = { status: 403, code: 'forbidden', title: 'Not for you', detail: 'd', next: 'Ask somebody.' };

test('a window of another time is not shown as this one', () => {
  const window = { ...log, isCut: true };
  const base = initialState('', false);
  const stale = frame({ ...base, log: { value: window }, newest: 9000, place: { at: '3000' } });
  assert.doesNotMatch(textOf(stale), /10:15:00/);
  assert.doesNotMatch(textOf(stale), /was assigned to/);
});

test('a picture of another moment says so', () => {
  const base = { ...initialState('', false), network: { value: { ...small, at: 20 } }, newest: 45 };
  const panelOf = (place: object): string =>
    textOf(findAll(frame({ ...base, place }), ({ attributes }) => attributes['id'] === 'network')[0] ?? '');
  assert.match(panelOf({ at: '30' }), /^Network at 20 of 20, 30 is on its way/);
  assert.match(panelOf({}), /^Network at 20 of 20, now is on its way/);
  assert.doesNotMatch(panelOf({ at: '20' }), /on its way/);
});

test('a key of an account is told what it shows; of a cluster, that it shows nothing', () => {
  const base = { ...initialState('#select=i-00000001', true), difference: { problem: forbidden } };
  const value = { actor: 'eve', role: 'viewer', account: '000000000777' };
  const own = { ...small, clusters: [], pools: undefined, account: '000000000777' };
  const tree = frame({ ...base, caller: { value }, network: { value: own } });
  const panels = findAll(tree, ({ attributes }) => attributes['class'] === 'panel').map((it) => it.attributes['id']);
  assert.deepEqual(panels, ['network', 'scope', 'selection']);
  assert.match(textOf(tree), /key of eve is bound to account 000000000777/);
  assert.match(textOf(tree), /PARTI00 1 node · 2 instances/);
  assert.doesNotMatch(textOf(tree), /Not for you|not registered|who can reach it|loading|connecting/);
  const links = findAll(tree, ({ attributes }) => ['trace', 'why', 'events'].includes(String(attributes['data-to'])));
  assert.deepEqual(links, []);
  const shutOut = frame({ ...base, caller: { problem: forbidden } });
  assert.match(textOf(shutOut), /This key shows nothing here Not for you d Ask somebody\..*edgelog keys add/);
  assert.equal(findAll(shutOut, ({ attributes }) => attributes['class'] === 'panel').length, 1);
});

test('the page shows problems in their panels, asks for a key when it must, and every field has a label', () => {
  const base = initialState('#trace=3', false);
  const state = {
    ...base,
    network: { value: small },
    log: { value: log },
    difference: { problem: forbidden },
    newest: 4,
  };
  const tree = frame(state);
  assert.match(textOf(tree), /What changed Not for you d Ask somebody\./);
  const fields = findAll(tree, ({ tag }) => tag === 'input' || tag === 'select').map(
    ({ attributes }) => attributes['id'],
  );
  const labels = findAll(tree, ({ tag }) => tag === 'label').map(({ attributes }) => attributes['for']);
  assert.deepEqual(
    fields.filter((field) => !labels.includes(field)),
    [],
  );
  assert.equal(new Set(fields).size, fields.length);
  assert.equal(findAll(tree, ({ attributes }) => attributes['id'] === 'board').length, 1);
  assert.equal(
    findAll(frame({ ...state, place: { at: '2' } }), ({ attributes }) => attributes['id'] === 'board').length,
    0,
  );
  const locked = textOf(frame({ ...state, needsKey: true, keyRefused: true }));
  assert.match(locked, /wants an API key.*not known here/);
  assert.doesNotMatch(locked, /i-00000001/);
});
