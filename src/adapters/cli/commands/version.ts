/** `edgelog version`: of this program, and of the one that answers if --server is given. */
import { flag, type Noun } from '../command.ts';
import { isComplaint } from '../complaint.ts';
import { exits } from '../exits.ts';

export const version: Noun = {
  name: 'version',
  about: 'version of this program',
  commands: [
    {
      about: 'version of this program; with --server also of the one that answers',
      options: { server: flag('ask the server too') },
      run: async ({ api, given, hooks, show }) => {
        const mine = { version: hooks.version, node: process.versions.node };
        if (!given.flag('server')) {
          await (show.format === 'table' ? show.lines([hooks.version]) : show.thing(mine, () => hooks.version));
          return exits.ok;
        }
        const reply = await api.get('/');
        if (isComplaint(reply)) return reply;
        const server = reply.json['version'];
        await show.thing({ ...mine, server }, () => server);
        return server === hooks.version ? exits.ok : exits.different;
      },
    },
  ],
};
