/** `edgelog plan` and `edgelog apply`: what a file of wishes would do, and doing exactly that, or nothing if the world has moved. */
import { writeFile } from 'node:fs/promises';
import { type Call, flag, list, type Noun, one, text } from '../command.ts';
import { type Complaint, complain, isComplaint, usage } from '../complaint.ts';
import { type ExitCode, exits } from '../exits.ts';
import { readGiven } from '../input.ts';
import { changeLine, documentLines, edgeGiven, edgeOptions } from '../past.ts';
import type { Item } from '../show/table.ts';
import { cell, counted } from '../show/text.ts';

const PATIENCE_MS = 300_000;

/** A list of commands, lines of commands, or a network configuration. */
const commandsIn = (content: string, file: string): readonly unknown[] | Complaint => {
  const lines = content.trim().split('\n');
  try {
    const value: unknown = JSON.parse(content);
    if (Array.isArray(value)) return value;
    if (typeof value === 'object' && value !== null && 'command' in value) return [value];
    return [{ command: 'PostConfiguration', text: content }];
  } catch {
    try {
      return lines.map((line) => JSON.parse(line) as unknown);
    } catch {
      return usage(`${file} holds neither a configuration nor commands: it is not JSON.`);
    }
  }
};

const post = (call: Call, path: string, body: object) =>
  call.api.send({
    method: 'POST',
    path,
    body: JSON.stringify(body),
    headers: { 'Content-Type': 'application/json' },
    timeoutMs: PATIENCE_MS,
  });

const flowLine = (sign: string, { source, destination, via, traffic }: Item): string =>
  `${sign} flow ${cell(source)} -> ${cell(destination)}${via === null ? '' : ` (by ${cell(via)})`} ${JSON.stringify(traffic)}`;

const reportLines = ({ events, changes, documents, flows, configuration }: Item): readonly string[] => {
  const { gained, lost, gainedPairs, lostPairs } = flows as Item;
  return [
    counted((events as readonly unknown[]).length, 'event'),
    ...(changes as readonly Item[]).map(changeLine),
    ...(gained as readonly Item[]).map((flow) => flowLine('+', flow)),
    ...(lost as readonly Item[]).map((flow) => flowLine('-', flow)),
    `flows: ${cell(gainedPairs)} gained, ${cell(lostPairs)} lost`,
    ...(configuration === null ? [] : [`configuration: ${JSON.stringify(configuration)}`]),
    ...documentLines(documents as readonly Item[]),
  ];
};

export const showPlan = async ({ show }: Call, report: Item): Promise<void> =>
  show.format === 'table' ? show.lines(reportLines(report)) : show.thing(report, () => report['token']);

const runPlan = async (call: Call): Promise<ExitCode | Complaint> => {
  const { given, io, say } = call;
  const file = given.argument('FILE');
  const content = await readGiven(file, io);
  if (typeof content !== 'string') return content;
  const commands = commandsIn(content, file);
  if (isComplaint(commands)) return commands;
  const reply = await post(call, '/v1/plans', { commands, sources: given.list('source'), edge: edgeGiven(given) });
  if (isComplaint(reply)) return reply;
  await showPlan(call, reply.json);
  const out = given.text('out');
  if (out !== undefined) {
    const { planId, token } = reply.json;
    await writeFile(out, `${JSON.stringify({ edgelog: 'plan', planId, token, commands }, null, 2)}\n`, { mode: 0o600 });
    say(`Written to ${out}. To do it: edgelog apply ${out}`);
  } else say('Nothing was changed. To do exactly this later: --out PLAN, then edgelog apply PLAN.');
  return reply.json['changed'] === true ? exits.different : exits.ok;
};

const runApply = async (call: Call): Promise<ExitCode | Complaint> => {
  const { given, io, say, show } = call;
  const file = given.argument('PLAN');
  const content = await readGiven(file, io);
  if (typeof content !== 'string') return content;
  const commands = commandsIn(content, file);
  if (isComplaint(commands)) return commands;
  const plan = JSON.parse(content) as Item;
  if (plan['edgelog'] !== 'plan') return usage(`${file} is no plan.`, 'edgelog plan FILE --out PLAN');
  const { planId, token } = plan;
  const reply = await post(call, '/v1/plans/apply', {
    ...{ planId, token, commands: plan['commands'] },
    ...(given.flag('resume') ? { resume: true } : {}),
  });
  if (isComplaint(reply)) {
    return reply.code === 'world-moved'
      ? { ...reply, ...complain(exits.refused, reply.says, `edgelog plan FILE --out ${file}`) }
      : reply;
  }
  const { events, position, repeated } = reply.json;
  if (show.format !== 'table') await show.thing(reply.json, () => position);
  say(`${repeated === true ? 'Done before' : 'Done'}: ${counted(events, 'event')}, position ${cell(position)}.`);
  return exits.ok;
};

export const plan: Noun = {
  name: 'plan',
  about: 'what a configuration or a list of commands would do',
  commands: [
    {
      about:
        'events, documents, flows gained and lost, addresses orphaned; exit code 0 nothing, 1 something would change',
      arguments: [one('FILE', 'a network configuration, or commands as in a batch; - for standard input')],
      options: {
        out: text('PLAN', 'write the plan to this file, for `edgelog apply`'),
        source: list('ADDRESS', 'an address outside whose flows are looked at, too (may be repeated)'),
        ...edgeOptions,
      },
      examples: ['edgelog plan edge.json --out edge.plan', 'edgelog plan commands.ndjson --source 192.0.2.7'],
      run: runPlan,
    },
  ],
};

export const apply: Noun = {
  name: 'apply',
  about: 'do what a plan said, or nothing if the world has moved',
  commands: [
    {
      about: 'do exactly what a plan said; refused when anything it rests on has changed',
      arguments: [one('PLAN', 'file written by `edgelog plan --out`')],
      options: { resume: flag('where a part of it was done: decide the rest anew, on the world as it is') },
      examples: ['edgelog apply edge.plan'],
      run: runApply,
    },
  ],
};
