/** Reads settings: a flag wins over the environment, the environment over the default. Bad values are one clear sentence. */
import { environmentName, type Setting, type SettingName, settingsTable } from './table.ts';

export type Settings = {
  readonly text: (name: SettingName) => string;
  readonly number: (name: SettingName) => number;
  readonly flag: (name: SettingName) => boolean;
  readonly list: (name: SettingName) => readonly string[];
};

export type SettingFault = { readonly setting: string; readonly problem: string };
export const isSettingFault = (x: Settings | SettingFault): x is SettingFault => 'problem' in x;

const wrong = (setting: Setting, value: string): string | undefined => {
  switch (setting.kind) {
    case 'port':
      return /^\d{1,5}$/.test(value) && Number(value) <= 65535 ? undefined : 'a port from 0 to 65535';
    case 'count':
      return /^\d{1,12}$/.test(value) ? undefined : 'a whole number';
    case 'flag':
      return ['true', 'false', '1', '0', 'yes', 'no', ''].includes(value) ? undefined : 'true or false';
    case 'text':
    case 'list':
      return undefined;
  }
};

/** `flags`: name without dashes -> value (`true` for a bare flag). */
export const readSettings = (
  flags: Readonly<Record<string, string>>,
  environment: Readonly<Record<string, string | undefined>>,
): Settings | SettingFault => {
  const values = new Map<string, string>();
  for (const name of Object.keys(flags)) {
    if (!settingsTable.some((setting) => setting.name === name)) {
      return { setting: `--${name}`, problem: `There is no setting --${name}. See: edgelog help settings` };
    }
  }
  for (const setting of settingsTable) {
    const given = flags[setting.name] ?? environment[environmentName(setting.name)];
    const value = given ?? setting.fallback;
    const expected = wrong(setting, value);
    if (expected !== undefined) {
      return { setting: setting.name, problem: `--${setting.name} is ${JSON.stringify(value)}, expected ${expected}.` };
    }
    values.set(setting.name, value);
  }
  const text = (name: SettingName): string => values.get(name) ?? '';
  return {
    text,
    number: (name) => Number(text(name)),
    flag: (name) => ['true', '1', 'yes'].includes(text(name)),
    list: (name) =>
      text(name)
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== ''),
  };
};
