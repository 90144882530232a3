/**
 * How many wishes came through the doors, what became of them and how long their answer took. The answer is passed on as it is.
 */
import { Counter, Histogram, type Registry } from 'prom-client';
import type { Executor } from '../../domain/execute.ts';
import { isRefusal } from '../../domain/refusals.ts';

/** Until the answer is durable, in seconds. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** `repeated`: the first answer was given again. `fault`: the store or this program failed; the outcome is unknown. */
type Outcome = 'accepted' | 'repeated' | 'refused' | 'fault';

/** The same executor, seen. */
export const withFigures = (executor: Executor, registry: Registry, nowMs: () => number): Executor => {
  const commands = new Counter({
    name: 'edgelog_commands_total',
    help: 'Wishes, by kind and by what became of them',
    labelNames: ['command', 'outcome'],
    registers: [registry],
  });
  const refusals = new Counter({
    name: 'edgelog_refusals_total',
    help: 'Wishes that were refused, by reason',
    labelNames: ['reason'],
    registers: [registry],
  });
  const seconds = new Histogram({
    name: 'edgelog_command_seconds',
    help: 'Time from a wish to its durable answer',
    buckets: BUCKETS,
    registers: [registry],
  });

  const execute: Executor['execute'] = async (command, context, precondition) => {
    const begun = nowMs();
    let outcome: Outcome = 'fault';
    try {
      const done = await executor.execute(command, context, precondition);
      if (isRefusal(done)) refusals.inc({ reason: done.refused });
      outcome = isRefusal(done) ? 'refused' : done.repeated ? 'repeated' : 'accepted';
      return done;
    } finally {
      commands.inc({ command: command.type, outcome });
      seconds.observe((nowMs() - begun) / 1000);
    }
  };
  return { execute, rehearse: executor.rehearse };
};
