/**
 * The cluster controller (CC): a relay with downstreams. It keeps the newest document on disk, passes it on to each node in a
 * lane of its own until the node has taken it, and says upward how far each node is. It survives a restart with its last good
 * document. It changes nothing in a document.
 */
import { join } from 'node:path';
import type { Delta } from '../../projections/document/delta.ts';
import { ensureFolder } from '../shared/atomicFile.ts';
import type { DeltaTaken } from '../shared/documentDelta.ts';
import type { Acceptance, ReceivedDocument } from '../shared/receivedDocument.ts';
import { nodesOf } from './documentNodes.ts';
import { createDocumentStore } from './documentStore.ts';
import type { Downstream, NodeWord } from './downstreams.ts';
import { createNodeLedger } from './nodeLedger.ts';

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
  /** The newest document could not be written; it is in use all the same. */
  readonly onFault?: (fault: unknown) => void;
};

export type ClusterController = {
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
  /** Answers true as soon as the document is stored (`documentStore.ts` says where), before any node is contacted. */
  readonly accept: (document: ReceivedDocument) => Promise<Acceptance>;
  /** The same for what leads from the document here to a newer one. */
  readonly acceptDelta: (delta: Delta, traceparent?: string) => Promise<DeltaTaken>;
  readonly hearNode: (word: NodeWord) => void;
  /** Pushes to every node again what it was given, for nodes that never say what they have. */
  readonly repeat: () => void;
  readonly downstreams: () => readonly Downstream[];
  readonly latest: () => ReceivedDocument | undefined;
};

export const createClusterController = (options: ClusterControllerOptions): ClusterController => {
  const { name, folder, lanes } = options;
  const ledger = createNodeLedger(folder, options.now, options.onWord);

  const serve = (document: ReceivedDocument): void => {
    // A cloud without a configuration lists no nodes at all; those that speak are served all the same.
    const nodes = ledger.expect([...nodesOf(document, name), ...options.nodes]);
    for (const node of nodes) if (ledger.lacks(node, document)) lanes.nudge(node);
  };

  const { latest, ...documents } = createDocumentStore({
    file: join(folder, CLUSTER_FILE),
    onTaken: serve,
    onFault: (fault) => options.onFault?.(fault),
  });

  const work = async (node: string, signal: AbortSignal): Promise<void> => {
    for (;;) {
      const document = latest();
      if (document === undefined || signal.aborted || !ledger.lacks(node, document)) return;
      const answer = await options.push(node, document, signal);
      if (!answer.accepted) {
        ledger.refused(node, { reason: answer.reason, detail: answer.detail });
        throw new Error(`${node}: ${answer.reason}`);
      }
      ledger.took(node, document);
    }
  };

  const start = async (): Promise<void> => {
    await ensureFolder(folder);
    await documents.recall();
    await ledger.recall();
    await lanes.start(work);
    const document = latest();
    if (document !== undefined) serve(document);
  };

  return {
    start,
    stop: async () => {
      await lanes.stop();
      await documents.flush();
      await ledger.saved();
    },
    accept: documents.accept,
    acceptDelta: documents.acceptDelta,
    hearNode: (word) => {
      ledger.heard(word);
      const document = latest();
      if (document !== undefined && ledger.lacks(word.node, document)) lanes.nudge(word.node);
    },
    repeat: () => {
      for (const node of ledger.doubtSilent()) lanes.nudge(node);
    },
    downstreams: ledger.all,
    latest,
  };
};
