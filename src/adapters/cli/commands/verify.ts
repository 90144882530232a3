/** `edgelog verify`: proves every delivered document and the log itself. */
import { flag, type Noun } from '../command.ts';
import { complain } from '../complaint.ts';
import { exits } from '../exits.ts';
import type { Item } from '../show/table.ts';
import { cell, counted } from '../show/text.ts';

const partingLine = ({ cluster, version, position }: Item): string =>
  `document of ${cell(cluster)} at version ${cell(version)}, delivered at position ${cell(position)}, does not follow from the log`;

const breakLine = ({ after, to, why }: Item): string =>
  `log between positions ${cell(after)} and ${cell(to)}: ${cell(why)}`;

type Result = { readonly documents: Item; readonly log: Item; readonly recomputed?: Item; readonly ok: boolean };

const recomputedLine = ({ cluster, version }: Item): string =>
  `document of ${cell(cluster)} in use at version ${cell(version)} is not what the log alone makes`;

const recomputedText = ({ same, documents, position }: Item): string =>
  `${cell(same)} of ${counted(documents, 'document')} in use at position ${cell(position)}: what the log alone makes.`;

export const verify: Noun = {
  name: 'verify',
  about: 'prove that what was delivered follows from the log, and that the log is unbroken',
  commands: [
    {
      about:
        'every delivered document against the log, and the log against its signed checkpoints; exit code 0 proven, 1 not',
      options: { recompute: flag('also make every document in use anew from the log alone, and compare byte by byte') },
      examples: ['edgelog verify', 'edgelog verify --recompute'],
      run: async ({ api, given, show, say, progress }) => {
        let result: Item | undefined;
        const failed = await api.lines('/v1/verify', given.flag('recompute') ? { recompute: 'true' } : {}, (line) => {
          const said = JSON.parse(line) as { readonly progress?: Item; readonly result?: Item };
          if (said.progress !== undefined)
            progress.show(
              `${cell(said.progress['what'])}: ${cell(said.progress['done'])} of ${cell(said.progress['of'])}`,
            );
          result = said.result ?? result;
        });
        progress.clear();
        if (failed !== undefined) return failed;
        if (result === undefined)
          return complain(exits.unreachable, 'The server broke off before it was through.', 'edgelog health');
        const { documents, log, recomputed, ok } = result as Result;
        if (show.format !== 'table') await show.thing(result, () => ok);
        else {
          await show.lines([
            ...(documents['differing'] as readonly Item[]).map(partingLine),
            ...(log['broken'] as readonly Item[]).map(breakLine),
            ...((recomputed?.['differing'] ?? []) as readonly Item[]).map(recomputedLine),
          ]);
        }
        say(
          `${cell(documents['proven'])} of ${counted(documents['deliveries'], 'delivery', 'deliveries')} proven; ${counted(log['events'], 'event')}, ${counted(log['checkpoints'], 'checkpoint')}, ${ok ? 'unbroken' : 'not in order'}.`,
        );
        if (recomputed !== undefined) say(recomputedText(recomputed));
        return ok ? exits.ok : exits.different;
      },
    },
  ],
};
