/**
 * The whole document as a delta against nothing, as bytes: the very text `encodeDelta` makes, leaf by leaf, without a list of
 * all edits. The text of a part that is known from elsewhere is taken as it is; who receives it checks it by its digest.
 */
import { leavesOf } from '../sleepingLeaf.ts';
import { forEach, rootOf } from '../trie.ts';
import type { Leaf } from '../trieNodes.ts';
import { encodeDelta } from './deltaText.ts';
import type { ClusterPart, DocumentParts, Fragments, NodePart } from './parts.ts';
import type { DocumentWriter } from './pieces.ts';

/** Edits of some entries, parted by commas; empty for none. */
export const leafText = <V>(kind: 'i' | 'g', { keys, values }: Leaf<V>, fragment: (value: V) => string): string =>
  keys.map((key, index) => JSON.stringify([kind, key, fragment(values[index] as V)])).join(',');

/** A node of a cluster and what is placed on it. */
export const nodeText = (cluster: string, { name, instances }: NodePart): string => {
  const ids: string[] = [];
  forEach(instances, (id) => ids.push(id));
  const node = JSON.stringify(['n', cluster, name]);
  return ids.length === 0 ? node : `${node},${JSON.stringify(['m', cluster, name, ...ids])}`;
};

/** The text of a leaf or of a node's part, if it is known. */
export type TextOf = (part: object) => Buffer | undefined;

const unknown: TextOf = () => undefined;

const COMMA = Buffer.from(',');

/** Parts with a comma between them. */
const createList = () => {
  const list: Buffer[] = [];
  return {
    list,
    add: (text: Buffer): void => {
      if (text.length === 0) return;
      if (list.length > 0) list.push(COMMA);
      list.push(text);
    },
  };
};

type Add = (text: Buffer) => void;

const addCluster = (name: string, { head, nodes }: ClusterPart, textOf: TextOf, add: Add): void => {
  add(Buffer.from(JSON.stringify(['c', name, head])));
  forEach(nodes, (_, part) => add(textOf(part) ?? Buffer.from(nodeText(name, part))));
};

const addParts = <I, G>(
  { clusters, instances, securityGroups }: DocumentParts<I, G>,
  { instance, securityGroup }: Fragments<I, G>,
  textOf: TextOf,
  add: Add,
): void => {
  forEach(clusters, (name, part) => addCluster(name, part, textOf, add));
  for (const leaf of leavesOf(rootOf(instances))) add(textOf(leaf) ?? Buffer.from(leafText('i', leaf, instance)));
  for (const leaf of leavesOf(rootOf(securityGroups))) {
    add(textOf(leaf) ?? Buffer.from(leafText('g', leaf, securityGroup)));
  }
};

export const wholeText = <I, G>(
  writer: DocumentWriter<I, G>,
  parts: DocumentParts<I, G>,
  textOf: TextOf = unknown,
): Buffer => {
  const { dialect, stamp, head } = parts;
  const { digest } = writer.pieces(parts);
  const around = encodeDelta({ dialect, from: null, to: digest, stamp, head, removed: [], set: [] });
  const { list, add } = createList();
  addParts(parts, writer, textOf, add);
  if (list.length === 0) return Buffer.from(around);
  return Buffer.concat([Buffer.from(`${around.slice(0, -1)},"set":[`), ...list, Buffer.from(']}')]);
};
