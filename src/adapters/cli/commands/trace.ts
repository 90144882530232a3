/** `edgelog trace`: one wish through everything, with the time of each hop. */
import { segment } from '../api/api.ts';
import { type Noun, one } from '../command.ts';
import { isComplaint } from '../complaint.ts';
import { exits } from '../exits.ts';
import { askPast } from '../past.ts';
import type { Item } from '../show/table.ts';
import { cell, escapeLine } from '../show/text.ts';

const nodeLine = ({ node, applied, version, reportedAt }: Item): string => {
  const state = applied === true ? 'has it' : applied === false ? 'does not have it yet' : 'unknown';
  return `    node ${cell(node)}: ${state}, version ${cell(version)}, said at ${cell(reportedAt)}`;
};

const clusterLines = ({ cluster, version, delivered, deliveredAfterMs, nodes }: Item): readonly string[] => {
  const taken = delivered as Item | null;
  const when =
    taken === null
      ? 'no delivery recorded yet'
      : `taken at ${cell(taken['time'])} (${cell(deliveredAfterMs)} ms), as version ${cell(taken['version'])}`;
  return [
    `  document of ${cell(cluster)}, version ${cell(version)}: ${when}`,
    ...(nodes as readonly Item[]).map(nodeLine),
  ];
};

export const trace: Noun = {
  name: 'trace',
  about: 'one wish through events, documents, deliveries and nodes',
  commands: [
    {
      about: 'a command, request, event or thing through everything, with the time of each hop',
      arguments: [one('ID', 'id of a command, request or event, a position, or an instance, group, address, ...')],
      examples: ['edgelog trace i-0a1b2c3d', 'edgelog trace 17'],
      run: async (call) => {
        const { given, show } = call;
        const reply = await askPast(call, `/v1/trace/${segment(given.argument('ID'))}`);
        if (isComplaint(reply)) return reply;
        const { command, events, clusters } = reply.json;
        if (show.format !== 'table') {
          await show.thing(reply.json, () => (command as Item)['commandId']);
          return exits.ok;
        }
        const { commandId, actor, time, correlationId } = command as Item;
        await show.lines([
          `command ${cell(commandId)} by ${cell(actor)} at ${cell(time)}, request ${cell(correlationId)}`,
          ...(events as readonly Item[]).map(({ position, text }) => `  ${cell(position)} ${escapeLine(String(text))}`),
          ...(clusters as readonly Item[]).flatMap(clusterLines),
        ]);
        return exits.ok;
      },
    },
  ],
};
