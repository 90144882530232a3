/** The contract of the lanes on both kinds, and the laws of their pauses. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { openBullmqLanes } from '../../../src/adapters/broadcast/bullmqLanes.ts';
import { createInProcessLanes } from '../../../src/adapters/broadcast/inProcessLanes.ts';
import { backoffMs, usualBackoff } from '../../../src/adapters/broadcast/lanes.ts';
import { isRedisAddressFault, readRedisAddress } from '../../../src/adapters/broadcast/redisAddress.ts';
import { lanesContract } from './lanesContract.ts';
import { openRedisServer, type RedisServer, redisObstacle } from './redisServer.ts';

test('pauses grow, stay below their cap and never vanish', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000_000 }), fc.double({ min: 0, max: 0.999, noNaN: true }), (n, random) => {
      const pause = backoffMs(n, usualBackoff, random);
      assert.ok(pause <= usualBackoff.capMs && pause >= usualBackoff.firstMs / 2);
      assert.ok(backoffMs(n + 1, usualBackoff, random) >= pause);
    }),
  );
});

lanesContract(
  'in process',
  async (backoff) => {
    const lanes = createInProcessLanes({ backoff });
    return { answering: [lanes], close: lanes.stop };
  },
  undefined,
);

const obstacle = redisObstacle();
let server: RedisServer | undefined;
let clouds = 0;

before(async () => {
  if (obstacle === undefined) server = await openRedisServer();
});
after(async () => {
  await server?.remove();
});

/** Two that answer, as two worker processes would, on a cloud of their own. */
lanesContract(
  'BullMQ',
  async (backoff) => {
    const address = readRedisAddress(server?.url ?? '');
    if (isRedisAddressFault(address)) throw new Error(address.problem);
    clouds += 1;
    const options = { address, cloud: `contract-${clouds}`, answers: true, backoff };
    const answering = [await openBullmqLanes(options), await openBullmqLanes(options)];
    return {
      answering,
      close: async () => {
        for (const lanes of answering) await lanes.stop();
      },
    };
  },
  obstacle,
);
