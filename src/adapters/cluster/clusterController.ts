/**
 * The cluster controller (CC): a relay with downstreams. It keeps the newest document on disk, passes it on to each node in a
 * lane of its own until the node has taken it, and says upward how far each node is. It survives a restart with its last good
 * document. It changes nothing in a document.
 */
import { join } from 'node:path';
import { ensureFolder, readIfThere, replaceFile } from '../shared/atomicFile.ts';
import {
  type Acceptance,
  compareOrder,
  type DocumentOrder,
  type ReceivedDocument,
  receivedDocument,
  sameBytes,
} from '../shared/receivedDocument.ts';
import { nodesIn } from './documentNodes.ts';

export const CLUSTER_FILE = 'cc_global_network_info.xml';
const ACKNOWLEDGED_FILE = 'acknowledged.json';

/** Lanes as this room needs them; the embedded ones of the control plane fit. */
export type NodeLanes = {
  readonly nudge: (node: string) => void;
  readonly start: (work: (node: string, signal: AbortSignal) => Promise<void>) => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** What is known of one node; `applied` and `agent` only from nodes that report. */
export type Downstream = {
  readonly node: string;
  readonly accepted: DocumentOrder | null;
  readonly applied: DocumentOrder | null;
  readonly agent: 'kernel' | 'plan' | 'none' | 'unknown';
  readonly refusal: { readonly reason: string; readonly detail: string } | null;
  readonly at: number;
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
  /** A node's own word: what it has taken in and what its agent has in force. */
  readonly hearNode: (word: Omit<Downstream, 'at'>) => void;
  readonly downstreams: () => readonly Downstream[];
  readonly latest: () => ReceivedDocument | undefined;
};

const blank = (node: string): Downstream => ({
  node,
  accepted: null,
  applied: null,
  agent: 'unknown',
  refusal: null,
  at: 0,
});

/** A foreign document has no order: the node has it when the push of these very bytes was answered true. */
type Acknowledged = { readonly order: DocumentOrder | null; readonly stamp: string };

export const createClusterController = (options: ClusterControllerOptions): ClusterController => {
  const { name, folder, lanes, now, onWord } = options;
  const file = join(folder, CLUSTER_FILE);
  const downstreams = new Map<string, Downstream>();
  const acknowledged = new Map<string, Acknowledged>();
  let latest: ReceivedDocument | undefined;
  let storing: Promise<unknown> = Promise.resolve();
  let saving: Promise<void> | undefined;

  const become = (node: string, change: Partial<Downstream>): void => {
    downstreams.set(node, { ...(downstreams.get(node) ?? blank(node)), ...change, at: now() });
    onWord();
  };

  const saveAcknowledged = (): void => {
    saving ??= Promise.resolve().then(async () => {
      saving = undefined;
      const text = JSON.stringify(Object.fromEntries(acknowledged));
      // Losing this only means that a node is sent what it has.
      await replaceFile(join(folder, ACKNOWLEDGED_FILE), [Buffer.from(text)]).catch(() => undefined);
    });
  };

  const nodesOf = (document: ReceivedDocument): readonly string[] => [
    ...new Set([...nodesIn(document.pieces, name), ...options.nodes]),
  ];

  const has = (node: string, document: ReceivedDocument): boolean => {
    const known = acknowledged.get(node);
    if (known === undefined) return false;
    if (document.order === undefined) return document.stamp !== '' && known.stamp === document.stamp;
    return compareOrder(document.order, known.order ?? undefined) === 0;
  };

  const serve = (document: ReceivedDocument): void => {
    for (const node of nodesOf(document)) {
      if (!downstreams.has(node)) downstreams.set(node, blank(node));
      if (!has(node, document)) lanes.nudge(node);
    }
  };

  const store = async (document: ReceivedDocument): Promise<Acceptance> => {
    const order = compareOrder(document.order, latest?.order);
    if (order !== undefined && order < 0) {
      const have = `${latest?.order?.epoch}/${latest?.order?.position}`;
      const got = `${document.order?.epoch}/${document.order?.position}`;
      return { accepted: false, reason: 'older-document', detail: `got epoch/position ${got}, have ${have}` };
    }
    if (latest !== undefined && sameBytes(latest.pieces, document.pieces)) {
      serve(latest);
      return { accepted: true };
    }
    if (order === 0) {
      return {
        accepted: false,
        reason: 'same-version-other-content',
        detail: `version ${document.stamp} was seen with other content`,
      };
    }
    await replaceFile(file, document.pieces);
    latest = document;
    serve(document);
    return { accepted: true };
  };

  const work = async (node: string, signal: AbortSignal): Promise<void> => {
    for (;;) {
      const document = latest;
      if (document === undefined || signal.aborted || has(node, document)) return;
      const answer = await options.push(node, document, signal);
      if (!answer.accepted) {
        become(node, { refusal: { reason: answer.reason, detail: answer.detail } });
        throw new Error(`${node}: ${answer.reason}`);
      }
      acknowledged.set(node, { order: document.order ?? null, stamp: document.stamp });
      saveAcknowledged();
      become(node, { accepted: document.order ?? null, refusal: null });
    }
  };

  const recall = async (): Promise<void> => {
    const bytes = await readIfThere(file);
    latest = bytes === undefined ? undefined : receivedDocument([bytes]);
    const saved = await readIfThere(join(folder, ACKNOWLEDGED_FILE));
    if (saved === undefined) return;
    for (const [node, known] of Object.entries(parsedAcknowledgements(saved))) {
      acknowledged.set(node, known);
      downstreams.set(node, { ...blank(node), accepted: known.order });
    }
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
      await saving;
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
      if (word.accepted === null) acknowledged.delete(word.node);
      else acknowledged.set(word.node, { order: word.accepted, stamp: '' });
      become(word.node, word);
      if (latest !== undefined && latest.order !== undefined && !has(word.node, latest)) lanes.nudge(word.node);
    },
    downstreams: () => [...downstreams.values()].sort((a, b) => (a.node < b.node ? -1 : 1)),
    latest: () => latest,
  };
};

const parsedAcknowledgements = (bytes: Buffer): Record<string, Acknowledged> => {
  try {
    const parsed: unknown = JSON.parse(bytes.toString('utf8'));
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, Acknowledged>) : {};
  } catch {
    return {};
  }
};
