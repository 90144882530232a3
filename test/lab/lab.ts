/**
 * The whole lab in one hand: world, puppets, agents and the way documents reach them. The default way writes each node's
 * file as a node controller does; another can be given, so that the same packets test the whole chain from an HTTP command.
 */
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DocumentStamp, NetworkDocument } from '../../src/projections/document/model.ts';
import { renderDocument } from '../../src/projections/document/render.ts';
import type { NodeOptions } from '../../src/projections/plan/model.ts';
import { type AgentHandle, startAgentProcess } from './agentHandle.ts';
import type { Settings } from './agentProcess.ts';
import { createPuppet, type Puppet } from './puppet.ts';
import {
  type ActorName,
  actorNames,
  labDocument,
  type NodeName,
  nodeAddresses,
  type Scene,
  stranger,
} from './story.ts';
import { buildWorld, forgetNeighbours } from './world.ts';

/** Brings a document into the nodes' folders. */
export type Deliver = (
  document: NetworkDocument,
  stamp: DocumentStamp,
  files: Readonly<Record<NodeName, string>>,
) => Promise<void>;

export type Lab = {
  readonly folder: string;
  readonly files: Readonly<Record<NodeName, string>>;
  readonly agents: Record<NodeName, AgentHandle>;
  readonly puppet: (name: ActorName | 'client' | 'clc' | 'n1' | 'n2' | 'x1') => Puppet;
  /** A document of this scene under the next position; resolves when both agents have applied it. */
  readonly publish: (scene?: Scene) => Promise<DocumentStamp>;
  /** Both agents anew with these options, in the processes they have; resolves when they have applied the last document. */
  readonly retune: (options: Partial<NodeOptions>, more?: Partial<Settings>) => Promise<void>;
  readonly settings: (node: NodeName, options?: Partial<NodeOptions>, more?: Partial<Settings>) => Settings;
  readonly stamp: () => DocumentStamp;
  /** The next stamp, taken without publishing: the caller writes that document itself. */
  readonly takeStamp: () => DocumentStamp;
  /** Whatever was seen on the wires so far no longer counts. */
  readonly forgetFrames: () => Promise<void>;
  readonly replaceAgent: (node: NodeName) => AgentHandle;
  readonly close: () => Promise<void>;
};

export const writeBeside = async (file: string, text: string | Buffer): Promise<void> => {
  await writeFile(`${file}.tmp`, text);
  await rename(`${file}.tmp`, file);
};

const byFile: Deliver = async (document, stamp, files) => {
  const text = renderDocument(document, 'superset', stamp);
  await Promise.all(Object.values(files).map((file) => writeBeside(file, text)));
};

const nodes: readonly NodeName[] = ['n1', 'n2'];

export const createLab = async (deliver: Deliver = byFile): Promise<Lab> => {
  const folder = await mkdtemp(join(tmpdir(), 'edgelog-lab-'));
  buildWorld();
  const names = [...actorNames, 'client', 'clc', 'n1', 'n2', stranger.name] as const;
  const puppets = new Map(names.map((name) => [name as string, createPuppet(name)]));
  const files = {
    n1: join(folder, 'n1', 'global_network_info.xml'),
    n2: join(folder, 'n2', 'global_network_info.xml'),
  };
  for (const node of nodes) await mkdir(join(folder, node), { recursive: true });
  const agents = { n1: startAgentProcess('n1'), n2: startAgentProcess('n2') };
  let position = 0;

  const stampAt = (at: number): DocumentStamp => ({
    version: at.toString(16).padStart(8, '0'),
    epoch: 1,
    position: at,
  });
  const settings: Lab['settings'] = (node, options = {}, more = {}) => ({
    file: files[node],
    nodeNames: [nodeAddresses[node].private],
    statusFolder: join(folder, node, 'status'),
    mode: 'kernel',
    driftSeconds: 0,
    options: { masquerade: true, ...options },
    ...more,
  });
  const applied = async (): Promise<void> => {
    await Promise.all(
      nodes.map((node) =>
        agents[node].until((report) => report.applied?.position === position, `position ${position}`),
      ),
    );
  };
  const puppet = (name: string): Puppet => {
    const found = puppets.get(name);
    if (found === undefined) throw new Error(`nobody is called ${name}`);
    return found;
  };
  await startListening(puppet);
  return {
    folder,
    files,
    agents,
    puppet,
    settings,
    stamp: () => stampAt(position),
    takeStamp: () => {
      position += 1;
      return stampAt(position);
    },
    publish: async (scene = {}) => {
      position += 1;
      await deliver(labDocument(scene), stampAt(position), files);
      await applied();
      return stampAt(position);
    },
    retune: async (options, more = {}) => {
      await Promise.all(nodes.map((node) => agents[node].begin(settings(node, options, more))));
      if (position > 0) await applied();
      forgetNeighbours();
    },
    forgetFrames: async () => {
      await Promise.all([...puppets.values()].map((one) => one.tell('forget')));
    },
    replaceAgent: (node) => {
      agents[node] = startAgentProcess(node);
      return agents[node];
    },
    close: async () => {
      await Promise.all(nodes.map((node) => agents[node].kill()));
      for (const one of puppets.values()) one.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

const startListening = async (puppet: (name: string) => Puppet): Promise<void> => {
  const instance = { tcp_ports: [22, 5432, 7000, 7001, 8080, 9999], udp_ports: [5353, 9999], device: 'eth0' };
  await Promise.all([
    ...[...actorNames, stranger.name].map((name) => puppet(name).tell('listen', instance)),
    puppet('client').tell('listen', { tcp_ports: [80], udp_ports: [9999], device: 'eth0' }),
    puppet('clc').tell('listen', { tcp_ports: [8773, 9000], udp_ports: [9999], device: 'eth0' }),
    puppet('n1').tell('listen', { tcp_ports: [2222], udp_ports: [9999] }),
    puppet('n2').tell('listen', { tcp_ports: [2222], udp_ports: [9999] }),
  ]);
};
