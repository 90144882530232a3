/**
 * What only the composition root can do for the command line: serving, moving a log, keys, the node agent's commands, the
 * wiring. Heavy rooms are imported when they are asked for, so that `edgelog help` starts at once.
 */
import { resolve } from 'node:path';
import type { CliHooks, HookRefusal } from '../adapters/cli/hooks.ts';
import { describeSettings, settingsTable } from '../adapters/settings/table.ts';
import { isRefusal } from '../domain/refusals.ts';
import { VERSION } from './version.ts';

const refused = (why: string, detail: string, next?: string): HookRefusal => ({
  refused: why,
  detail,
  ...(next === undefined ? {} : { next }),
});

const keysInit: CliHooks['keysInit'] = async ({ folder, owners, years }) => {
  const { makeKeys } = await import('../adapters/soap/keys.ts');
  const wished = owners.filter((owner) => owner === 'cloud' || owner === 'cluster' || owner === 'node');
  if (wished.length !== owners.length) return refused('unknown-owner', 'Keys belong to cloud, cluster or node.');
  const made = await makeKeys({
    folder: resolve(folder),
    nowMs: Date.now(),
    ...(wished.length === 0 ? {} : { owners: wished }),
    ...(years === undefined ? {} : { years }),
  });
  return isRefusal(made) ? refused(made.refused, made.detail) : made;
};

const apiKeys: CliHooks['apiKeys'] = async () => {
  const { readKeysFile } = await import('../adapters/http/keysFile.ts');
  const { createApiKey } = await import('../adapters/http/auth.ts');
  return { read: readKeysFile, make: createApiKey };
};

const checkBundle: CliHooks['checkBundle'] = async (bundle, publicKey, anchor) => {
  const { checkBundleStream } = await import('../adapters/audit/bundleProof.ts');
  const { createHolding } = await import('../adapters/audit/anchor.ts');
  const holding = createHolding(anchor ?? '', publicKey);
  const checked = await checkBundleStream(bundle, publicKey, anchor === undefined ? undefined : holding.onPeaks);
  if (!checked.ok) {
    const where = checked.line === undefined ? '' : ` Line ${checked.line}.`;
    return { exit: 1, text: `Not genuine: ${checked.why}${where}`, data: checked };
  }
  const { events, from, to, cloud, signedAt, key } = checked;
  const text = `Genuine: ${events} events of cloud ${cloud}, positions ${from} to ${to}, signed ${signedAt} with key ${key}.`;
  if (anchor === undefined) return { exit: 0, text, data: checked };
  const held = holding.end(checked);
  if (!held.ok) return { exit: 1, text: `${text}\nNot what was signed before: ${held.why}`, data: held };
  const newest = `the checkpoint of ${held.size} events, up to position ${held.position}`;
  const agrees =
    held.checkpoints === 1
      ? `It agrees with ${newest}.`
      : `It agrees with ${held.checkpoints} checkpoints, the newest ${newest}.`;
  return { exit: 0, text: `${text}\n${agrees}`, data: { ...checked, anchor: held } };
};

export const cliHooks: CliHooks = {
  version: VERSION,
  settings: settingsTable,
  describeSettings,
  serve: async (flags) => (await import('./serve.ts')).serve(flags, process.env),
  copy: async (options, words) => (await import('./logWords.ts')).copyWords(options, words),
  backup: async (options) => (await import('./logWords.ts')).backupWords(options),
  keysInit,
  apiKeys,
  node: async (words) => (await import('./nodeWords.ts')).nodeWords(words),
  replay: async (asked, words) => (await import('./replayWords.ts')).replayWords(asked, words),
  checkBundle,
  takeover: async (words) => (await import('./takeover.ts')).rehearseTakeover(words),
  wiring: async () => (await import('./wiring.ts')).describeWiring(),
};
