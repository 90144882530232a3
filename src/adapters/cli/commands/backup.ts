/** `edgelog backup`: a copy of the log in one file, taken while it is in use and read through before it counts. */
import { type Noun, one, text } from '../command.ts';
import { showHookAnswer } from '../hookAnswer.ts';
import { localOnly } from '../sharedOptions.ts';

export const backup: Noun = {
  name: 'backup',
  about: 'copy the log to a file, while it is in use',
  commands: [
    {
      about:
        'copy one moment of the log to a new file and read every event of the copy; works on the file, not through the API',
      arguments: [one('FILE', 'file to write; it must not be there')],
      options: {
        data: text('FOLDER', 'data folder whose log is copied; it may be in use (default EDGELOG_DATA, else ./data)'),
        store: text('STORE', 'sqlite:PATH, where the log is not in the data folder'),
      },
      shares: localOnly,
      examples: ['edgelog backup /backup/events-2026-03-01.db --data /var/lib/edgelog'],
      run: async (call) => {
        const { given, hooks, environment } = call;
        const store = given.text('store');
        const answer = await hooks.backup({
          target: given.argument('FILE'),
          data: given.text('data') ?? environment['EDGELOG_DATA'] ?? './data',
          ...(store === undefined ? {} : { store }),
        });
        return showHookAnswer(call, answer);
      },
    },
  ],
};
