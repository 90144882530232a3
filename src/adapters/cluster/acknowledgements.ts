/**
 * Which document each node is known to have, kept in a file beside the document. Losing it only means that nodes are sent what
 * they have, and so it is written a little later. Documents are told apart by their digests; where a node tells its document
 * in another way, by the order, which in one cloud stands for one content.
 */
import { join } from 'node:path';
import { readIfThere, replaceFile } from '../shared/atomicFile.ts';
import { compareOrder, type DocumentOrder, type ReceivedDocument, tellsSame } from '../shared/receivedDocument.ts';
import { createWriteBehind } from '../shared/writeBehind.ts';

const FILE = 'acknowledged.json';
const SAVE_GAP_MS = 1_000;

export type Acknowledged = { readonly order: DocumentOrder | null; readonly digest: string };

export type Acknowledgements = {
  readonly recall: () => Promise<ReadonlyMap<string, Acknowledged>>;
  readonly has: (node: string, document: ReceivedDocument) => boolean;
  readonly note: (node: string, acknowledged: Acknowledged) => void;
  /** The node says that it has nothing. */
  readonly forget: (node: string) => void;
  readonly saved: () => Promise<void>;
};

const isOrder = (value: unknown): value is DocumentOrder =>
  typeof value === 'object' &&
  value !== null &&
  'epoch' in value &&
  Number.isSafeInteger(value.epoch) &&
  'position' in value &&
  Number.isSafeInteger(value.position);

const acknowledgedIn = (value: unknown): Acknowledged | undefined => {
  if (typeof value !== 'object' || value === null || !('digest' in value) || typeof value.digest !== 'string') return;
  const order = 'order' in value && isOrder(value.order) ? value.order : null;
  return { order, digest: value.digest };
};

const parsed = (bytes: Buffer): readonly (readonly [string, Acknowledged])[] => {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value).flatMap(([node, one]) => {
      const known = acknowledgedIn(one);
      return known === undefined ? [] : [[node, known] as const];
    });
  } catch {
    return [];
  }
};

export const createAcknowledgements = (folder: string): Acknowledgements => {
  const file = join(folder, FILE);
  const known = new Map<string, Acknowledged>();
  /** Many nodes answer at once: what was noted until the write begins is in it. */
  const saving = createWriteBehind<typeof known>(
    (all) => replaceFile(file, [Buffer.from(JSON.stringify(Object.fromEntries(all)))]),
    () => undefined,
    SAVE_GAP_MS,
  );
  const save = (): void => saving.put(known);

  return {
    recall: async () => {
      const bytes = await readIfThere(file);
      for (const [node, one] of bytes === undefined ? [] : parsed(bytes)) known.set(node, one);
      return known;
    },
    has: (node, { digest, order }) => {
      const one = known.get(node);
      if (one === undefined) return false;
      return tellsSame(one.digest, digest) ?? compareOrder(one.order ?? undefined, order) === 0;
    },
    note: (node, acknowledged) => {
      if (known.get(node)?.digest === acknowledged.digest) return;
      known.set(node, acknowledged);
      save();
    },
    forget: (node) => {
      if (known.delete(node)) save();
    },
    saved: saving.flush,
  };
};
