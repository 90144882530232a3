/**
 * The cluster controller (CC): a relay with downstreams. It keeps the newest document on disk, passes it on to each node in a
 * lane of its own until the node has taken it, and says upward how far each node is. It survives a restart with its last good
 * document. It changes nothing in a document.
 */
import { join } from 'node:path';
import { ensureFolder, readIfThere, replaceFile } from '../shared/atomicFile.ts';
import { type Acceptance, type ReceivedDocument, receivedDocument, successionOf } from '../shared/receivedDocument.ts';
import { createAcknowledgements } from './acknowledgements.ts';
import { nodesIn } from './documentNodes.ts';
import { createDownstreams, type Downstream, type NodeWord } from './downstreams.ts';

export const CLUSTER_FILE = 'cc_global_network_info.xml';

/** Lanes as this room needs them; the embedded ones of the control plane fit. */
export type NodeLanes = {
  readonly nudge: (node: string) => void;
  readonly start: (work: (node: string, signal: AbortSignal) => Promise<void>) => Promise<void>;
  readonly stop: () => Promise<void>;
};

export type NodePush = (node: string, document: ReceivedDocument, signal: AbortSignal) => Promise<Acceptance>;

export type ClusterControllerOptions = {
  readonly name: string;
  readonly folder: string;
  /** Nodes to serve besides those the document names. */
  readonly nodes: readonly string[];
  readonly lanes: NodeLanes;
  readonly push: NodePush;
  readonly now: () => number;
  /** Called whenever what is known of a node has changed. */
  readonly onWord: () => void;
};

export type ClusterController = {
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
  /** Answers true as soon as the document is stored, before any node is contacted. */
  readonly accept: (document: ReceivedDocument) => Promise<Acceptance>;
  readonly hearNode: (word: NodeWord) => void;
  /** Pushes to every node again what it was given, for nodes that never say what they have. */
  readonly repeat: () => void;
  readonly downstreams: () => readonly Downstream[];
  readonly latest: () => ReceivedDocument | undefined;
};

export const createClusterController = (options: ClusterControllerOptions): ClusterController => {
  const { name, folder, lanes, now, onWord } = options;
  const file = join(folder, CLUSTER_FILE);
  const downstreams = createDownstreams(now, onWord);
  const acknowledged = createAcknowledgements(folder);
  const toRepeat = new Set<string>();
  let latest: ReceivedDocument | undefined;
  let storing: Promise<unknown> = Promise.resolve();

  const nodesOf = (document: ReceivedDocument): readonly string[] => [
    ...new Set([...nodesIn(document.pieces, name), ...options.nodes]),
  ];

  const serve = (document: ReceivedDocument): void => {
    const nodes = nodesOf(document);
    downstreams.expect(nodes);
    for (const node of nodes) if (!acknowledged.has(node, document)) lanes.nudge(node);
  };

  const store = async (document: ReceivedDocument): Promise<Acceptance> => {
    const succession = successionOf(document, latest);
    if (succession !== 'newer' && succession !== 'same') return { accepted: false, ...succession };
    if (succession === 'newer') {
      await replaceFile(file, document.pieces);
      latest = document;
    }
    serve(latest ?? document);
    return { accepted: true };
  };

  const work = async (node: string, signal: AbortSignal): Promise<void> => {
    for (;;) {
      const document = latest;
      if (document === undefined || signal.aborted) return;
      if (acknowledged.has(node, document) && !toRepeat.has(node)) return;
      const answer = await options.push(node, document, signal);
      if (!answer.accepted) {
        downstreams.failed(node, { reason: answer.reason, detail: answer.detail });
        throw new Error(`${node}: ${answer.reason}`);
      }
      toRepeat.delete(node);
      acknowledged.note(node, { order: document.order ?? null, digest: document.digest });
      downstreams.delivered(node, document.order ?? null);
    }
  };

  const recall = async (): Promise<void> => {
    const bytes = await readIfThere(file);
    latest = bytes === undefined ? undefined : receivedDocument([bytes]);
    for (const [node, { order }] of await acknowledged.recall()) downstreams.delivered(node, order);
  };

  return {
    start: async () => {
      await ensureFolder(folder);
      await recall();
      await lanes.start(work);
      if (latest !== undefined) serve(latest);
    },
    stop: async () => {
      await lanes.stop();
      await acknowledged.saved();
    },
    accept: (document) => {
      const answer = storing.then(() =>
        store(document).catch(
          (error): Acceptance => ({ accepted: false, reason: 'cannot-write', detail: (error as Error).message }),
        ),
      );
      storing = answer;
      return answer;
    },
    hearNode: (word) => {
      // A node that came back without its file says so, and is sent the document again.
      if (word.digest === null) acknowledged.forget(word.node);
      else acknowledged.note(word.node, { order: word.accepted, digest: word.digest });
      downstreams.heard(word);
      if (latest !== undefined && !acknowledged.has(word.node, latest)) lanes.nudge(word.node);
    },
    repeat: () => {
      for (const { node, agent } of downstreams.all()) {
        if (agent !== 'unknown') continue;
        toRepeat.add(node);
        lanes.nudge(node);
      }
    },
    downstreams: downstreams.all,
    latest: () => latest,
  };
};
