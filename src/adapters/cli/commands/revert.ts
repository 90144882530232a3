/** `edgelog revert`: undoes one event by new events; on a terminal its plan is shown first. */
import { randomUUID } from 'node:crypto';
import { segment } from '../api/api.ts';
import { type Call, flag, type Noun, one, text } from '../command.ts';
import { type Complaint, isComplaint } from '../complaint.ts';
import { type ExitCode, exits } from '../exits.ts';
import type { Item } from '../show/table.ts';
import { cell, counted } from '../show/text.ts';
import { yesOption } from '../wish.ts';
import { showPlan } from './plan.ts';

const run = async (call: Call): Promise<ExitCode | Complaint> => {
  const { api, given, io, say } = call;
  const isOnlyPlan = given.flag('dry-run') || (io.stdout.isTerminal && !given.flag('yes'));
  const reply = await api.send({
    method: 'POST',
    path: `/v1/events/${segment(given.argument('EVENT'))}/revert`,
    query: isOnlyPlan ? { dryRun: true } : {},
    body: JSON.stringify({ reason: given.text('reason') }),
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': given.text('idempotency-key') ?? randomUUID() },
    timeoutMs: 300_000,
  });
  if (isComplaint(reply)) return reply;
  await showPlan(call, reply.json['plan'] as Item);
  const applied = reply.json['applied'] as Item | undefined;
  if (applied === undefined) say('Nothing was changed. To do it, say the same with --yes.');
  else say(`Undone by ${counted(applied['events'], 'event')}, position ${cell(applied['position'])}.`);
  return exits.ok;
};

export const revert: Noun = {
  name: 'revert',
  about: 'undo one event by new events',
  commands: [
    {
      about: 'undo one event where that is possible; the reason stays with the new events',
      arguments: [one('EVENT', 'event id or position')],
      options: {
        reason: text('WORDS', 'why', { required: true }),
        yes: yesOption,
        'dry-run': flag('only say what would happen'),
        'idempotency-key': text('KEY', 'names the wish: repeated with the same key it is carried out once'),
      },
      examples: ['edgelog revert 23 --reason "ticket 12: too open" --yes'],
      run,
    },
  ],
};
