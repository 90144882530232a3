/** Trees are data, and no text in them can become anything else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { findAll, h, memo, textOf } from '../../../src/adapters/console/page/tree.ts';

test('children are flattened, nothing is left out but what says nothing', () => {
  const tree = h('p', {}, 'a', [1, [h('b', {}, 'c'), false, null, undefined]], '', 0);
  assert.deepEqual(tree.children, ['a', '1', { tag: 'b', attributes: {}, children: ['c'] }, '0']);
  assert.equal(textOf(tree), 'a 1 c 0');
  assert.equal(findAll(tree, ({ tag }) => tag === 'b').length, 1);
});

test('any text stays the text it is', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      assert.deepEqual(h('p', { title: text }, text).children, text === '' ? [] : [text]);
    }),
  );
});

test('programs, inline styles and foreign links cannot be written', () => {
  for (const tag of ['script', 'style', 'iframe', 'object', 'embed', 'base']) {
    assert.throws(() => h(tag, {}), /without a program/, tag);
  }
  for (const name of ['onclick', 'ONERROR', 'onload', 'style']) {
    assert.throws(() => h('p', { [name]: 'x' }), /without a program/, name);
  }
  for (const link of [
    'javascript:alert(1)',
    'https://evil.example/',
    '//evil.example/',
    'data:text/html,x',
    ' #x',
    '',
  ]) {
    assert.throws(() => h('a', { href: link }), /link into the console/, link);
  }
  for (const link of ['#at=3', '/openapi.json']) assert.equal(h('a', { href: link }).attributes['href'], link);
});

test('a view is called again only for something else', () => {
  let calls = 0;
  const view = memo((a: object, b: number) => {
    calls += 1;
    return h('p', {}, b, Object.keys(a).length);
  });
  const shown = {};
  assert.equal(view(shown, 1), view(shown, 1));
  assert.equal(calls, 1);
  assert.notEqual(view({}, 1), view(shown, 2));
  assert.equal(calls, 3);
});
