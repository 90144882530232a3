/**
 * The file of API keys read again on SIGHUP, so that keys can be added and taken away without a restart. A file that cannot be
 * taken leaves the keys as they are, and says so; it is never half taken. Open event streams end, because nobody knows whether
 * their keys still count, and their clients come back where they were.
 */
import type { KeyRecord } from '../adapters/http/auth.ts';
import type { Journal } from './journal.ts';
import type { Part } from './role.ts';

/**
 * Without a file there is nothing to read again. Then the signal ends a program at a terminal that goes away, as it always does,
 * and is no reason to end for one that runs as a service: whoever supervises it may send it for a reload.
 */
export const keysReloadPart = (
  file: string,
  replaceKeys: (keys: readonly KeyRecord[]) => void,
  journal: Journal,
): Part => {
  const read = async (): Promise<void> => {
    if (file === '') {
      journal.note('there is no keys file to read again');
      return;
    }
    try {
      const { readKeysFile } = await import('../adapters/http/keysFile.ts');
      const keys = readKeysFile(file);
      replaceKeys(keys);
      journal.note('the keys were read again', { file, keys: keys.length });
    } catch (fault) {
      journal.fault('the keys could not be read again; those read before still count', fault);
    }
  };
  const reload = (): void => void read();
  return {
    name: 'keys',
    about: 'reads the file of API keys again on SIGHUP',
    start: async () => {
      if (file !== '' || !process.stdin.isTTY) process.on('SIGHUP', reload);
      return [];
    },
    stop: async () => {
      process.off('SIGHUP', reload);
    },
  };
};
