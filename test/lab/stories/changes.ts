/**
 * Changes under running traffic: what may go on goes on, what must end ends, and nothing slips through in between.
 */
import assert from 'node:assert/strict';
import type { PuppetAnswer } from '../puppet.ts';
import { actors } from '../story.ts';
import { inside, uplinkMacs } from '../world.ts';
import { cannotOpen, canOpen, eventually, openStream, type Story } from './story.ts';

const elastic = '203.0.113.50';

export const changeStories: readonly Story[] = [
  {
    name: 'changes: open connections live through sixty re-programmings, and nothing forbidden slips in',
    run: async (lab) => {
      await lab.publish();
      const outside = await openStream(lab, 'client', elastic, 22);
      const between = await openStream(lab, 'a1', actors.b2.ip, 5432);
      await lab.puppet('client').tell('besiege', { name: 'siege', to: elastic, port: 9999 });
      for (let round = 0; round < 20; round += 1) {
        await lab.publish({ withoutRule: 'range from the client', elastic: { b2: '203.0.113.55' } });
        await lab.publish({ absent: ['d1'], groups: { a2: ['sg-web', 'sg-misc'] } });
        await lab.publish();
      }
      const siege = await lab.puppet('client').tell('siege_state', { name: 'siege' });
      assert.equal(siege.leaks, 0, `of ${siege.tries} forbidden attempts`);
      for (const [who, name] of [
        ['client', outside],
        ['a1', between],
      ] as const) {
        const state = await lab.puppet(who).tell('stream_state', { name, stop: true });
        assert.equal(state.error, null);
        assert.ok((state.beats ?? 0) > 20);
      }
    },
  },
  {
    name: 'changes: a sequence of differences leaves exactly what a fresh load would',
    run: async (lab) => {
      for (const status of [await lab.agents.n1.inspect(), await lab.agents.n2.inspect()]) {
        assert.deepEqual(status.drift ?? [], []);
        assert.deepEqual(status.problems, []);
      }
    },
  },
  {
    name: 'changes: a revoked rule stops new connections and leaves open ones, as AWS does',
    run: async (lab) => {
      await lab.publish();
      const name = await openStream(lab, 'client', elastic, 22);
      await lab.publish({ withoutRule: 'ssh from anywhere' });
      assert.ok(await cannotOpen(lab, 'client', elastic, 22));
      const before = (await lab.puppet('client').tell('stream_state', { name })).beats ?? 0;
      await eventually('the open connection goes on', async () => {
        return ((await lab.puppet('client').tell('stream_state', { name })).beats ?? 0) > before;
      });
      assert.equal((await lab.puppet('client').tell('stream_state', { name, stop: true })).error, null);
    },
  },
  {
    name: 'changes: a revoked rule cuts open connections where the property says so, and only those',
    run: async (lab) => {
      await lab.publish();
      await lab.retune({}, { cutRevoked: true });
      const revoked = await openStream(lab, 'client', elastic, 22);
      const kept = await openStream(lab, 'a1', actors.b1.ip, 5432);
      await lab.publish({ withoutRule: 'ssh from anywhere' });
      await eventually('the revoked connection ends', async () => {
        return (await lab.puppet('client').tell('stream_state', { name: revoked })).error !== null;
      });
      assert.equal((await lab.puppet('a1').tell('stream_state', { name: kept, stop: true })).error, null);
      await lab.retune({});
    },
  },
  {
    name: 'changes: an elastic address given to another instance cuts the old translation',
    run: async (lab) => {
      await lab.publish();
      const name = await openStream(lab, 'client', elastic, 22);
      await lab.publish({ elastic: { a1: null, a2: elastic } });
      await eventually('the old connection ends', async () => {
        return (await lab.puppet('client').tell('stream_state', { name })).error !== null;
      });
      assert.ok(await canOpen(lab, 'client', elastic, 22));
      assert.equal((await lab.puppet('a2').tell('tcp', { to: '203.0.113.200', port: 80, timeout: 5 })).peer, elastic);
    },
  },
  {
    name: 'changes: the rules alone cut a moved elastic address, both ways, before anything is forgotten',
    run: async (lab) => {
      const nobodyForgets = { tools: { conntrack: 'true' } };
      const moveUnderStreams = async (): Promise<readonly (() => Promise<PuppetAnswer>)[]> => {
        await lab.publish();
        const inwards = await openStream(lab, 'client', elastic, 22);
        const outwards = await openStream(lab, 'a1', '203.0.113.200', 80);
        await lab.publish({ elastic: { a1: null, a2: elastic } });
        return [
          () => lab.puppet('client').tell('stream_state', { name: inwards }),
          () => lab.puppet('a1').tell('stream_state', { name: outwards }),
        ];
      };
      await lab.retune({}, nobodyForgets);
      for (const state of await moveUnderStreams()) {
        await eventually('the old connection ends', async () => (await state()).error !== null);
      }
      await lab.retune({ without: 'staleTranslation' }, nobodyForgets);
      for (const state of await moveUnderStreams()) {
        const before = (await state()).beats ?? 0;
        await eventually('without the guard it goes on', async () => ((await state()).beats ?? 0) > before + 5);
      }
      await lab.retune({});
      await lab.publish();
    },
  },
  {
    name: 'changes: an elastic address that moves to the other node is announced there',
    run: async (lab) => {
      await lab.publish();
      assert.ok(await canOpen(lab, 'client', elastic, 22));
      assert.match(inside('client', 'ip', ['neigh', 'show', elastic]), new RegExp(uplinkMacs.n1.public));
      await lab.publish({ elastic: { a1: null, a3: elastic } });
      await eventually('the client has heard of the new place', () => {
        return inside('client', 'ip', ['neigh', 'show', elastic]).includes(uplinkMacs.n2.public);
      });
      assert.ok(await canOpen(lab, 'client', elastic, 22));
    },
  },
  {
    name: 'changes: an instance that goes takes its connections with it',
    run: async (lab) => {
      await lab.publish();
      const name = await openStream(lab, 'clc', actors.d1.ip, 7001);
      await lab.publish({ absent: ['d1'] });
      await eventually('its connection ends', async () => {
        return (await lab.puppet('clc').tell('stream_state', { name })).error !== null;
      });
      await lab.publish();
      assert.ok(await canOpen(lab, 'clc', actors.d1.ip, 7001));
    },
  },
];
