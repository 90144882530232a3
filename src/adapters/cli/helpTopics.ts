/** Help that is not about one command. */
import { exitMeanings } from './exits.ts';
import { pairs } from './help.ts';
import type { CliHooks } from './hooks.ts';

export type Topic = {
  readonly name: string;
  readonly about: string;
  readonly lines: (hooks: CliHooks) => readonly string[];
};

const environment: readonly (readonly [string, string])[] = [
  ['EDGELOG_URL', 'where the API is; without it http://EDGELOG_HOST:EDGELOG_PORT, that is http://127.0.0.1:8773'],
  ['EDGELOG_KEY', 'API key; sent over https and to loopback only, unless EDGELOG_INSECURE=true'],
  ['EDGELOG_KEY_FILE', 'file that holds the API key, instead of EDGELOG_KEY'],
  ['EDGELOG_ACCOUNT', 'account for commands that concern one, twelve digits'],
  ['EDGELOG_KEYS_FILE', 'API keys file for `edgelog keys` and for `edgelog serve`'],
  ['NO_COLOR', 'no colours if set to anything'],
  ['NODE_EXTRA_CA_CERTS', 'certificates of your own authority, for https'],
];

const output: readonly string[] = [
  'Data goes to standard output, words go to standard error; --quiet silences the words.',
  '',
  ...pairs([
    ['-o table', 'for people; may change. Unknown and absent are "-", on the convergence board "unknown"'],
    [
      '-o json',
      'what the API answers, member for member (edgelog help, /openapi.json); lists are arrays over all pages',
    ],
    ['-o yaml', 'the same as YAML'],
    ['-o name', 'the id, name, address or value alone, one per line'],
  ]),
  '',
  'With --follow or --watch JSON is one object per line and YAML one document per event.',
  'Control characters in names and texts from the server are written as \\uXXXX.',
];

export const topics: readonly Topic[] = [
  {
    name: 'settings',
    about: 'settings of serve: flag, environment variable, default, meaning',
    lines: ({ describeSettings }) => describeSettings().split('\n'),
  },
  {
    name: 'exit-codes',
    about: 'what exit codes mean',
    lines: () =>
      pairs(
        exitMeanings.map(([code, meaning]) => [String(code), meaning]),
        0,
      ),
  },
  { name: 'environment', about: 'environment variables of the command line', lines: () => pairs(environment, 0) },
  { name: 'output', about: 'forms of output', lines: () => output },
];
