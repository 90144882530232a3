/**
 * A real agent in a process of its own, inside one node's namespace: reports as JSON lines on standard output, commands as
 * JSON lines on standard input. Killing the process is what a crash of the agent looks like.
 */
import { createInterface } from 'node:readline';
import { createAgent } from '../../src/adapters/node/agent/agent.ts';
import type { Agent, AgentSettings } from '../../src/adapters/node/agent/agentModel.ts';
import { explain, type Frame } from '../../src/projections/plan/explain.ts';

type Command = { readonly id: number; readonly do: string; readonly settings?: Settings; readonly frames?: Frame[] };
export type Settings = Omit<AgentSettings, 'now' | 'onReport'>;

const say = (line: unknown): void => {
  process.stdout.write(`${JSON.stringify(line)}\n`);
};

let agent: Agent | undefined;

const begin = async (settings: Settings): Promise<void> => {
  await agent?.stop();
  agent = createAgent({ ...settings, now: Date.now, onReport: (report) => say({ report }) });
  await agent.start();
};

const carryOut = async (command: Command): Promise<unknown> => {
  switch (command.do) {
    case 'begin':
      if (command.settings !== undefined) await begin(command.settings);
      return agent?.status();
    case 'inspect':
      await agent?.inspect();
      return agent?.status();
    case 'status':
      return agent?.status();
    case 'traffic':
      return agent?.traffic();
    case 'drops':
      return agent?.drops();
    case 'explain': {
      const plan = agent?.plan();
      return plan === undefined ? [] : (command.frames ?? []).map((frame) => explain(plan, frame).verdict);
    }
    default:
      throw new Error(`unknown command ${command.do}`);
  }
};

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const command = JSON.parse(line) as Command;
    void carryOut(command).then(
      (result) => say({ id: command.id, result: result ?? null }),
      (error: Error) => say({ id: command.id, error: error.stack ?? error.message }),
    );
  })
  .on('close', () => process.exit(0));
