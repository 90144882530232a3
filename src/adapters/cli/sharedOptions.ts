/** Options that mean the same wherever they appear, in groups that a command takes as a whole. */
import { type CommandSpec, choice, count, flag, type OptionSpecs, type SharedGroup, text } from './command.ts';

export const formats = ['table', 'json', 'yaml', 'name'] as const;
export type Format = (typeof formats)[number];

export const waitLevels = ['none', 'projected', 'published', 'delivered', 'applied'] as const;
/** Far enough that whoever reads next sees what was done. */
export const usualWait = 'projected';
export const usualTimeoutSeconds = 10;

export const sharedOptions: { readonly [G in SharedGroup]: OptionSpecs } = {
  output: {
    output: choice(formats, 'how data is written to standard output (default table)', { short: 'o' }),
    quiet: flag('no words on standard error unless something is wrong', { short: 'q' }),
    'no-color': flag('no colours, as with NO_COLOR=1'),
  },
  server: {
    url: text('URL', 'where the API is (default EDGELOG_URL, else http://127.0.0.1:8773)'),
  },
  account: {
    account: text('NUMBER', 'account the wish or question is about, twelve digits (default EDGELOG_ACCOUNT)'),
  },
  reading: {
    at: text('MOMENT', 'answer for a past moment: position, time with its zone, or event id'),
  },
  wishing: {
    wait: choice(waitLevels, `come back when it has got this far (default ${usualWait})`),
    timeout: count(`seconds to wait at most (default ${usualTimeoutSeconds})`, 1, 120),
    'dry-run': flag('only say what would happen'),
    'if-match': text('REVISION', 'refuse if the thing has another revision by now'),
    'idempotency-key': text('KEY', 'names the wish: repeated with the same key it is carried out once'),
  },
};

/** For a person who wants help; never listed as an option of one command. */
export const helpOption = flag('this help', { short: 'h' });

const usualShares: readonly SharedGroup[] = ['output', 'server'];

export const sharesOf = ({ shares }: CommandSpec): readonly SharedGroup[] => shares ?? usualShares;

/** All options a command takes: its own, and those it shares. */
export const optionsOf = (command: CommandSpec): OptionSpecs =>
  Object.assign({}, ...sharesOf(command).map((group) => sharedOptions[group]), command.options ?? {}, {
    help: helpOption,
  }) as OptionSpecs;

/** Ready-made sets for commands. */
export const asksOnly: readonly SharedGroup[] = ['output', 'server', 'reading'];
export const asksInAccount: readonly SharedGroup[] = ['output', 'server', 'account', 'reading'];
export const wishes: readonly SharedGroup[] = ['output', 'server', 'wishing'];
export const wishesInAccount: readonly SharedGroup[] = ['output', 'server', 'account', 'wishing'];
export const alone: readonly SharedGroup[] = [];
export const localOnly: readonly SharedGroup[] = ['output'];
