/** The web console behind the HTTP door, unless it was switched off: its mount, where browsers are sent, and its line for people. */
import { CONSOLE_PATH, createConsole } from '../adapters/console/console.ts';
import type { Mount } from '../adapters/http/route.ts';
import type { Settings } from '../adapters/settings/settings.ts';

export type ConsoleDoor = {
  readonly mounts: readonly Mount[];
  /** For `HttpOptions`: empty when there is no console. */
  readonly home: { readonly home?: string };
  readonly lines: (host: string, port: number) => readonly string[];
};

/** The files hold no data, so anyone may have them; what they show is asked of the API with its own admission. */
export const consoleDoor = (settings: Settings): ConsoleDoor => {
  if (settings.flag('no-console')) return { mounts: [], home: {}, lines: () => [] };
  const home = `${CONSOLE_PATH}/`;
  return {
    mounts: [{ path: CONSOLE_PATH, access: 'anyone', serve: createConsole() }],
    home: { home },
    lines: (host, port) => [`console             http://${host}:${port}${home}`],
  };
};
