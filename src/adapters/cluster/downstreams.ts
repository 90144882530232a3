/**
 * What is known of each node: what it was given, what it says of itself, and why it refuses. A node that never says anything
 * (one of Eucalyptus' own) stays unknown beyond what was delivered to it.
 */
import type { DocumentOrder } from '../shared/receivedDocument.ts';

export type Refused = { readonly reason: string; readonly detail: string };

/** `applied` and `agent` only from nodes that report. */
export type Downstream = {
  readonly node: string;
  readonly accepted: DocumentOrder | null;
  readonly applied: DocumentOrder | null;
  readonly agent: 'kernel' | 'plan' | 'none' | 'unknown';
  readonly refusal: Refused | null;
  /** Trace context of the newest document it took, if it said one. */
  readonly traceparent: string | null;
  /** When the node was last heard or delivered to, ms. */
  readonly at: number;
};

/** A node's own word: what it has taken in and what its agent has in force. */
export type NodeWord = Omit<Downstream, 'at' | 'agent'> & {
  readonly agent: 'kernel' | 'plan' | 'none';
  readonly digest: string | null;
};

type Known = Omit<Downstream, 'refusal'> & {
  /** Why the last push failed, and what the node itself says is wrong. */
  readonly pushRefusal: Refused | null;
  readonly ownRefusal: Refused | null;
};

export type Downstreams = {
  /** The nodes of the newest document. Others are forgotten unless they speak. Returns all there are now. */
  readonly expect: (nodes: readonly string[]) => readonly string[];
  readonly delivered: (node: string, order: DocumentOrder | null) => void;
  readonly failed: (node: string, refusal: Refused) => void;
  readonly heard: (word: NodeWord) => void;
  readonly all: () => readonly Downstream[];
};

/** A push that was answered false: the node's own word says why, if it has one. */
export const ANSWERED_FALSE = 'refused';

/** More nodes than this cannot be one cluster. */
const MOST = 10_000;

/** A node that said something this lately is served, listed or not: it is there. */
const SPEAKING_MS = 90_000;

const blank = (node: string): Known => ({
  node,
  accepted: null,
  applied: null,
  agent: 'unknown',
  pushRefusal: null,
  ownRefusal: null,
  traceparent: null,
  at: 0,
});

const shown = ({ pushRefusal, ownRefusal, ...known }: Known): Downstream => ({
  ...known,
  refusal: pushRefusal !== null && pushRefusal.reason !== ANSWERED_FALSE ? pushRefusal : (ownRefusal ?? pushRefusal),
});

export const createDownstreams = (now: () => number, onChange: () => void): Downstreams => {
  const known = new Map<string, Known>();
  const become = (node: string, change: Partial<Known>): void => {
    known.set(node, { ...(known.get(node) ?? blank(node)), ...change });
    onChange();
  };
  return {
    expect: (nodes) => {
      const expected = new Set(nodes);
      const speaks = ({ agent, at }: Known): boolean => agent !== 'unknown' && now() - at < SPEAKING_MS;
      const gone = [...known.values()].filter((one) => !expected.has(one.node) && !speaks(one));
      const fresh = [...expected].filter((node) => !known.has(node));
      for (const { node } of gone) known.delete(node);
      for (const node of fresh) known.set(node, blank(node));
      if (gone.length + fresh.length > 0) onChange();
      return [...known.keys()];
    },
    delivered: (node, order) => become(node, { accepted: order, pushRefusal: null, at: now() }),
    // Its age goes on growing: a failed push says nothing of what the node has.
    failed: (node, refusal) => become(node, { pushRefusal: refusal }),
    heard: ({ node, accepted, applied, agent, refusal, traceparent }) => {
      if (known.size >= MOST && !known.has(node)) return;
      become(node, { accepted, applied, agent, ownRefusal: refusal, traceparent, at: now() });
    },
    all: () => [...known.values()].sort((a, b) => (a.node < b.node ? -1 : 1)).map(shown),
  };
};
