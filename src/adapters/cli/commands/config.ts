/** `edgelog config`: the network configuration, an EDGE JSON document. */
import { type Noun, one, text } from '../command.ts';
import { isComplaint } from '../complaint.ts';
import { exits } from '../exits.ts';
import { readGiven } from '../input.ts';
import { asksOnly, wishes } from '../sharedOptions.ts';
import { carry, carryCarefully, yesOption } from '../wish.ts';

const path = '/v1/configuration';

export const config: Noun = {
  name: 'config',
  about: 'the network configuration',
  commands: [
    {
      verb: 'get',
      about: 'the document in force, as it was posted; with -o json its members, position and revision too',
      shares: asksOnly,
      run: async ({ api, given, show }) => {
        const reply = await api.get(path, { at: given.text('at') });
        if (isComplaint(reply)) return reply;
        const written = String(reply.json['text']);
        if (show.format === 'table') await show.raw(written.endsWith('\n') ? written : `${written}\n`);
        else await show.thing(reply.json, () => reply.json['revision']);
        return exits.ok;
      },
    },
    {
      verb: 'apply',
      about: 'replace the configuration by this document',
      arguments: [one('FILE', 'an EDGE JSON document; - reads standard input')],
      options: { token: text('TOKEN', 'token of a dry run: refused if the world moved since') },
      shares: wishes,
      examples: ['edgelog config apply network.json --dry-run', 'edgelog config apply network.json --wait applied'],
      run: async (call) => {
        const body = await readGiven(call.given.argument('FILE'), call.io);
        if (isComplaint(body)) return body;
        return carry(call, { method: 'PUT', path, body, query: { token: call.given.text('token') } });
      },
    },
    {
      verb: 'clear',
      about: 'remove the configuration',
      options: { yes: yesOption },
      shares: wishes,
      run: (call) => carryCarefully(call, { method: 'DELETE', path }),
    },
  ],
};
