/** `edgelog takeover`: the wishes that make a cloud out of the network document of one that others have run. */
import { writeFile } from 'node:fs/promises';
import { type Call, type Noun, one, text } from '../command.ts';
import { type Complaint, isComplaint, usage } from '../complaint.ts';
import { type ExitCode, exits } from '../exits.ts';
import { complaintOfHook } from '../hookAnswer.ts';
import { isHookRefusal, type Takeover } from '../hooks.ts';
import { readGiven } from '../input.ts';
import { elasticListed, groupsListed } from '../listings.ts';
import { localOnly } from '../sharedOptions.ts';
import { counted } from '../show/text.ts';

const SHOWN = 20;

const listing = async <T>(
  { given, io }: Call,
  option: string,
  read: (text: string) => readonly T[] | Complaint,
): Promise<readonly T[] | Complaint> => {
  const file = given.text(option);
  if (file === undefined) return [];
  const content = await readGiven(file, io);
  return typeof content === 'string' ? read(content) : content;
};

const some = (lines: readonly string[]): readonly string[] =>
  lines.length <= SHOWN ? lines : [...lines.slice(0, SHOWN), `... and ${lines.length - SHOWN} more`];

const reportLines = ({ counts, rejected, differences, unnamed, system }: Takeover): readonly string[] => [
  [
    counted(counts.clusters, 'cluster'),
    counted(counts.nodes, 'node'),
    counted(counts.instances, 'instance'),
    counted(counts.groups, 'group'),
    counted(counts.rules, 'rule'),
  ].join(', '),
  ...(unnamed === 0
    ? []
    : [`${counted(unnamed, 'group')} without a name, to be named by the id: give --groups to keep the names`]),
  ...(system === 0 ? [] : [`${system} public addresses become the cloud's own: give --addresses to keep elastic ones`]),
  ...some(rejected.map((line) => `refused: ${line}`)),
  ...some(differences.map((line) => `differs: ${line}`)),
  differences.length === 0
    ? 'Rehearsed: nodes would be told what they are told now.'
    : `Rehearsed: ${differences.length} things would be told otherwise. "before -> after", as a node sees it.`,
];

const take = async (call: Call): Promise<ExitCode | Complaint> => {
  const { given, hooks, io, say, show } = call;
  const groups = await listing(call, 'groups', groupsListed);
  if (isComplaint(groups)) return groups;
  const elastic = await listing(call, 'addresses', elasticListed);
  if (isComplaint(elastic)) return elastic;
  const document = await readGiven(given.argument('FILE'), io);
  if (typeof document !== 'string') return document;
  const taken = await hooks.takeover({ document, groups, elastic });
  if (isHookRefusal(taken)) return complaintOfHook(taken);
  const { wishes, ...rest } = taken;
  if (show.format === 'table') await show.lines(reportLines(taken));
  else await show.thing({ ...rest, wishes }, () => wishes.length);
  const out = given.text('out');
  if (out === undefined) say('Nothing was changed. To write the wishes down: --out FILE.');
  else {
    try {
      await writeFile(out, wishes.map((wish) => `${JSON.stringify(wish)}\n`).join(''), { mode: 0o600 });
    } catch (fault) {
      return usage(`${out} cannot be written: ${(fault as Error).message}.`);
    }
    say(`${wishes.length} wishes are in ${out}. To carry them out: edgelog batch ${out}`);
  }
  return taken.differences.length === 0 ? exits.ok : exits.different;
};

export const takeover: Noun = {
  name: 'takeover',
  about: 'take over a cloud that others have run, from its network document',
  commands: [
    {
      about:
        'the wishes that make an empty cloud into that of a network document, rehearsed in memory: exit code 0 if nodes would be told the same, 1 if not',
      arguments: [one('FILE', 'global_network_info.xml of any node; - reads standard input')],
      options: {
        groups: text('FILE', 'what euca-describe-groups verbose prints: names of groups, and those without members'),
        addresses: text('FILE', 'what euca-describe-addresses verbose prints: who owns elastic addresses'),
        out: text('FILE', 'write the wishes there, for edgelog batch'),
      },
      shares: localOnly,
      examples: ['edgelog takeover global_network_info.xml --out wishes.jsonl', 'edgelog batch wishes.jsonl'],
      run: take,
    },
  ],
};
