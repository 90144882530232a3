/** `edgelog completion`: scripts for shells, made from the table of commands. */
import { type Noun, one } from '../command.ts';
import { usage } from '../complaint.ts';
import { bashScript } from '../completion/bash.ts';
import { fishScript } from '../completion/fish.ts';
import { wordsOf } from '../completion/words.ts';
import { zshScript } from '../completion/zsh.ts';
import { exits } from '../exits.ts';
import { alone } from '../sharedOptions.ts';

const scripts: { readonly [shell: string]: typeof bashScript } = { bash: bashScript, zsh: zshScript, fish: fishScript };

export const completion: Noun = {
  name: 'completion',
  about: 'completion for bash, zsh or fish',
  commands: [
    {
      about: 'a script that teaches the shell the commands, options and their values',
      arguments: [one('SHELL', 'bash, zsh or fish')],
      shares: alone,
      examples: [
        'source <(edgelog completion bash)',
        'edgelog completion zsh > "$fpath[1]/_edgelog"',
        'edgelog completion fish > ~/.config/fish/completions/edgelog.fish',
      ],
      run: async ({ given, show, nouns }) => {
        const shell = given.argument('SHELL');
        const script = Object.hasOwn(scripts, shell) ? scripts[shell] : undefined;
        if (script === undefined)
          return usage(`There is no completion for ${JSON.stringify(shell)}.`, 'say bash, zsh or fish');
        await show.raw(script(wordsOf(nouns)));
        return exits.ok;
      },
    },
  ],
};
