/**
 * Where controllers may listen. Whoever can send an unsigned document to a controller says what the network is, so beyond
 * loopback messages are signed, or the operator has said by name that they need not be (security list S1).
 */
import { isLoopback } from '../adapters/http/auth.ts';
import type { Settings } from '../adapters/settings/settings.ts';
import { StartRefused } from './role.ts';

/** Throws StartRefused for the first address that others can reach without a signature. */
export const assertSignedEnds = (settings: Settings, hosts: readonly string[]): void => {
  if (settings.text('wire-keys') !== '' || settings.flag('insecure')) return;
  const open = hosts.find((host) => !isLoopback(host));
  if (open === undefined) return;
  throw new StartRefused(
    `Refusing to take unsigned documents on ${open}: anybody who can reach it could change the network. ` +
      'Make keys (edgelog keys init FOLDER) and say --wire-keys FOLDER, listen on 127.0.0.1, or say --insecure.',
  );
};
