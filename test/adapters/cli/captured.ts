/** Runs the command line in this process and captures what it says: streams that are texts, hooks that are the real parts. */

import type { CliHooks } from '../../../src/adapters/cli/hooks.ts';
import type { CliIo } from '../../../src/adapters/cli/io.ts';
import { runCli } from '../../../src/adapters/cli/main.ts';
import { createApiKey } from '../../../src/adapters/http/auth.ts';
import { readKeysFile } from '../../../src/adapters/http/keysFile.ts';
import { describeSettings, settingsTable } from '../../../src/adapters/settings/table.ts';
import { makeKeys } from '../../../src/adapters/soap/keys.ts';
import { isRefusal } from '../../../src/domain/refusals.ts';
import { cliHooks } from '../../../src/roles/hooks.ts';

export type Captured = { readonly exit: number; readonly out: string; readonly err: string };

export type Terminal = { readonly input?: string; readonly isTerminal?: boolean; readonly columns?: number };

export const capture = ({ input = '', isTerminal = false, columns }: Terminal = {}) => {
  const said = { out: '', err: '' };
  const output = (name: 'out' | 'err'): CliIo['stdout'] => ({
    write: async (text) => {
      said[name] += text;
    },
    isTerminal,
    columns: () => columns,
  });
  const io: CliIo = { stdout: output('out'), stderr: output('err'), readInput: async () => input };
  return { io, said };
};

export type HookCalls = { readonly serve: unknown[]; readonly node: unknown[]; readonly copy: unknown[] };

/** Keys and settings are the real ones; what would start a program or touch a machine is written down instead. */
export const hooksFor = (calls: HookCalls = { serve: [], node: [], copy: [] }): CliHooks => ({
  version: '0.0.0-test',
  settings: settingsTable,
  describeSettings,
  serve: async (flags) => {
    calls.serve.push(flags);
    return 0;
  },
  backup: cliHooks.backup,
  copy: async (options, words) => {
    calls.copy.push(options);
    words.say('copied');
    return { exit: 0, text: '3 events', data: { events: 3 } };
  },
  node: async (words) => {
    calls.node.push(words);
    return words.subcommand === 'apply'
      ? { refused: 'not-root', detail: 'Programming the kernel takes root.', next: 'try --check' }
      : { exit: 1, text: 'differs', data: { differs: true } };
  },
  keysInit: async ({ folder, years }) => {
    const owners = ['cloud' as const];
    const made = await makeKeys({ folder, owners, nowMs: 0, ...(years === undefined ? {} : { years }) });
    return isRefusal(made) ? { refused: made.refused, detail: made.detail } : made;
  },
  apiKeys: async () => ({ read: readKeysFile, make: createApiKey }),
  replay: async () => ({ exit: 0, text: 'all the same', data: { same: true } }),
  checkBundle: cliHooks.checkBundle,
  takeover: cliHooks.takeover,
  wiring: async () => 'parts and how they meet',
});

export const run = async (
  argv: readonly string[],
  environment: Readonly<Record<string, string | undefined>> = {},
  terminal: Terminal = {},
  hooks: CliHooks = hooksFor(),
): Promise<Captured> => {
  const { io, said } = capture(terminal);
  const exit = await runCli(argv, environment, io, hooks);
  return { exit, ...said };
};
