/** A log event by event: what each changed in the views. This is the debugger: state before and after, nothing in between. */
import type { StoredEvent } from '../../domain/eventStore.ts';
import type { Change } from '../../projections/timeMachine/changes.ts';
import { progressOf, type ReplayOptions, upTo } from './replaySource.ts';
import { startSandbox } from './sandboxProcess.ts';

export type Step = { readonly event: StoredEvent; readonly changes: readonly Change[] };

/** Event by event: what each changed in the views. Those up to `after` are folded silently. */
export const stepLog = async function* (options: ReplayOptions, after: number): AsyncGenerator<Step> {
  const sandbox = startSandbox(options.code);
  const tell = progressOf(options, 'folding what comes before');
  let events = 0;
  try {
    for await (const event of upTo(options)) {
      if (event.position <= after) {
        await sandbox.tell({ kind: 'event', event });
        events += 1;
        tell(events);
        continue;
      }
      const answer = await sandbox.ask({ kind: 'step', event });
      if (answer.kind === 'fault') throw new Error(`The event at position ${answer.position}: ${answer.detail}`);
      yield { event, changes: answer.kind === 'changes' ? answer.changes : [] };
    }
  } finally {
    await sandbox.stop();
  }
};
