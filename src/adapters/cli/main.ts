/**
 * The command line: finds the command, reads its arguments, runs it, and turns whatever came of it into an exit code and at
 * most one line of complaint. Decides nothing about the network: everything that does is behind the API or a hook.
 */
import { inSources } from '../shared/sourcePlace.ts';
import { createApi } from './api/api.ts';
import { targetOf } from './api/target.ts';
import { readArguments } from './arguments.ts';
import type { Call, Environment, Given, Noun } from './command.ts';
import { nameOf } from './command.ts';
import { type Complaint, complaintLine, isComplaint } from './complaint.ts';
import { exits } from './exits.ts';
import { type Found, findCommand } from './find.ts';
import { commandHelp, nounHelp, overview } from './help.ts';
import type { CliHooks } from './hooks.ts';
import type { CliIo } from './io.ts';
import { nounsOf } from './nouns.ts';
import type { Format } from './sharedOptions.ts';
import { paintFor } from './show/colour.ts';
import { progressOn } from './show/progress.ts';
import { createShow } from './show/show.ts';
import { escapeLine } from './show/text.ts';

type House = {
  readonly nouns: readonly Noun[];
  readonly environment: Environment;
  readonly io: CliIo;
  readonly hooks: CliHooks;
};

const callOf = (given: Given, { nouns, environment, io, hooks }: House): Call | Complaint => {
  const target = targetOf({ url: given.text('url'), account: given.text('account') }, environment);
  if (isComplaint(target)) return target;
  const paint = paintFor(io.stdout.isTerminal, environment, !given.flag('no-color'));
  const say = (line: string): void => {
    if (!given.flag('quiet')) void io.stderr.write(`${escapeLine(line)}\n`);
  };
  const format = (given.text('output') ?? 'table') as Format;
  return {
    given,
    api: createApi(target),
    show: createShow(format, paint, io, say),
    say,
    progress: progressOn(io, given.flag('quiet')),
    io,
    hooks,
    environment,
    nouns,
  };
};

const helpLines = ({ noun, command }: Found): readonly string[] =>
  command.verb === undefined && noun.commands.length > 1 ? nounHelp(noun) : commandHelp(noun, command);

/** Words that stand for a command: nobody should have to know which of them this program takes. */
const alias = (argv: readonly string[]): readonly string[] => {
  const [first] = argv;
  if (first === '--version' || first === '-V') return ['version', ...argv.slice(1)];
  if (first === undefined || ((first === '--help' || first === '-h') && argv.length === 1)) return ['help'];
  return argv;
};

const carryOut = async (argv: readonly string[], house: House): Promise<number | Complaint> => {
  const found = findCommand(alias(argv), house.nouns);
  if (isComplaint(found)) return found;
  const given = readArguments(found.command, found.rest, `edgelog help ${nameOf(found.noun, found.command)}`);
  if (isComplaint(given)) return given;
  if (given === 'help') {
    await house.io.stdout.write(`${helpLines(found).join('\n')}\n`);
    return exits.ok;
  }
  const call = callOf(given, house);
  return isComplaint(call) ? call : found.command.run(call);
};

const faultLine = (fault: unknown): string => {
  const { message, stack } = fault instanceof Error ? fault : new Error(String(fault));
  const where = inSources(/^ +(at .*)$/m.exec(stack ?? '')?.[1] ?? '');
  return complaintLine({ exit: exits.fault, says: `A fault of this program: ${message} ${where}` });
};

/** `argv` without the program's own name. Resolves with the exit code; never rejects. */
export const runCli = async (
  argv: readonly string[],
  environment: Environment,
  io: CliIo,
  hooks: CliHooks,
): Promise<number> => {
  const house: House = { nouns: nounsOf(hooks.settings), environment, io, hooks };
  try {
    const outcome = await carryOut(argv, house);
    if (typeof outcome === 'number') return outcome;
    if (argv.length === 0) await io.stderr.write(`${overview(house.nouns, hooks.version).join('\n')}\n`);
    await io.stderr.write(`${complaintLine(outcome)}\n`);
    return outcome.exit;
  } catch (fault) {
    await io.stderr.write(`${faultLine(fault)}\n`);
    return exits.fault;
  }
};
