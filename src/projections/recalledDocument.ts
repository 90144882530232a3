/**
 * A kept document read again from a cache: it serves at once and sleeps. Texts and digests are there; entries are made of the
 * network, and bytes of the entries, when somebody looks, by the very functions of the full build, and must have the digest
 * that was written down. Only for the network it was made of.
 */
import { configurationEntry, groupEntry, instanceEntry } from './document/build.ts';
import { canonicalGroup, canonicalInstance } from './document/canonical.ts';
import type { GroupEntry, InstanceEntry } from './document/model.ts';
import { entryFragments, headOf, type NodePart } from './document/parts.ts';
import { createDocumentWriter } from './document/pieces.ts';
import { latePiece, type Piece } from './document/pieceTree.ts';
import { stampOf } from './document/stamp.ts';
import type { TextOf } from './document/wholeText.ts';
import { groupInput, instanceInput, resolvedIn, settingsIn } from './documentInputs.ts';
import { fullVersion } from './documentVersion.ts';
import { keptClusters } from './keptClusters.ts';
import type { KeptParts } from './keptDocument.ts';
import { type KeptFacts, SEPARATOR, type Standing } from './keptRecords.ts';
import type { Network } from './network/views.ts';
import { nodeOfShape, sleepingLeaf } from './sleepingLeaf.ts';
import { peek, type Trie, trieOf } from './trie.ts';
import { type Node, nodeOf } from './trieNodes.ts';

export type Recalled = Standing & {
  readonly textOf: TextOf;
  /** Looks into every piece; throws at one that is not what its digest says. Forgets the texts when all are looked at. */
  readonly check: () => Generator<void>;
};

/** Reads texts off the bytes, one after the other, and remembers of which part each is. */
const createTexts = (facts: KeptFacts, bytes: Buffer) => {
  const known = new Map<object, { readonly text: Buffer; readonly byteLength: number; readonly digest: string }>();
  let [next, at] = [0, 0];
  return {
    known,
    take: (): { readonly text: Buffer; readonly stand: (part: object) => void } => {
      const [length, byteLength, digest] = facts.texts[next] ?? [0, -1, ''];
      const text = bytes.subarray(at, at + length);
      [next, at] = [next + 1, at + length];
      return { text, stand: (part) => known.set(part, { text, byteLength, digest }) };
    },
  };
};

type Texts = ReturnType<typeof createTexts>;

type Edits = readonly (readonly string[])[];

const editsIn = (text: Buffer): Edits => JSON.parse(`[${text.toString('utf8')}]`) as Edits;

/** The ids of a node's part are read when they are first asked for. */
const sleepingPart = (name: string, text: Buffer): NodePart => {
  let root: Node<true> | undefined;
  const ids = (): readonly string[] => editsIn(text)[1]?.slice(3) ?? [];
  const read = (): Node<true> => {
    const keys = ids();
    return nodeOf<true>(
      keys,
      keys.map(() => true),
    );
  };
  const instances: Trie<true> = {
    get root() {
      root ??= read();
      return root;
    },
    set root(next) {
      root = next;
    },
  };
  return { name, instances };
};

const placedIn = ({ placed }: KeptFacts, texts: Texts): Trie<NodePart> =>
  trieOf(
    placed.map((key) => {
      const { text, stand } = texts.take();
      const part = sleepingPart(key.slice(key.indexOf(SEPARATOR) + 1), text);
      stand(part);
      return [key, part];
    }),
  );

const NO_ADDRESSES: ReadonlySet<string> = new Set();

const instancesIn = ({ instances }: KeptFacts, texts: Texts, network: Network): Trie<InstanceEntry> => {
  const entryOf = (id: string): InstanceEntry => {
    const view = peek(network.instances, id);
    if (view === undefined) throw new Error(`expected the instance ${id} in the network, found none`);
    return canonicalInstance(instanceEntry(instanceInput(view), NO_ADDRESSES));
  };
  const root = nodeOfShape<InstanceEntry>(instances, () => {
    const { text, stand } = texts.take();
    const leaf = sleepingLeaf(() => {
      const keys = editsIn(text).map(([, id = '']) => id);
      return { keys, values: keys.map(entryOf) };
    });
    stand(leaf);
    return leaf;
  });
  return { root };
};

const groupsIn = ({ groups, groupIds }: KeptFacts, texts: Texts, network: Network): Trie<GroupEntry> => {
  const included = new Set(groupIds);
  const entryOf = (id: string): GroupEntry => {
    const view = peek(network.groups, id);
    if (view === undefined) throw new Error(`expected the group ${id} in the network, found none`);
    return canonicalGroup(groupEntry(groupInput(view), (other) => included.has(other)));
  };
  let at = 0;
  const root = nodeOfShape<GroupEntry>(groups, (size) => {
    const keys = groupIds.slice(at, at + size);
    at += size;
    const leaf = sleepingLeaf(() => ({ keys, values: keys.map(entryOf) }));
    texts.take().stand(leaf);
    return leaf;
  });
  return { root };
};

/** The pieces of these parts, of which those that are known are made late. */
const piecesIn = (parts: KeptParts, { known }: Texts) => {
  const late: Piece[] = [];
  const { dialect } = parts;
  const writer = createDocumentWriter(dialect, entryFragments(dialect), (from, kind, make) => {
    const facts = known.get(from);
    if (facts === undefined || facts.byteLength < 0) return undefined;
    const piece = latePiece({ kind, byteLength: facts.byteLength, digest: facts.digest }, make);
    late.push(piece);
    return piece;
  });
  return { pieces: writer.pieces(parts), late };
};

/** Throws when it is not the document it says it is. `network` must not change any more. */
export const recalledDocument = (facts: KeptFacts, bytes: Buffer, network: Network): Recalled => {
  const { dialect } = facts;
  const texts = createTexts(facts, bytes);
  const placed = placedIn(facts, texts);
  const instances = instancesIn(facts, texts, network);
  const securityGroups = groupsIn(facts, texts, network);
  const resolved = resolvedIn(network);
  const cloudAddress = settingsIn(network)['edgelog.clc_address'];
  const clusters = keptClusters(undefined, network, resolved, { placed, moved: new Set() });
  const stamp = stampOf(network.epoch, fullVersion(network));
  const head = headOf(configurationEntry(resolved, cloudAddress), dialect);
  const parts: KeptParts = { dialect, stamp, head, clusters: clusters.parts, instances, securityGroups };
  const { pieces, late } = piecesIn(parts, texts);
  if (pieces.contentDigest !== facts.contentDigest) {
    throw new Error(`expected the document ${facts.contentDigest}, got ${pieces.contentDigest}`);
  }
  const memberCounts = trieOf(facts.memberCounts);
  const namedBy = trieOf(facts.namedBy.map((key) => [key, true] as const));
  return {
    kept: { network, resolved, cloudAddress, parts, memberCounts, namedBy, clusters },
    pieces,
    textOf: (part) => texts.known.get(part)?.text,
    check: function* () {
      for (const piece of late) yield void (piece.kind === 'list' ? piece.parts : piece.bytes);
      late.length = 0;
      texts.known.clear();
    },
  };
};
