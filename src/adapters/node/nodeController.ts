/**
 * The node controller (NC): takes the newest document, refuses older ones, replaces the node's file atomically and says what
 * it has taken in. It never looks into a document beyond the root's order, and never programs anything: that is the agent's.
 */
import { join } from 'node:path';
import type { Delta } from '../../projections/document/delta.ts';
import { ensureFolder, readIfThere } from '../shared/atomicFile.ts';
import { type DeltaTaken, takeDelta } from '../shared/documentDelta.ts';
import { createInTurn } from '../shared/inTurn.ts';
import {
  type Acceptance,
  type DocumentOrder,
  type ReceivedDocument,
  receivedDocument,
  refusingFaults,
  successionOf,
} from '../shared/receivedDocument.ts';
import { createNodeFile } from './nodeFile.ts';

export const DOCUMENT_FILE = 'global_network_info.xml';

/** What the agent beside this controller says it has in force. */
export type AgentWord = {
  readonly agent: 'kernel' | 'plan' | 'none';
  readonly applied: DocumentOrder | null;
  readonly refusal: { readonly reason: string; readonly detail: string } | null;
};

/** `digest`: of the document taken in, null when there is none. */
export type NodeWord = AgentWord & {
  readonly node: string;
  readonly accepted: DocumentOrder | null;
  readonly digest: string | null;
  readonly traceparent: string | null;
  readonly at: number;
};

export type NodeController = {
  /** Makes the folder and takes up the last good document. */
  readonly start: () => Promise<void>;
  readonly accept: (document: ReceivedDocument) => Promise<Acceptance>;
  /** The same for what leads from the document here to a newer one. */
  readonly acceptDelta: (delta: Delta, traceparent?: string) => Promise<DeltaTaken>;
  readonly word: () => NodeWord;
  readonly hearAgent: (word: AgentWord) => void;
  /** The order of a document taken in lately, by its stamp: foreign agents say no more than that. */
  readonly orderOf: (stamp: string) => DocumentOrder | undefined;
  readonly file: string;
};

export type NodeControllerOptions = {
  readonly name: string;
  readonly folder: string;
  readonly now: () => number;
  /** Called whenever `word` has changed. */
  readonly onWord: () => void;
};

/** Eucalyptus' eucanetd looks at this many characters of a stamp (node spec 0). */
const STAMP_CHARACTERS = 8;
const STAMPS = 256;

/** Stamps of the documents taken in lately, and the order each stands for. */
const createStamps = () => {
  const orders = new Map<string, DocumentOrder>();
  return {
    note: ({ stamp, order }: ReceivedDocument): void => {
      if (stamp === '' || order === undefined) return;
      orders.set(stamp.slice(0, STAMP_CHARACTERS), order);
      const oldest = orders.keys().next().value;
      if (orders.size > STAMPS && oldest !== undefined) orders.delete(oldest);
    },
    orderOf: (stamp: string): DocumentOrder | undefined => orders.get(stamp.slice(0, STAMP_CHARACTERS)),
  };
};

export const createNodeController = (options: NodeControllerOptions): NodeController => {
  const { name, folder, now, onWord } = options;
  const file = createNodeFile(join(folder, DOCUMENT_FILE));
  const inTurn = createInTurn();
  const stamps = createStamps();
  let current: ReceivedDocument | undefined;
  let agent: AgentWord = { agent: 'none', applied: null, refusal: null };
  let refusal: AgentWord['refusal'] = null;
  const become = (document: ReceivedDocument): void => {
    current = document;
    stamps.note(document);
  };

  const write = async (document: ReceivedDocument): Promise<Acceptance> => {
    const succession = successionOf(document, current);
    if (succession === 'same') {
      if (document.structure !== undefined) current = document;
      return { accepted: true };
    }
    if (succession !== 'newer') return { accepted: false, ...succession };
    await file.replace(document.pieces);
    become(document);
    return { accepted: true };
  };

  const guarded = async (document: ReceivedDocument): Promise<Acceptance> => {
    const answer = await refusingFaults(write(document));
    refusal = answer.accepted ? null : { reason: answer.reason, detail: answer.detail };
    onWord();
    return answer;
  };

  return {
    file: file.path,
    start: async () => {
      await ensureFolder(folder);
      const bytes = await readIfThere(file.path);
      const document = bytes === undefined ? undefined : receivedDocument([bytes]);
      if (document !== undefined) become(document);
    },
    accept: (document) => inTurn(() => guarded(document)),
    acceptDelta: (delta, traceparent) => inTurn(() => takeDelta(current, delta, guarded, traceparent)),
    word: () => ({
      ...agent,
      refusal: refusal ?? agent.refusal,
      node: name,
      accepted: current?.order ?? null,
      digest: current?.digest ?? null,
      traceparent: current?.traceparent ?? null,
      at: now(),
    }),
    hearAgent: (word) => {
      agent = word;
      onWord();
    },
    orderOf: stamps.orderOf,
  };
};
