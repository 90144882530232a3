/** `edgelog node …` on this machine: the words of the command line become options of the node's own commands. */
import { join } from 'node:path';
import type { HookAnswer, HookRefusal, NodeWords } from '../adapters/cli/hooks.ts';
import {
  type NodeCommandAnswer,
  type NodeCommandOptions,
  nodeApply,
  nodeDiff,
  nodeExplain,
  nodeFlush,
  nodePlan,
  nodeStatus,
} from '../adapters/node/commands.ts';
import { DOCUMENT_FILE } from '../adapters/node/nodeController.ts';

const text = (options: NodeWords['options'], name: string): string | undefined => {
  const value = options[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
};

/** The document of the first node controller below the data folder, unless one is named. */
const given = ({ options }: NodeWords): NodeCommandOptions => {
  const data = text(options, 'data') ?? process.env['EDGELOG_DATA'] ?? './data';
  const name = text(options, 'node-name') ?? process.env['EDGELOG_NODE_NAME'];
  const folder = join(data, 'nodes', name ?? '127.0.0.2');
  const file = text(options, 'document-file') ?? process.env['EDGELOG_DOCUMENT_FILE'] ?? join(folder, DOCUMENT_FILE);
  return { file, nodeNames: name === undefined ? [] : [name], statusFolder: join(file, '..') };
};

const run = async (words: NodeWords): Promise<NodeCommandAnswer | undefined> => {
  const options = given(words);
  switch (words.subcommand) {
    case 'plan':
      return nodePlan({ ...options, check: words.options['check'] === true });
    case 'diff':
      return nodeDiff(options);
    case 'apply':
      return nodeApply(options);
    case 'flush':
      return nodeFlush(options);
    case 'status':
      return nodeStatus(options);
    case 'explain':
      return nodeExplain({ ...options, words: words.arguments });
    default:
      return undefined;
  }
};

export const nodeWords = async (words: NodeWords): Promise<HookAnswer | HookRefusal> => {
  const answer = await run(words);
  if (answer === undefined)
    return { refused: 'unknown-command', detail: `There is no edgelog node ${words.subcommand}.` };
  return { exit: answer.exitCode, text: answer.text, data: answer.data };
};
