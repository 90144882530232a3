/**
 * The composition root. What a process is made of is in `roles/`, one file per role; this file hands the command line what
 * only the root can do, and turns its answer into an exit code.
 */
import { ioOf } from './adapters/cli/io.ts';
import { runCli } from './adapters/cli/main.ts';
import { cliHooks } from './roles/hooks.ts';

const io = ioOf(process, () => process.exit(0));

// The exit is said out loud: a fetch or a timer that is still open must not keep a finished command waiting.
process.exit(await runCli(process.argv.slice(2), process.env, io, cliHooks));
