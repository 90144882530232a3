/** Shows what a hook of the composition root answered, as any other command shows its data. */
import type { Call } from './command.ts';
import { type Complaint, complain } from './complaint.ts';
import { type ExitCode, exits } from './exits.ts';
import { type HookAnswer, type HookRefusal, isHookRefusal } from './hooks.ts';

export const complaintOfHook = ({ refused, detail, next, exit = exits.refused }: HookRefusal): Complaint => ({
  ...complain(exit, detail, next),
  code: refused,
});

export const showHookAnswer = async (
  { show }: Call,
  answer: HookAnswer | HookRefusal,
): Promise<ExitCode | Complaint> => {
  if (isHookRefusal(answer)) return complaintOfHook(answer);
  if (show.format !== 'table') await show.thing(answer.data, () => '');
  else if (answer.text !== '') await show.raw(answer.text.endsWith('\n') ? answer.text : `${answer.text}\n`);
  return answer.exit;
};
