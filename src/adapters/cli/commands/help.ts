/** `edgelog help`: of everything, of one noun, of one command, of a topic. */
import { any, type Noun } from '../command.ts';
import { usage } from '../complaint.ts';
import { exits } from '../exits.ts';
import { commandHelp, nounHelp, overview } from '../help.ts';
import { topics } from '../helpTopics.ts';
import { nearest } from '../nearest.ts';
import { alone } from '../sharedOptions.ts';

export const help: Noun = {
  name: 'help',
  about: 'help: edgelog help [NOUN [VERB] | settings | exit-codes | environment | output]',
  commands: [
    {
      about: 'help about everything, a noun, a command or a topic',
      arguments: [any('WORD', 'a noun and its verb, or a topic')],
      shares: alone,
      run: async ({ given, hooks, show, nouns }) => {
        const [first, second] = given.rest('WORD');
        if (first === undefined) {
          await show.lines(overview(nouns, hooks.version));
          return exits.ok;
        }
        const topic = topics.find(({ name }) => name === first);
        if (topic !== undefined) {
          await show.lines(topic.lines(hooks));
          return exits.ok;
        }
        const noun = nouns.find(({ name }) => name === first);
        if (noun === undefined) {
          const meant = nearest(
            first,
            [...nouns, ...topics].map(({ name }) => name),
          );
          return usage(
            `There is no help about ${JSON.stringify(first)}.${meant === undefined ? '' : ` Did you mean "${meant}"?`}`,
            'edgelog help',
          );
        }
        const command = noun.commands.find(({ verb }) => verb === second);
        await show.lines(second === undefined || command === undefined ? nounHelp(noun) : commandHelp(noun, command));
        return exits.ok;
      },
    },
  ],
};
