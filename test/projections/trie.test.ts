/**
 * Laws of the canonical trie: it holds what a Map would hold, its shape depends on its keys alone, an owner changes only what
 * was made for it, and two tries differ exactly where their entries do.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Owner, ownerOfAll, ownerOfChanges } from '../../src/projections/owner.ts';
import {
  createTrie,
  entries,
  forEach,
  from,
  get,
  has,
  page,
  put,
  remove,
  rootOf,
  size,
  type Trie,
  trieOf,
  withEntry,
  withoutEntry,
} from '../../src/projections/trie.ts';
import { diff } from '../../src/projections/trieDiff.ts';
import { leafLimit, type Node } from '../../src/projections/trieNodes.ts';

type Step = { readonly key: string; readonly value: number | undefined };

const hex = (n: number): string => n.toString(16).padStart(8, '0');

/** Keys that crowd together (few digits), spread out, and end inside one another. */
const key = fc.oneof(
  fc.nat(300).map((n) => `i-${hex(n)}`),
  fc.integer({ min: 0, max: 0xffffffff }).map((n) => `i-${hex(n)}`),
  fc.nat(600).map((n) => `10.0.${n >> 8}.${n & 255}`),
  fc.string({ maxLength: 3 }).filter((text) => !text.includes('\0')),
  fc.nat(80).map((n) => 'a'.repeat(n)),
);
const step = fc.record({
  key,
  value: fc.option(fc.nat(9), { nil: undefined, freq: 4 }),
});
const steps = fc.array(step, { maxLength: 400, size: 'max' });

const carryOut = (trie: Trie<number>, done: readonly Step[], owner?: Owner): Trie<number> => {
  for (const { key, value } of done) {
    if (value === undefined) remove(trie, key, owner);
    else put(trie, key, value, owner);
  }
  return trie;
};

const modelOf = (done: readonly Step[], base: ReadonlyMap<string, number> = new Map()): Map<string, number> => {
  const model = new Map(base);
  for (const { key, value } of done) {
    if (value === undefined) model.delete(key);
    else model.set(key, value);
  }
  return model;
};

const sorted = <V>(model: ReadonlyMap<string, V>): [string, V][] => [...model].sort(([a], [b]) => (a < b ? -1 : 1));

/** The rule that makes the shape canonical, checked on every node. */
const assertCanonical = (node: Node<unknown>, isRoot = true): void => {
  if (node.kind === 'leaf') {
    assert.ok(node.keys.length <= leafLimit);
    assert.ok(isRoot || node.keys.length > 0, 'an empty leaf below a node');
    assert.equal(node.keys.length, node.values.length);
    return;
  }
  assert.ok(node.size > leafLimit, `${node.size} keys would fit in one leaf`);
  assert.ok(node.children.length > 1, 'an only child should stand for itself');
  assert.equal(node.labels, [...node.labels].sort().join(''));
  let total = 0;
  for (const child of node.children) {
    assertCanonical(child, false);
    total += child.kind === 'leaf' ? child.keys.length : child.size;
  }
  assert.equal(node.size, total);
};

describe('canonical trie', () => {
  it('holds what a map would hold, in order', () => {
    fc.assert(
      fc.property(steps, key, (done, asked) => {
        const trie = carryOut(createTrie<number>(), done);
        const model = modelOf(done);
        assertCanonical(trie.root);
        assert.equal(size(trie), model.size);
        assert.deepEqual([...entries(trie)], sorted(model));
        assert.equal(get(trie, asked), model.get(asked));
        assert.equal(has(trie, asked), model.has(asked));
        assert.deepEqual(
          [...from(trie, asked)],
          sorted(model).filter(([k]) => k >= asked),
        );
        const seen: [string, number][] = [];
        forEach(trie, (k, v) => seen.push([k, v]));
        assert.deepEqual(seen, sorted(model));
      }),
      { numRuns: 150 },
    );
  });

  it('has a shape that follows from its keys, whatever road led there', () => {
    fc.assert(
      fc.property(steps, steps, (done, detour) => {
        const model = modelOf(done);
        const direct = trieOf(model);
        const walked = carryOut(carryOut(createTrie<number>(), detour), done);
        for (const { key } of detour) if (!model.has(key)) remove(walked, key);
        for (const [k, v] of model) put(walked, k, v);
        assert.deepEqual(walked, direct);
      }),
      { numRuns: 150 },
    );
  });

  it('pages through everything once', () => {
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 90 }), (done, limit) => {
        const trie = carryOut(createTrie<number>(), done);
        const read: [string, number][] = [];
        let cursor: string | undefined;
        do {
          const next = page(trie, cursor, limit);
          read.push(...next.entries.map(([k, v]): [string, number] => [k, v]));
          cursor = next.next;
        } while (cursor !== undefined);
        assert.deepEqual(read, sorted(modelOf(done)));
      }),
      { numRuns: 80 },
    );
  });

  it('leaves the trie as it was when asked for another one', () => {
    fc.assert(
      fc.property(steps, step, (done, last) => {
        const trie = carryOut(createTrie<number>(), done);
        const root = trie.root;
        const next = last.value === undefined ? withoutEntry(trie, last.key) : withEntry(trie, last.key, last.value);
        assert.equal(trie.root, root);
        assert.deepEqual([...entries(trie)], sorted(modelOf(done)));
        assert.deepEqual([...entries(next)], sorted(modelOf([...done, last])));
      }),
      { numRuns: 80 },
    );
  });

  it('refuses a key that would be mistaken for the end of another', () => {
    assert.throws(() => put(createTrie<number>(), 'a\0b', 1), /NUL/);
    assert.throws(() => trieOf([['\0', 1]]), /NUL/);
  });
});

const leaves = (node: Node<unknown>, into: Node<unknown>[] = []): Node<unknown>[] => {
  if (node.kind === 'leaf') into.push(node);
  else for (const child of node.children) leaves(child, into);
  return into;
};

describe('trie and its owner', () => {
  it('does for an owner of changes what it does for nobody, and leaves every earlier version alone', () => {
    fc.assert(
      fc.property(steps, fc.array(steps, { maxLength: 5 }), (first, batches) => {
        let trie = carryOut(createTrie<number>(), first);
        let model = modelOf(first);
        const versions = [{ trie, entries: sorted(model), shape: structuredClone(trie.root) }];
        for (const batch of batches) {
          trie = carryOut({ root: trie.root }, batch, ownerOfChanges());
          model = modelOf(batch, model);
          assert.deepEqual(trie, trieOf(model));
          versions.push({ trie, entries: sorted(model), shape: structuredClone(trie.root) });
        }
        for (const version of versions) {
          assert.deepEqual([...entries(version.trie)], version.entries);
          assert.deepEqual(structuredClone(version.trie.root), version.shape);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('makes the same shapes for who owns all of it, and nothing of it changes for later owners', () => {
    fc.assert(
      fc.property(steps, steps, (done, then) => {
        const whole = ownerOfAll();
        const trie = carryOut(createTrie<number>(), done, whole);
        assert.deepEqual(trie, trieOf(modelOf(done)));
        const seen = [...entries(trie)];
        carryOut({ root: trie.root }, then, ownerOfChanges());
        carryOut({ root: trie.root }, then);
        assert.deepEqual([...entries(trie)], seen);
      }),
      { numRuns: 100 },
    );
  });

  it('keeps the identity of every leaf that no change touched, and copies a touched one once', () => {
    const base = trieOf(Array.from({ length: 5000 }, (_, n): [string, number] => [`i-${hex(n)}`, n]));
    const owner = ownerOfChanges();
    const next = { root: base.root };
    for (let turn = 0; turn < 3; turn += 1) put(next, 'i-00000700', -turn - 1, owner);
    const root = next.root;
    put(next, 'i-00000700', -9, owner);
    assert.equal(next.root, root);
    const old = new Set(leaves(rootOf(base)));
    assert.equal(leaves(root).filter((leaf) => !old.has(leaf)).length, 1);
    assert.equal(get(base, 'i-00000700'), 0x700);
    assert.equal(get(next, 'i-00000700'), -9);
  });

  it('is the very same trie when nothing was asked to change', () => {
    const base = trieOf(Array.from({ length: 300 }, (_, n): [string, number] => [`i-${hex(n)}`, n]));
    const owner = ownerOfChanges();
    assert.equal(withoutEntry(base, 'i-ffffffff', owner), base);
    assert.equal(withEntry(base, 'i-00000007', 7, owner), base);
    assert.equal(remove({ root: base.root }, 'i-ffffffff', owner), false);
  });
});

describe('difference of two tries', () => {
  const differences = (before: Trie<number>, after: Trie<number>): [string, unknown, unknown][] => {
    const told: [string, unknown, unknown][] = [];
    diff(before, after, (k, was, is) => told.push([k, was, is]));
    return told;
  };

  it('tells every entry that differs, once and in order, and nothing else', () => {
    fc.assert(
      fc.property(steps, steps, fc.boolean(), (first, then, related) => {
        const before = carryOut(createTrie<number>(), first);
        const after = carryOut(related ? { root: before.root } : createTrie<number>(), then);
        const was = modelOf(first);
        const is = modelOf(then, related ? was : new Map());
        const expected = [...new Set([...was.keys(), ...is.keys()])]
          .sort()
          .filter((k) => was.get(k) !== is.get(k))
          .map((k) => [k, was.get(k), is.get(k)]);
        assert.deepEqual(differences(before, after), expected);
      }),
      { numRuns: 200 },
    );
  });

  it('is empty between a trie and itself', () => {
    const trie = trieOf([['a', 1]]);
    assert.deepEqual(differences(trie, { root: trie.root }), []);
  });
});
