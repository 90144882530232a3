/**
 * The bytes of a network document -> `NetworkDocument` and its stamp, or the reason why not. A reader remembers the last
 * bytes it read and keeps the identity of every entry whose bytes are the same, so that whoever compares by identity sees
 * exactly what changed; a changed entry among ten thousand costs a few comparisons of memory and one small parse.
 * It reads anything Eucalyptus writes; it must never accept half a document.
 */
import { isRefusal, type Refusal, refuse } from '../../domain/refusals.ts';
import type {
  DocumentStamp,
  GroupEntry,
  InstanceEntry,
  NetworkDocument,
  NodeEntry,
} from '../../projections/document/model.ts';
import { emptyCensus, recount } from '../../projections/plan/census.ts';
import { type ListReader, type ReadList, readList, type Span } from './document/fragments.ts';
import { configurationShape, groupShape, instanceShape, nodeShape } from './document/shapes.ts';
import { childNamed, childrenNamed, property, readElements, type XmlElement } from './document/xmlTree.ts';

/** `epoch` and `position` only in documents of our own control plane; `version` is empty where the root has none. */
export type ReadStamp = DocumentStamp & { readonly epoch?: number; readonly position?: number };

export type ReadDocument = { readonly document: NetworkDocument; readonly stamp: ReadStamp };

export type DocumentReader = { readonly read: (bytes: Buffer) => ReadDocument | Refusal };

/** Bytes; far beyond what the wire lets through (node spec 1.2). */
const largest = 64 * 1024 * 1024;

/** Once, from nothing, with what may not be twice checked as well. */
export const readDocument = (bytes: Buffer): ReadDocument | Refusal => {
  const read = createDocumentReader().read(bytes);
  if (isRefusal(read)) return read;
  return recount(emptyCensus(), undefined, read.document) ?? read;
};

type Memory = {
  instances?: ReadList<InstanceEntry>;
  groups?: ReadList<GroupEntry>;
  nodes: ReadList<NodeEntry>[];
};

export const createDocumentReader = (): DocumentReader => {
  let memory: Memory = { nodes: [] };
  return {
    read: (bytes) => {
      const refusal = unreadable(bytes);
      if (refusal !== undefined) return refusal;
      const quick = readByPieces(bytes, memory);
      if (quick !== undefined) {
        memory = quick.memory;
        return quick.read;
      }
      return readWhole(bytes);
    },
  };
};

const unreadable = (bytes: Buffer): Refusal | undefined => {
  if (bytes.length === 0) return refuse('document-truncated', 'the document is empty');
  if (bytes.length > largest)
    return refuse('document-size', `the document has ${bytes.length} bytes, more than ${largest}`);
  const tail = bytes.toString('utf8', Math.max(0, bytes.length - 4096));
  if (!tail.includes('</network-data>') && !/<network-data[^>]*\/>/.test(tail)) {
    return refuse('document-truncated', `the document ends after ${bytes.length} bytes without </network-data>`);
  }
  return undefined;
};

/** No comment, CDATA, type, instruction or broken UTF-8, so that a tag can be found by its text. */
const isPlain = (text: string): boolean =>
  !text.includes('<!') && text.indexOf('<?', 1) < 0 && !text.includes('\uFFFD');

const one = <T>(shape: (element: XmlElement) => T) => {
  return (text: string): T | undefined => {
    if (!isPlain(text)) return undefined;
    const elements = readElements(text, { fragment: true });
    const first = isRefusal(elements) || elements.length !== 1 ? undefined : elements[0];
    return first === undefined ? undefined : shape(first);
  };
};

const nodeReader: ListReader<NodeEntry> = {
  endTag: '</node>',
  closeTag: '</property>',
  read: one(nodeShape),
  id: (node) => node.name,
};
const instanceReader: ListReader<InstanceEntry> = {
  endTag: '</instance>',
  closeTag: '</instances>',
  read: one(instanceShape),
  id: (entry) => entry.id,
};
const groupReader: ListReader<GroupEntry> = {
  endTag: '</securityGroup>',
  closeTag: '</securityGroups>',
  read: one(groupShape),
  id: (group) => group.id,
};

/** The list that begins with the first `open` at or after `at`. */
const listAt = <T>(
  bytes: Buffer,
  open: string,
  at: number,
  reader: ListReader<T>,
  old: ReadList<T> | undefined,
): ReadList<T> | undefined => {
  const start = bytes.indexOf(open, at);
  return start < 0 ? undefined : readList(bytes, start + open.length, reader, old);
};

/** Undefined whenever anything is not exactly as we write it ourselves; then the whole is read from scratch. */
const readByPieces = (bytes: Buffer, old: Memory): { read: ReadDocument; memory: Memory } | undefined => {
  const configurationEnd = bytes.indexOf('</configuration>');
  if (configurationEnd < 0) return undefined;
  const nodes = nodeLists(bytes.subarray(0, configurationEnd), old.nodes);
  const instances = listAt(bytes, '<instances>', configurationEnd, instanceReader, old.instances);
  if (nodes === undefined || instances === undefined) return undefined;
  const groups = listAt(bytes, '<securityGroups>', instances.span.to, groupReader, old.groups);
  if (groups === undefined) return undefined;
  const lists = { instances, groups, nodes };
  const frame = rest(bytes, [...nodes.map(({ span }) => span), instances.span, groups.span]);
  const read = assemble(frame, lists);
  return read === undefined ? undefined : { read, memory: lists };
};

/** The nodes of each cluster that has some. */
const nodeLists = (configuration: Buffer, old: readonly ReadList<NodeEntry>[]): ReadList<NodeEntry>[] | undefined => {
  const open = '<property name="nodes">';
  const lists: ReadList<NodeEntry>[] = [];
  for (let at = configuration.indexOf(open); at >= 0; at = configuration.indexOf(open, at)) {
    const list = readList(configuration, at + open.length, nodeReader, old[lists.length]);
    if (list === undefined) return undefined;
    lists.push(list);
    at = list.span.to;
  }
  return lists;
};

const rest = (bytes: Buffer, spans: readonly Span[]): string => {
  let at = 0;
  let text = '';
  for (const { from, to } of spans) {
    text += bytes.toString('utf8', at, from);
    at = to;
  }
  return text + bytes.toString('utf8', at);
};

/** The frame around the lists must be a document by itself, with every list in its own place and empty there. */
const assemble = (frame: string, lists: Required<Memory>): ReadDocument | undefined => {
  if (
    frame.includes('\uFFFD') ||
    frame.split('<instances>').length !== 2 ||
    frame.split('<securityGroups>').length !== 2
  )
    return undefined;
  const root = rootOf(frame);
  if (isRefusal(root)) return undefined;
  const framed = shapeOf(root);
  if (isRefusal(framed)) return undefined;
  const { document, stamp } = framed;
  const placed = ['instances', 'securityGroups'].every((name) => childrenNamed(root, name).length === 1);
  const clusters = document.configuration.clusters;
  const isFilled = [...frame.matchAll(/<property name="nodes"(\/>|><\/property>)/g)].map(([, end]) => end !== '/>');
  const fits = isFilled.length === clusters.length && isFilled.filter(Boolean).length === lists.nodes.length;
  if (!placed || !fits || nodePlaces(root) !== clusters.length) return undefined;
  const remaining = [...lists.nodes];
  const filled = clusters.map((cluster, index) => ({
    ...cluster,
    nodes: isFilled[index] === true ? (remaining.shift()?.entries ?? []) : [],
  }));
  return {
    stamp,
    document: {
      configuration: { ...document.configuration, clusters: filled },
      instances: lists.instances.entries,
      securityGroups: lists.groups.entries,
    },
  };
};

/** Clusters that have a list of nodes, where such a list belongs. */
const nodePlaces = (root: XmlElement): number => {
  const configuration = childNamed(root, 'configuration');
  const clusters = configuration === undefined ? undefined : property(configuration, 'clusters');
  return (clusters?.children ?? []).filter((cluster) => property(cluster, 'nodes') !== undefined).length;
};

const readWhole = (bytes: Buffer): ReadDocument | Refusal => {
  const text = decode(bytes);
  if (typeof text !== 'string') return text;
  const root = rootOf(text);
  return isRefusal(root) ? root : shapeOf(root);
};

const decode = (bytes: Buffer): string | Refusal => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return refuse('document-malformed', 'the document is not UTF-8');
  }
};

const rootOf = (text: string): XmlElement | Refusal => {
  const elements = readElements(text, { fragment: false });
  if (isRefusal(elements)) return elements;
  const root = elements[0];
  if (root === undefined || root.name !== 'network-data') {
    return refuse('document-malformed', `the root is <${root?.name ?? ''}>, not <network-data>`);
  }
  return root;
};

const shapeOf = (root: XmlElement): ReadDocument | Refusal => {
  const [configuration, ...more] = childrenNamed(root, 'configuration');
  if (configuration === undefined || more.length > 0) {
    return refuse('document-malformed', `the document has ${more.length + 1} configurations, not one`);
  }
  const shape = configurationShape(configuration);
  if (isRefusal(shape)) return shape;
  const list = (wrapper: string, name: string): XmlElement[] =>
    childrenNamed(root, wrapper).flatMap((element) => childrenNamed(element, name));
  return {
    stamp: stampOf(root),
    document: {
      configuration: shape,
      instances: list('instances', 'instance').map(instanceShape),
      securityGroups: list('securityGroups', 'securityGroup').map(groupShape),
    },
  };
};

const stampOf = (root: XmlElement): ReadStamp => {
  const number = (name: string): number | undefined => {
    const text = root.attributes[name];
    return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
  };
  const [epoch, position] = [number('epoch'), number('position')];
  return {
    version: root.attributes['version'] ?? '',
    ...(epoch === undefined ? {} : { epoch }),
    ...(position === undefined ? {} : { position }),
  };
};
