/** `edgelog epoch`: the lever for a log that lost its tail. */
import { count, type Noun, text } from '../command.ts';
import { wishes } from '../sharedOptions.ts';
import { carry } from '../wish.ts';

export const epoch: Noun = {
  name: 'epoch',
  about: 'the epoch of the log',
  commands: [
    {
      verb: 'raise',
      about: 'raise the epoch, so that documents from now on are newer than any receiver has seen',
      options: {
        reason: text('WORDS', 'why', { required: true }),
        'at-least': count('lowest acceptable new epoch', 1, Number.MAX_SAFE_INTEGER),
      },
      shares: wishes,
      run: (call) => {
        const atLeast = call.given.count('at-least');
        const body = { reason: call.given.text('reason'), ...(atLeast === undefined ? {} : { atLeast }) };
        return carry(call, { method: 'POST', path: '/v1/epoch', body });
      },
    },
  ],
};
