/**
 * The node agent of this process: follows the document beside a node controller, in this process or in another, and speaks to
 * it through the files both know. Without the operator's word it only plans.
 */
import { dirname, join } from 'node:path';
import { createAgent } from '../adapters/node/agent/agent.ts';
import { DOCUMENT_FILE } from '../adapters/node/nodeController.ts';
import type { Settings } from '../adapters/settings/settings.ts';
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

export const agentRole = ({ settings, name, mode, journal, now }: AgentRoleOptions): Role => {
  const file = settings.text('document-file') || join(nodeFolder(settings, name), DOCUMENT_FILE);
  let refused = '';
  const agent = createAgent({
    ...{ file, mode, now, nodeNames: [name], statusFolder: dirname(file) },
    onReport: ({ refusal }) => {
      const said = refusal === undefined ? '' : `${refusal.reason}: ${refusal.detail}`;
      if (said !== '' && said !== refused) journal.note('the agent refuses', { node: name, ...refusal });
      refused = said;
    },
  });
  return roleOf(`agent ${name}`, [
    {
      name: 'node agent',
      about: 'plans what the document means for this node, and programs the kernel if it was told to',
      start: async () => {
        await agent.start();
        return [`node agent          ${mode === 'kernel' ? 'programs the kernel' : 'plans only'}  follows ${file}`];
      },
      stop: agent.stop,
    },
  ]);
};
