/** `edgelog health`: whether the program takes commands, and if not, what is wrong. Needs no key. */
import type { Call, Noun } from '../command.ts';
import { isComplaint } from '../complaint.ts';
import { exits } from '../exits.ts';
import { column, type Item } from '../show/table.ts';

const columns = [
  column('CHECK', 'name'),
  column('WELL', 'ok', ({ ok }) => (ok === true ? 'good' : 'bad')),
  column('DETAIL', 'detail'),
];

/** The probe says yes or no to anybody; details are for those whose key may read them. */
const detailed = async ({ api }: Call): Promise<readonly Item[] | undefined> => {
  const status = await api.get('/v1/status');
  return isComplaint(status) ? undefined : (status.json['checks'] as readonly Item[]);
};

export const health: Noun = {
  name: 'health',
  about: 'whether the program is in sync and takes commands',
  commands: [
    {
      about: 'whether the program is in sync and takes commands: exit code 0 if so, 1 if not, 3 if nobody answers',
      run: async (call) => {
        const { api, show, say } = call;
        const reply = await api.probe('/readyz');
        if (isComplaint(reply)) return reply;
        const isReady = reply.status === 200;
        const checks = (await detailed(call)) ?? (reply.json['checks'] as readonly Item[] | undefined) ?? [];
        if (show.format === 'table') await show.list(checks, columns, ({ name }) => name);
        else await show.thing({ ...reply.json, checks }, () => reply.json['status']);
        say(isReady ? 'Ready.' : 'Not ready.');
        return isReady ? exits.ok : exits.different;
      },
    },
  ],
};
