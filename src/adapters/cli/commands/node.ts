/** `edgelog node`: what the node agent would do, does and did on this machine. The agent itself stands behind a hook. */
import { type ArgumentSpec, any, type CommandSpec, flag, type Noun, text } from '../command.ts';
import { showHookAnswer } from '../hookAnswer.ts';
import { localOnly } from '../sharedOptions.ts';

const options = {
  'document-file': text('FILE', 'the network document (default: the node controller’s below the data folder)'),
  'node-name': text('NAME', 'name of this node in the document'),
  data: text('FOLDER', 'data folder'),
  'agent-options': text('FILE', 'how this node is built, as for `edgelog serve`'),
};

const onNode = (
  subcommand: string,
  about: string,
  more: Pick<CommandSpec, 'options' | 'shares'> & { readonly arguments?: readonly ArgumentSpec[] } = {},
): CommandSpec => ({
  verb: subcommand,
  about,
  options: { ...options, ...more.options },
  ...(more.arguments === undefined ? {} : { arguments: more.arguments }),
  shares: more.shares ?? localOnly,
  run: async (call) => {
    const { output: _output, quiet: _quiet, 'no-color': _noColor, ...given } = call.given.all();
    const flat = Object.fromEntries(
      Object.entries(given).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : value]),
    ) as Record<string, string | boolean>;
    const words = more.arguments?.flatMap(({ name }) => call.given.rest(name)) ?? [];
    return showHookAnswer(call, await call.hooks.node({ subcommand, options: flat, arguments: words }));
  },
});

const check = { check: flag('try it in a namespace of its own; needs no root') };

export const node: Noun = {
  name: 'node',
  about: 'the node agent: plan, difference to the kernel, state',
  commands: [
    onNode('plan', 'the ruleset and host state the document asks for on this node', { options: check }),
    onNode('diff', 'how the kernel differs from that; exit code 0 if not, 1 if so'),
    onNode('apply', 'program the kernel once (root)'),
    onNode('flush', 'take away everything the agent programmed (root)'),
    onNode('status', 'what is applied, and what was wrong'),
    onNode('explain', 'which rule decides a packet, and which event set it', {
      shares: ['output', 'server'],
      arguments: [any('FRAME', 'the packet, e.g. from=i-1 to=i-2 tcp/443')],
    }),
  ],
};
