/** All nouns of the command line, in the order help shows them. A new one is a file below `commands/` and a line here. */
import type { Noun } from './command.ts';
import { addresses } from './commands/addresses.ts';
import { at } from './commands/at.ts';
import { audit } from './commands/audit.ts';
import { backup } from './commands/backup.ts';
import { batch } from './commands/batch.ts';
import { blame } from './commands/blame.ts';
import { clusters } from './commands/clusters.ts';
import { completion } from './commands/completion.ts';
import { config } from './commands/config.ts';
import { copy } from './commands/copy.ts';
import { diff } from './commands/diff.ts';
import { epoch } from './commands/epoch.ts';
import { events } from './commands/events.ts';
import { groups } from './commands/groups.ts';
import { health } from './commands/health.ts';
import { help } from './commands/help.ts';
import { history } from './commands/history.ts';
import { instances } from './commands/instances.ts';
import { keys } from './commands/keys.ts';
import { node } from './commands/node.ts';
import { apply, plan } from './commands/plan.ts';
import { properties } from './commands/properties.ts';
import { replay } from './commands/replay.ts';
import { revert } from './commands/revert.ts';
import { run } from './commands/run.ts';
import { serveNoun } from './commands/serve.ts';
import { status } from './commands/status.ts';
import { takeover } from './commands/takeover.ts';
import { trace } from './commands/trace.ts';
import { verify } from './commands/verify.ts';
import { version } from './commands/version.ts';
import { why } from './commands/why.ts';
import { wiring } from './commands/wiring.ts';
import type { ServeSetting } from './hooks.ts';

export const nounsOf = (settings: readonly ServeSetting[]): readonly Noun[] => [
  serveNoun(settings),
  status,
  health,
  config,
  properties,
  clusters,
  addresses,
  groups,
  run,
  instances,
  batch,
  events,
  at,
  diff,
  blame,
  why,
  history,
  trace,
  plan,
  apply,
  revert,
  verify,
  audit,
  epoch,
  keys,
  backup,
  copy,
  takeover,
  replay,
  node,
  wiring,
  completion,
  version,
  help,
];
