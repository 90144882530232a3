/** `edgelog wiring`: what this program is made of and how its parts meet. */
import type { Noun } from '../command.ts';
import { exits } from '../exits.ts';
import { alone } from '../sharedOptions.ts';

export const wiring: Noun = {
  name: 'wiring',
  about: 'what this program is made of and how its parts meet',
  commands: [
    {
      about: 'what this program is made of and how its parts meet',
      shares: alone,
      run: async ({ hooks, show }) => {
        const text = await hooks.wiring();
        await show.raw(text.endsWith('\n') ? text : `${text}\n`);
        return exits.ok;
      },
    },
  ],
};
