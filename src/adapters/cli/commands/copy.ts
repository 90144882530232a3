/** `edgelog copy`: moves a log from one store to another, verified. Works on the stores, not through the API. */
import { flag, type Noun, text } from '../command.ts';
import { showHookAnswer } from '../hookAnswer.ts';
import { localOnly } from '../sharedOptions.ts';

export const copy: Noun = {
  name: 'copy',
  about: 'copy a log from one event store to another, verified',
  commands: [
    {
      about:
        'copy a log from one event store to another; goes on where it was interrupted, and compares both sides at the end',
      options: {
        from: text('STORE', 'sqlite:PATH or kurrentdb://...', { required: true }),
        to: text('STORE', 'sqlite:PATH or kurrentdb://...', { required: true }),
        insecure: flag('allow plain transport'),
      },
      shares: localOnly,
      examples: ['edgelog copy --from sqlite:data/events.db --to kurrentdb://127.0.0.1:2113?tls=true'],
      run: async (call) => {
        const { given, hooks, progress, say } = call;
        const options = {
          from: given.text('from') ?? '',
          to: given.text('to') ?? '',
          insecure: given.flag('insecure'),
        };
        const answer = await hooks.copy(options, { say, progress: progress.show });
        progress.clear();
        return showHookAnswer(call, answer);
      },
    },
  ],
};
