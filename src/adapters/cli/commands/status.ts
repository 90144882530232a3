/** `edgelog status`: the convergence board. Who has got how far: wanted, published, delivered, applied. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Board, board } from '../board.ts';
import { type Call, count, flag, type Noun, text } from '../command.ts';
import { type Complaint, complain, isComplaint } from '../complaint.ts';
import { type ExitCode, exits } from '../exits.ts';
import type { Item } from '../show/table.ts';

const home = '\u001b[H\u001b[J';
const USUAL_TIMEOUT_SECONDS = 60;

const look = async ({ api, given }: Call): Promise<Board | Complaint> => {
  const status = await api.get('/v1/status');
  if (isComplaint(status)) return status;
  const convergence = await api.get('/v1/convergence');
  if (isComplaint(convergence)) return convergence;
  const only = given.text('cluster');
  const clusters = (convergence.json['clusters'] as readonly Item[]).filter(
    ({ cluster }) => only === undefined || cluster === only,
  );
  if (only !== undefined && clusters.length === 0) {
    return complain(exits.refused, `There is no cluster ${only}.`, 'edgelog clusters');
  }
  return { status: status.json, clusters };
};

/** Unknown is never good: one cluster that cannot tell makes the whole unknown. */
const isConverged = ({ clusters }: Board): boolean => clusters.every(({ converged }) => converged === true);

const showBoard = async ({ show, io }: Call, seen: Board, isRedrawn: boolean): Promise<void> => {
  if (show.format !== 'table') {
    const whole = { ...seen.status, converged: isConverged(seen), clusters: seen.clusters };
    return isRedrawn
      ? show.next(
          whole,
          () => '',
          () => isConverged(seen),
        )
      : show.thing(whole, () => isConverged(seen));
  }
  if (isRedrawn && io.stdout.isTerminal) await io.stdout.write(home);
  await show.lines(board(seen, show.paint));
};

const exitOf = (seen: Board): ExitCode => (isConverged(seen) ? exits.ok : exits.different);

/** Until --until-converged is true, its time is over, or for ever. */
const watch = async (call: Call): Promise<ExitCode | Complaint> => {
  const { given } = call;
  const everyMs = (given.count('interval') ?? 2) * 1000;
  const isPatient = given.flag('until-converged');
  const seconds = given.count('timeout') ?? USUAL_TIMEOUT_SECONDS;
  const deadline = isPatient ? performance.now() + seconds * 1000 : Number.POSITIVE_INFINITY;
  for (;;) {
    const seen = await look(call);
    if (isComplaint(seen)) return seen;
    if (given.flag('watch')) await showBoard(call, seen, true);
    const isDone = isPatient && isConverged(seen);
    const left = deadline - performance.now();
    if (isDone || left <= 0) {
      if (!given.flag('watch')) await showBoard(call, seen, false);
      if (isDone) return exits.ok;
      return complain(exits.unconverged, `Not everybody has what is wanted after ${seconds} s.`, 'edgelog status');
    }
    await sleep(Math.min(everyMs, isPatient ? Math.min(left, 500) : everyMs));
  }
};

export const status: Noun = {
  name: 'status',
  about: 'how things stand, and how far every cluster and node has got',
  commands: [
    {
      about: 'the convergence board: exit code 0 if all have what is wanted, 1 if some do not or nobody knows',
      options: {
        cluster: text('NAME', 'only this cluster'),
        watch: flag('again and again', { short: 'w' }),
        interval: count('seconds between two looks (default 2)', 1, 3600),
        'until-converged': flag('come back when all have what is wanted; exit code 5 if that takes too long'),
        timeout: count(`seconds to wait at most (default ${USUAL_TIMEOUT_SECONDS})`, 1, 86_400),
      },
      run: async (call) => {
        if (call.given.flag('watch') || call.given.flag('until-converged')) return watch(call);
        const seen = await look(call);
        if (isComplaint(seen)) return seen;
        await showBoard(call, seen, false);
        return exitOf(seen);
      },
    },
  ],
};
