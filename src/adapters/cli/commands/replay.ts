/** `edgelog replay`: the log once more, in a sandbox, against what was delivered and against other code; or event by event. */
import { type Call, count, flag, type Noun, text } from '../command.ts';
import { type Complaint, usage } from '../complaint.ts';
import type { ExitCode } from '../exits.ts';
import { showHookAnswer } from '../hookAnswer.ts';
import type { ReplayWords } from '../hooks.ts';
import { localOnly } from '../sharedOptions.ts';

const wordsOf = ({ given, show }: Call): ReplayWords => {
  const [from, key, code] = [given.text('from'), given.text('key'), given.text('code')];
  const [to, after] = [given.count('to'), given.count('after')];
  return {
    data: given.text('data') ?? './data',
    isStepped: given.flag('step'),
    ...(from === undefined ? {} : { from }),
    ...(key === undefined ? {} : { key }),
    ...(code === undefined ? {} : { code }),
    ...(to === undefined ? {} : { to }),
    ...(after === undefined ? {} : { after }),
    onStep: ({ event, changes }, lines) =>
      show.next(
        { ...event, changes },
        () => lines.join('\n'),
        () => event.position,
      ),
  };
};

const run = async (call: Call): Promise<ExitCode | Complaint> => {
  const { given, hooks, progress, say } = call;
  if (given.text('from') !== undefined && given.text('data') !== undefined) {
    return usage('A replay is of a bundle (--from) or of a data folder (--data), not of both.');
  }
  if (given.count('after') !== undefined && !given.flag('step')) return usage('--after goes with --step.');
  const asked = wordsOf(call);
  const answer = await hooks.replay(asked, { say, progress: progress.show });
  progress.clear();
  return asked.isStepped && !('refused' in answer) ? answer.exit : showHookAnswer(call, answer);
};

export const replay: Noun = {
  name: 'replay',
  about: 'the log once more, in a sandbox: compared with what was delivered, or step by step',
  commands: [
    {
      about:
        'rebuild every delivered document from the log where nothing can be sent, and name the first event where they part; exit code 0 same, 1 different',
      options: {
        data: text('FOLDER', 'data folder whose log is read; it may be in use (default ./data)'),
        from: text('BUNDLE', 'an exported bundle that begins with the first event, instead of a data folder'),
        key: text('FILE', 'public key (PEM) to verify the bundle with first'),
        code: text('FOLDER', 'another checkout: replay with its code, and compare it with the running one'),
        to: count('last position to look at', 0, Number.MAX_SAFE_INTEGER),
        step: flag('event by event: what each changed in the views, before and after'),
        after: count('with --step: fold events up to this position silently', 0, Number.MAX_SAFE_INTEGER),
      },
      shares: localOnly,
      examples: [
        'edgelog replay --data /var/lib/edgelog',
        'edgelog replay --from log.bundle --code ../edgelog-next',
        'edgelog replay --step --after 1200 --to 1210',
      ],
      run,
    },
  ],
};
