/** The soak itself: a few faults in a short run with everything as processes, on either store; it ends with a verdict. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { redisObstacle } from '../adapters/broadcast/redisServer.ts';
import { launch } from '../processes/processes.ts';

const soak = join(import.meta.dirname, '../../scripts/soak.ts');

describe('a short soak', { skip: redisObstacle() ?? false, timeout: 280_000 }, () => {
  for (const store of ['sqlite', 'kurrentdb']) {
    test(`on ${store} finds nothing, and says how it went`, async () => {
      const words = ['--minutes', '0.25', '--clients', '2', '--seed', '3', '--store', store];
      const run = launch(process.execPath, [soak, ...words]);
      const exit = await run.ended;
      assert.equal(exit, 0, run.said());
      assert.match(run.said(), /\d+ accepted, \d+ refused/);
      assert.match(run.said(), /documents seen on nodes, settled after/);
      assert.match(run.said(), /nothing was found\s*$/);
    });
  }
});
