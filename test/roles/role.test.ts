/** Parts start in their order and stop in reverse; when one cannot start, those before it are stopped again. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Part, roleOf, together } from '../../src/roles/role.ts';

/** Parts that write down what happens to them; the one named may not start. */
const world = (broken = '') => {
  const happened: string[] = [];
  const part = (name: string): Part => ({
    name,
    about: name,
    start: async () => {
      happened.push(`+${name}`);
      if (name === broken) throw new Error(`${name} cannot`);
      return [`${name} is up`];
    },
    stop: async () => {
      happened.push(`-${name}`);
    },
  });
  return { happened, part };
};

describe('a role', () => {
  test('starts its parts in order, says what they say, and stops them in reverse, once', async () => {
    const { happened, part } = world();
    const role = roleOf('r', [part('a'), { name: 'quiet', about: 'q' }, part('b')]);
    assert.deepEqual(await role.start(), ['a is up', 'b is up']);
    await role.stop();
    await role.stop();
    assert.deepEqual(happened, ['+a', '+b', '-b', '-a']);
    assert.deepEqual(
      role.parts.map(({ name }) => name),
      ['a', 'quiet', 'b'],
    );
  });

  test('that cannot start stops what was started, the broken part too, and says why', async () => {
    const { happened, part } = world('b');
    const role = roleOf('r', [part('a'), part('b'), part('c')]);
    await assert.rejects(role.start(), /b cannot/);
    assert.deepEqual(happened, ['+a', '+b', '-b', '-a']);
  });

  test('that is stopped while it starts stops what was started, and starts nothing more', async () => {
    const { happened, part } = world();
    let goOn = (): void => undefined;
    const slow: Part = {
      ...part('slow'),
      start: () =>
        new Promise((resolve) => {
          happened.push('+slow');
          goOn = () => resolve([]);
        }),
    };
    const both = together([roleOf('r', [part('a')]), roleOf('s', [slow, part('c')]), roleOf('t', [part('d')])]);
    const starting = both.start();
    while (!happened.includes('+slow')) await new Promise((done) => setImmediate(done));
    await both.stop();
    goOn();
    await assert.rejects(starting, /stopped while it started/);
    assert.deepEqual(happened, ['+a', '+slow', '-slow', '-a']);
  });

  test('of which one part cannot stop stops the others all the same, and says why in the end', async () => {
    const { happened, part } = world();
    const stuck = (name: string): Part => ({
      ...part(name),
      stop: async () => {
        throw new Error(`${name} is stuck`);
      },
    });
    const both = together([roleOf('r', [part('a'), stuck('b')]), roleOf('s', [part('c'), stuck('d'), part('e')])]);
    await both.start();
    await assert.rejects(both.stop(), /d is stuck/);
    assert.deepEqual(happened.slice(5), ['-e', '-c', '-a']);
    await both.stop();
  });

  test('that was never started has nothing to stop', async () => {
    const { happened, part } = world();
    await roleOf('r', [part('a')]).stop();
    assert.deepEqual(happened, []);
  });
});

describe('roles together', () => {
  test('are one after the other, and named after all of them', async () => {
    const { happened, part } = world();
    const both = together([roleOf('r', [part('a'), part('b')]), roleOf('s', [part('c')])]);
    assert.equal(both.name, 'r,s');
    assert.deepEqual(await both.start(), ['a is up', 'b is up', 'c is up']);
    await both.stop();
    assert.deepEqual(happened, ['+a', '+b', '+c', '-c', '-b', '-a']);
  });

  test('when a later one cannot start the earlier ones are stopped, each part once', async () => {
    const { happened, part } = world('c');
    const both = together([roleOf('r', [part('a'), part('b')]), roleOf('s', [part('c'), part('d')])]);
    await assert.rejects(both.start(), /c cannot/);
    assert.deepEqual(happened, ['+a', '+b', '+c', '-c', '-b', '-a']);
  });
});
