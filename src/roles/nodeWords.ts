/** `edgelog node …` on this machine: the words of the command line become options of the node's own commands. */
import { join } from 'node:path';
import { type Target, targetOf } from '../adapters/cli/api/target.ts';
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
import { nodeBuildIn } from './agentRole.ts';
import { StartRefused } from './role.ts';
import { whoSet } from './setBy.ts';

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
  const { options: built, tools } = nodeBuildIn(
    text(options, 'agent-options') ?? process.env['EDGELOG_AGENT_OPTIONS'] ?? '',
  );
  return {
    ...{ file, nodeNames: name === undefined ? [] : [name], statusFolder: join(file, '..') },
    ...(built === undefined ? {} : { options: built }),
    ...(tools === undefined ? {} : { tools }),
  };
};

/** Where the log can be asked; a sentence when it is not said well enough. */
const logOf = ({ options }: NodeWords): Target | string => {
  const target = targetOf({ url: text(options, 'url'), account: undefined }, process.env);
  return 'url' in target ? target : target.says;
};

const explained = (words: NodeWords, options: NodeCommandOptions): Promise<NodeCommandAnswer> => {
  const target = logOf(words);
  return nodeExplain({
    ...options,
    words: words.arguments,
    lookup: (subject, { position }) =>
      typeof target === 'string' ? { unknown: target } : whoSet(target, subject, position),
  });
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
      return explained(words, options);
    default:
      return undefined;
  }
};

export const nodeWords = async (words: NodeWords): Promise<HookAnswer | HookRefusal> => {
  let answer: NodeCommandAnswer | undefined;
  try {
    answer = await run(words);
  } catch (fault) {
    if (fault instanceof StartRefused) return { refused: 'node-options', detail: fault.message };
    throw fault;
  }
  if (answer === undefined)
    return { refused: 'unknown-command', detail: `There is no edgelog node ${words.subcommand}.` };
  return { exit: answer.exitCode, text: answer.text, data: answer.data };
};
