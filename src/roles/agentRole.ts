/**
 * The node agent of this process: follows the document beside a node controller, in this process or in another, and speaks to
 * it through the files both know. Without the operator's word it only plans. What its kernel counts is written beside its
 * status for a node exporter, because a process of this role alone has no door.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createAgent } from '../adapters/node/agent/agent.ts';
import type { Agent } from '../adapters/node/agent/agentModel.ts';
import { DOCUMENT_FILE } from '../adapters/node/nodeController.ts';
import { type NodeBuild, readNodeOptions } from '../adapters/node/nodeOptions.ts';
import type { Settings } from '../adapters/settings/settings.ts';
import { replaceFile } from '../adapters/shared/atomicFile.ts';
import { type AgentSource, agentFiguresText } from '../adapters/telemetry/agentFigures.ts';
import { isRefusal } from '../domain/refusals.ts';
import type { Journal } from './journal.ts';
import { nodeFolder } from './nodeRole.ts';
import { type Role, roleOf, StartRefused } from './role.ts';

export type AgentRoleOptions = {
  readonly settings: Settings;
  /** The node's name in the document. */
  readonly name: string;
  readonly mode: 'kernel' | 'plan';
  readonly journal: Journal;
  readonly now: () => number;
};

/** `figures` is there when a kernel counts. */
export type AgentRole = { readonly role: Role; readonly figures?: AgentSource };

const FIGURES_FILE = 'edgelog.prom';
const FIGURES_EVERY_MS = 15_000;

/** Which nodes of this process get an agent, and what it may do. Throws StartRefused for a wish that cannot be met. */
export const agentsOf = (
  settings: Settings,
  names: readonly string[],
): readonly Pick<AgentRoleOptions, 'name' | 'mode'>[] => {
  if (!settings.flag('program-kernel')) return names.map((name) => ({ name, mode: 'plan' }));
  if (process.getuid?.() !== 0)
    throw new StartRefused('--program-kernel needs root: it changes the rules of the kernel.');
  const wished = settings.text('node-name') || (names.length === 1 ? names[0] : undefined);
  if (wished === undefined || !names.includes(wished)) {
    throw new StartRefused(
      `One kernel is one node. Say which of ${names.join(', ')} this machine is: --node-name NAME`,
    );
  }
  return names.map((name) => ({ name, mode: name === wished ? 'kernel' : 'plan' }));
};

/** How this node is built, from the operator's file. Throws StartRefused when it cannot be read or says what nobody knows. */
export const nodeBuildIn = (file: string): NodeBuild => {
  if (file === '') return {};
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new StartRefused(`Cannot read --agent-options ${file}: ${(error as Error).message}`);
  }
  const build = readNodeOptions(text);
  if (isRefusal(build)) throw new StartRefused(`--agent-options ${file}: ${build.detail}`);
  return build;
};

const sourceOf = (node: string, agent: Agent): AgentSource => ({
  node,
  traffic: agent.traffic,
  drops: agent.drops,
  applied: () => agent.status().applied?.position,
});

/** Writes the figures every so often while it runs, and once more at the end. */
const figuresFile = (file: string, source: AgentSource, journal: Journal) => {
  const text = agentFiguresText(source);
  let timer: NodeJS.Timeout | undefined;
  const write = async (): Promise<void> => {
    try {
      await replaceFile(file, [Buffer.from(await text())], 0o644);
    } catch (fault) {
      journal.fault('the figures of the agent cannot be written', fault);
    }
  };
  return {
    name: 'figures file',
    about: "writes what the kernel counted beside the agent's status, for a node exporter",
    start: async () => {
      await write();
      timer = setInterval(() => void write(), FIGURES_EVERY_MS);
      return [`node figures        ${file}`];
    },
    stop: async () => {
      clearInterval(timer);
      await write();
    },
  };
};

export const agentRole = ({ settings, name, mode, journal, now }: AgentRoleOptions): AgentRole => {
  const file = settings.text('document-file') || join(nodeFolder(settings, name), DOCUMENT_FILE);
  const statusFolder = dirname(file);
  let refused = '';
  const agent = createAgent({
    ...nodeBuildIn(settings.text('agent-options')),
    ...{ file, mode, now, nodeNames: [name], statusFolder },
    onReport: ({ refusal }) => {
      const said = refusal === undefined ? '' : `${refusal.reason}: ${refusal.detail}`;
      if (said !== '' && said !== refused) journal.note('the agent refuses', { node: name, ...refusal });
      refused = said;
    },
  });
  const counts = mode === 'kernel' ? sourceOf(name, agent) : undefined;
  const role = roleOf(`agent ${name}`, [
    {
      name: 'node agent',
      about: 'plans what the document means for this node, and programs the kernel if it was told to',
      start: async () => {
        await agent.start();
        return [`node agent          ${mode === 'kernel' ? 'programs the kernel' : 'plans only'}  follows ${file}`];
      },
      stop: agent.stop,
    },
    ...(counts === undefined ? [] : [figuresFile(join(statusFolder, FIGURES_FILE), counts, journal)]),
  ]);
  return counts === undefined ? { role } : { role, figures: counts };
};
