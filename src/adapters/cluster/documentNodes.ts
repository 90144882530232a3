/**
 * The nodes a document lists for one cluster: looked up in its parts where it came in parts, otherwise read without parsing
 * the rest of it, because the configuration comes first and the cluster's own entry is contiguous. Documents that are not
 * shaped like ours simply yield no nodes.
 */
import { forEach, peek } from '../../projections/trie.ts';
import type { ReceivedDocument, Structure } from '../shared/receivedDocument.ts';

const START = (cluster: string): string => `<cluster name="${cluster}">`;

const unescaped = (text: string): string =>
  text.replace(
    /&(amp|lt|gt|quot|apos);/g,
    (_, name: string) => ({ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" })[name] ?? '',
  );

const inParts = ({ parts }: Structure, cluster: string): readonly string[] => {
  const nodes: string[] = [];
  const part = peek(parts.clusters, cluster);
  if (part !== undefined) forEach(part.nodes, (name) => nodes.push(name));
  return nodes;
};

/** Names in document order. */
export const nodesOf = (document: ReceivedDocument, cluster: string): readonly string[] =>
  document.structure === undefined ? nodesIn(document.pieces, cluster) : inParts(document.structure, cluster);

/** `pieces` are the document's bytes. */
export const nodesIn = (pieces: readonly Uint8Array[], cluster: string): readonly string[] => {
  let text = '';
  for (const piece of pieces) {
    text += Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength).toString('utf8');
    if (text.includes('</configuration>')) break;
  }
  const from = text.indexOf(START(cluster));
  if (from < 0) return [];
  const entry = text.slice(from, text.indexOf('</cluster>', from));
  return [...entry.matchAll(/<node name="([^"]*)"/g)].map((match) => unescaped(match[1] ?? ''));
};
