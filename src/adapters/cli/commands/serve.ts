/** `edgelog serve`: the program itself. Its options are the table of settings, handed in by the composition root. */
import type { Noun, OptionSpec } from '../command.ts';
import type { ExitCode } from '../exits.ts';
import type { ServeSetting } from '../hooks.ts';
import { alone } from '../sharedOptions.ts';

const optionOf = ({ kind, about, fallback }: ServeSetting): OptionSpec => {
  const told = fallback === '' || fallback === 'false' ? about : `${about} (default ${fallback})`;
  switch (kind) {
    case 'flag':
      return { kind: 'flag', about: told };
    case 'port':
    case 'count':
      return { kind: 'text', value: 'N', about: told };
    case 'text':
    case 'list':
      return { kind: 'text', value: kind === 'list' ? 'A,B' : 'TEXT', about: told };
  }
};

/** Values are judged where settings are read; here only their names are known. */
export const serveNoun = (settings: readonly ServeSetting[]): Noun => ({
  name: 'serve',
  about: 'run the program: API, projection, delivery, controllers',
  commands: [
    {
      about: 'run the program in the foreground until SIGINT or SIGTERM',
      options: Object.fromEntries(settings.map((setting) => [setting.name, optionOf(setting)])),
      shares: alone,
      examples: ['edgelog serve --role all', 'edgelog serve --role worker --store kurrentdb://... --lanes redis://...'],
      run: ({ given, hooks }) => {
        const flags = Object.entries(given.all()).map(([name, value]) => [name, String(value)] as const);
        return hooks.serve(Object.fromEntries(flags)) as Promise<ExitCode>;
      },
    },
  ],
});
