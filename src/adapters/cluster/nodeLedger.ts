/**
 * What each node has of the documents, from what it answered and what it says of itself: who lacks the newest one is asked here.
 * It survives a restart; losing it only means that nodes are sent what they have.
 */
import type { ReceivedDocument } from '../shared/receivedDocument.ts';
import { createAcknowledgements } from './acknowledgements.ts';
import { createDownstreams, type Downstream, type Downstreams, type NodeWord, type Refused } from './downstreams.ts';

export type NodeLedger = {
  readonly recall: () => Promise<void>;
  readonly expect: Downstreams['expect'];
  readonly lacks: (node: string, document: ReceivedDocument) => boolean;
  readonly took: (node: string, document: ReceivedDocument) => void;
  readonly refused: (node: string, refusal: Refused) => void;
  readonly heard: (word: NodeWord) => void;
  /** Nodes that never say what they have count as lacking it until they have taken it once more; returns them. */
  readonly doubtSilent: () => readonly string[];
  readonly all: () => readonly Downstream[];
  /** Resolves when it is on disk. */
  readonly saved: () => Promise<void>;
};

/** `onWord`: what is known of a node has changed. */
export const createNodeLedger = (folder: string, now: () => number, onWord: () => void): NodeLedger => {
  const downstreams = createDownstreams(now, onWord);
  const acknowledged = createAcknowledgements(folder);
  const doubted = new Set<string>();
  return {
    recall: async () => {
      for (const [node, { order }] of await acknowledged.recall()) downstreams.delivered(node, order);
    },
    expect: downstreams.expect,
    lacks: (node, document) => doubted.has(node) || !acknowledged.has(node, document),
    took: (node, { order = null, digest }) => {
      doubted.delete(node);
      acknowledged.note(node, { order, digest });
      downstreams.delivered(node, order);
    },
    refused: downstreams.failed,
    heard: (word) => {
      // A node that came back without its file says so, and is sent the document again.
      if (word.digest === null) acknowledged.forget(word.node);
      else acknowledged.note(word.node, { order: word.accepted, digest: word.digest });
      downstreams.heard(word);
    },
    doubtSilent: () => {
      const silent = downstreams.all().flatMap(({ node, agent }) => (agent === 'unknown' ? [node] : []));
      for (const node of silent) doubted.add(node);
      return silent;
    },
    all: downstreams.all,
    saved: acknowledged.saved,
  };
};
