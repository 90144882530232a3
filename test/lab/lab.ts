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

/**
 * Brings a document into the nodes' folders; answers the stamp under which it came there when that is not the given one, as
 * when a whole control plane stands between.
 */
export type Deliver = (
  document: NetworkDocument,
  stamp: DocumentStamp,
  files: Readonly<Record<NodeName, string>>,
) => Promise<DocumentStamp | undefined>;

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
  return undefined;
};

const nodes: readonly NodeName[] = ['n1', 'n2'];

type Stage = Pick<Lab, 'folder' | 'files' | 'agents' | 'puppet' | 'settings'> & { readonly puppets: readonly Puppet[] };

const stampAt = (position: number): DocumentStamp => ({
  version: position.toString(16).padStart(8, '0'),
  epoch: 1,
  position,
});

export const createLab = async (deliver: Deliver = byFile): Promise<Lab> => {
  const stage = await buildStage();
  const { folder, files, agents, puppets, settings } = stage;
  let last = stampAt(0);
  const next = (): DocumentStamp => {
    last = stampAt((last.position ?? 0) + 1);
    return last;
  };
  const applied = async (): Promise<void> => {
    const { position } = last;
    await Promise.all(
      nodes.map((node) => agents[node].until((one) => one.applied?.position === position, `position ${position}`)),
    );
  };
  return {
    ...stage,
    stamp: () => last,
    takeStamp: next,
    publish: async (scene = {}) => {
      last = (await deliver(labDocument(scene), next(), files)) ?? last;
      await applied();
      return last;
    },
    retune: async (options, more = {}) => {
      await Promise.all(nodes.map((node) => agents[node].begin(settings(node, options, more))));
      if (last.position !== 0) await applied();
      forgetNeighbours();
    },
    forgetFrames: async () => {
      await Promise.all(puppets.map((one) => one.tell('forget')));
    },
    replaceAgent: (node) => {
      agents[node] = startAgentProcess(node);
      return agents[node];
    },
    close: async () => {
      await Promise.all(nodes.map((node) => agents[node].kill()));
      for (const one of puppets) one.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

/** World, puppets and agent processes, before the first document. */
const buildStage = async (): Promise<Stage> => {
  const folder = await mkdtemp(join(tmpdir(), 'edgelog-lab-'));
  const fileOf = (node: NodeName): string => join(folder, node, 'global_network_info.xml');
  buildWorld();
  for (const node of nodes) await mkdir(join(folder, node), { recursive: true });
  const puppets = [...actorNames, 'client', 'clc', 'n1', 'n2', stranger.name].map(createPuppet);
  const puppet = (name: string): Puppet => {
    const found = puppets.find((one) => one.name === name);
    if (found === undefined) throw new Error(`nobody is called ${name}`);
    return found;
  };
  await startListening(puppet);
  return {
    folder,
    files: { n1: fileOf('n1'), n2: fileOf('n2') },
    agents: { n1: startAgentProcess('n1'), n2: startAgentProcess('n2') },
    puppet,
    puppets,
    settings: (node, options = {}, more = {}) => ({
      file: fileOf(node),
      nodeNames: [nodeAddresses[node].private],
      statusFolder: join(folder, node, 'status'),
      mode: 'kernel',
      driftSeconds: 0,
      options: { masquerade: true, ...options },
      ...more,
    }),
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
