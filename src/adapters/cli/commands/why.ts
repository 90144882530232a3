/** `edgelog why`: allowed or denied, by which rule, set by whom, and whether the node that decides had it by then. */
import { type Call, type Noun, one } from '../command.ts';
import type { Complaint } from '../complaint.ts';
import { isComplaint } from '../complaint.ts';
import { type ExitCode, exits } from '../exits.ts';
import { askPast, byWhom, edgeGiven, edgeOptions, momentGiven, momentOptions } from '../past.ts';
import type { Item } from '../show/table.ts';
import { escapeLine } from '../show/text.ts';

const hopLine = ({ code, text, by }: Item): string =>
  `  ${escapeLine(String(text))} [${String(code)}]${by === null ? '' : `  ${byWhom(by)}`}`;

const run = async (call: Call): Promise<ExitCode | Complaint> => {
  const { given, show } = call;
  const at = momentGiven(given);
  if (isComplaint(at)) return at;
  const [source, destination, traffic] = ['SRC', 'DST', 'TRAFFIC'].map((name) => given.argument(name));
  const reply = await askPast(call, '/v1/why', { source, destination, traffic, at, ...edgeGiven(given) });
  if (isComplaint(reply)) return reply;
  const { verdict, hops, rule, reached } = reply.json;
  if (show.format === 'table') {
    const rules =
      rule === null
        ? []
        : [
            `rule: ${escapeLine(String((rule as Item)['text']))} of ${String((rule as Item)['groupId'])}, set ${byWhom((rule as Item)['by'])}`,
          ];
    const node = reached === null ? [] : [escapeLine(String((reached as Item)['text']))];
    await show.lines([String(verdict), ...(hops as readonly Item[]).map(hopLine), ...rules, ...node]);
  } else await show.thing(reply.json, () => verdict);
  return verdict === 'allowed' ? exits.ok : exits.different;
};

export const why: Noun = {
  name: 'why',
  about: 'why traffic is allowed or denied, now or then',
  commands: [
    {
      about: 'allowed (exit code 0) or denied (1), through which rule, set by whom, and whether the node had it',
      arguments: [
        one('SRC', 'instance id or address'),
        one('DST', 'instance id or address'),
        one('TRAFFIC', 'tcp/443, udp/53, icmp/8:0, icmp, or a protocol number'),
      ],
      options: { ...momentOptions, ...edgeOptions },
      examples: [
        'edgelog why i-0a1b2c3d i-0a1b2c3e tcp/443',
        'edgelog why 192.0.2.7 198.51.100.3 tcp/22 --time 2026-03-01T02:14Z',
        'edgelog why i-0a1b2c3d 198.51.100.3 tcp/22 --masquerade --wires one',
      ],
      run,
    },
  ],
};
