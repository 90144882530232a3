/** `edgelog run`: new instances. */
import { count, flag, list, type Noun, text } from '../command.ts';
import { wishesInAccount } from '../sharedOptions.ts';
import { carry } from '../wish.ts';

export const run: Noun = {
  name: 'run',
  about: 'run instances in a cluster',
  commands: [
    {
      about: 'run instances in a cluster, with addresses and group membership',
      options: {
        cluster: text('NAME', 'cluster to run in', { required: true }),
        count: count('how many (default 1)', 1, 1000),
        id: list('ID', 'id wished for; may be given several times instead of --count'),
        group: list(
          'GROUP',
          'group to be in, id or name; may be given several times (default: the account’s default group)',
          { short: 'g' },
        ),
        private: flag('without a public address'),
        node: text('NODE', 'node to place them on'),
      },
      shares: wishesInAccount,
      examples: ['edgelog run --cluster PARTI00 --count 3 --group web --private --wait applied'],
      run: (call) => {
        const { given } = call;
        const ids = given.list('id');
        const many = given.count('count');
        const node = given.text('node');
        const groups = given.list('group');
        const body = {
          cluster: given.text('cluster'),
          ...(many === undefined ? {} : { count: many }),
          ...(ids.length === 0 ? {} : { instanceIds: ids }),
          ...(groups.length === 0 ? {} : { groups }),
          addressing: given.flag('private') ? 'private' : 'public',
          ...(node === undefined ? {} : { node }),
        };
        return carry(call, { method: 'POST', path: '/v1/instances', body });
      },
    },
  ],
};
