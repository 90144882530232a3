/**
 * The nodes a document lists for one cluster, read without parsing the rest of it: the configuration comes first and the
 * cluster's own entry is contiguous. Documents that are not shaped like ours simply yield no nodes.
 */

const START = (cluster: string): string => `<cluster name="${cluster}">`;

const unescaped = (text: string): string =>
  text.replace(
    /&(amp|lt|gt|quot|apos);/g,
    (_, name: string) => ({ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" })[name] ?? '',
  );

/** Names in document order. `pieces` are the document's bytes. */
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
