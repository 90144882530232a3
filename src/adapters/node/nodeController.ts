/**
 * The node controller (NC): takes the newest document, refuses older ones, replaces the node's file atomically and says what
 * it has taken in. It never looks into a document beyond the root's order, and never programs anything: that is the agent's.
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

export const DOCUMENT_FILE = 'global_network_info.xml';

/** What the agent beside this controller says it has in force. */
export type AgentWord = {
  readonly agent: 'kernel' | 'plan' | 'none';
  readonly applied: DocumentOrder | null;
  readonly refusal: { readonly reason: string; readonly detail: string } | null;
};

export type NodeWord = AgentWord & {
  readonly node: string;
  readonly accepted: DocumentOrder | null;
  readonly at: number;
};

export type NodeController = {
  /** Makes the folder and takes up the last good document. */
  readonly start: () => Promise<void>;
  readonly accept: (document: ReceivedDocument) => Promise<Acceptance>;
  readonly word: () => NodeWord;
  readonly hearAgent: (word: AgentWord) => void;
  readonly file: string;
};

export type NodeControllerOptions = {
  readonly name: string;
  readonly folder: string;
  readonly now: () => number;
  /** Called whenever `word` has changed. */
  readonly onWord: () => void;
};

const refusedOlder = (document: ReceivedDocument, have: DocumentOrder): Acceptance => ({
  accepted: false,
  reason: 'older-document',
  detail: `got epoch ${document.order?.epoch} position ${document.order?.position}, have ${have.epoch}/${have.position}`,
});

export const createNodeController = (options: NodeControllerOptions): NodeController => {
  const { name, folder, now, onWord } = options;
  const file = join(folder, DOCUMENT_FILE);
  let current: ReceivedDocument | undefined;
  let agent: AgentWord = { agent: 'none', applied: null, refusal: null };
  let refusal: AgentWord['refusal'] = null;
  let writing: Promise<unknown> = Promise.resolve();

  const write = async (document: ReceivedDocument): Promise<Acceptance> => {
    const order = compareOrder(document.order, current?.order);
    if (order !== undefined && order < 0 && current?.order !== undefined) return refusedOlder(document, current.order);
    if (current !== undefined && sameBytes(document.pieces, current.pieces)) return { accepted: true };
    if (order === 0) {
      const detail = `two documents are both epoch ${document.order?.epoch} position ${document.order?.position}`;
      return { accepted: false, reason: 'same-version-other-content', detail };
    }
    await replaceFile(file, document.pieces);
    current = document;
    return { accepted: true };
  };

  const guarded = async (document: ReceivedDocument): Promise<Acceptance> => {
    let answer: Acceptance;
    try {
      answer = await write(document);
    } catch (error) {
      answer = { accepted: false, reason: 'cannot-write', detail: (error as Error).message };
    }
    refusal = answer.accepted ? null : { reason: answer.reason, detail: answer.detail };
    onWord();
    return answer;
  };

  return {
    file,
    start: async () => {
      await ensureFolder(folder);
      const bytes = await readIfThere(file);
      current = bytes === undefined ? undefined : receivedDocument([bytes]);
    },
    accept: (document) => {
      const answer = writing.then(() => guarded(document));
      writing = answer;
      return answer;
    },
    word: () => ({
      ...agent,
      refusal: refusal ?? agent.refusal,
      node: name,
      accepted: current?.order ?? null,
      at: now(),
    }),
    hearAgent: (word) => {
      agent = word;
      onWord();
    },
  };
};
