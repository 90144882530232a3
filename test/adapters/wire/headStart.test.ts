/** The first one goes alone, the others when it is answered or too late; what comes of one is nobody else's business. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createHeadStart } from '../../../src/adapters/wire/headStart.ts';

const answers = () => {
  const begun: string[] = [];
  const pending = new Map<string, { readonly resolve: () => void; readonly reject: (fault: Error) => void }>();
  const sending = (name: string) => (): Promise<string> => {
    begun.push(name);
    return new Promise((resolve, reject) => {
      pending.set(name, { resolve: () => resolve(name), reject });
    });
  };
  return { begun, pending, sending };
};

describe('a head start', () => {
  for (const end of ['answered', 'failed'] as const) {
    it(`is over when the first one is ${end}`, async () => {
      const { begun, pending, sending } = answers();
      const headStart = createHeadStart(60_000);
      const all = Promise.allSettled(['a', 'b', 'c'].map((name) => headStart(sending(name))));
      assert.deepEqual(begun, ['a']);
      if (end === 'answered') pending.get('a')?.resolve();
      else pending.get('a')?.reject(new Error('away'));
      await new Promise((resolve) => setImmediate(resolve));
      assert.deepEqual(begun, ['a', 'b', 'c']);
      for (const name of ['b', 'c']) pending.get(name)?.resolve();
      const outcomes = (await all).map((one) => (one.status === 'fulfilled' ? one.value : one.reason.message));
      assert.deepEqual(outcomes, [end === 'answered' ? 'a' : 'away', 'b', 'c']);
      void headStart(sending('d'));
      assert.equal(begun.at(-1), 'd');
      pending.get('d')?.resolve();
    });
  }

  it('is over at the latest after its time', async () => {
    const { begun, pending, sending } = answers();
    const headStart = createHeadStart(1);
    const first = headStart(sending('a'));
    const second = headStart(sending('b'));
    while (!begun.includes('b')) await new Promise((resolve) => setTimeout(resolve, 1));
    pending.get('b')?.resolve();
    assert.equal(await second, 'b');
    pending.get('a')?.resolve();
    assert.equal(await first, 'a');
  });
});
