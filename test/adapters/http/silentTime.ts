/** Ports for looking at the routes of the time machine without asking them anything: whoever asks fails the test. */
import type { TimePorts } from '../../../src/adapters/http/timePorts.ts';

const asked = (): never => {
  throw new Error('expected nobody to ask the time machine');
};

export const silentTime: TimePorts = {
  time: {
    ...{
      moment: asked,
      diff: asked,
      blame: asked,
      gone: asked,
      why: asked,
      history: asked,
      trace: asked,
      without: asked,
    },
    ...{
      plan: asked,
      apply: asked,
      planRevert: asked,
      revert: asked,
      verify: asked,
      recompute: asked,
      progress: asked,
    },
  },
  audit: { publicKey: asked, checkpoint: asked, checkpoints: asked, bundle: asked, check: asked },
};
