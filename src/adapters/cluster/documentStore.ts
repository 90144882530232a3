/**
 * The newest document of a cluster controller, in memory and on disk. It refuses older ones and changes nothing in any.
 *
 * A whole document is on disk before it is answered true. One that came as a delta is in memory then, and on disk a little
 * later, because writing all of it would cost more than the change: after a crash an older one is here, and whoever sends the
 * next delta is told so and sends everything.
 */
import type { Delta } from '../../projections/document/delta.ts';
import { readIfThere, replaceFile } from '../shared/atomicFile.ts';
import { type DeltaTaken, takeDelta } from '../shared/documentDelta.ts';
import { createInTurn } from '../shared/inTurn.ts';
import {
  type Acceptance,
  type ReceivedDocument,
  receivedDocument,
  refusingFaults,
  successionOf,
} from '../shared/receivedDocument.ts';
import { createWriteBehind } from '../shared/writeBehind.ts';

export type DocumentStore = {
  /** Takes up what is on disk. */
  readonly recall: () => Promise<void>;
  readonly accept: (document: ReceivedDocument) => Promise<Acceptance>;
  readonly acceptDelta: (delta: Delta, traceparent?: string) => Promise<DeltaTaken>;
  readonly latest: () => ReceivedDocument | undefined;
  /** Resolves when all there is is on disk. */
  readonly flush: () => Promise<void>;
};

export type DocumentStoreOptions = {
  readonly file: string;
  /** A document was taken, or the one there was came again. */
  readonly onTaken: (document: ReceivedDocument) => void;
  /** The newest document could not be written; it is in use all the same. */
  readonly onFault: (fault: unknown) => void;
};

export const createDocumentStore = ({ file, onTaken, onFault }: DocumentStoreOptions): DocumentStore => {
  const inTurn = createInTurn();
  let latest: ReceivedDocument | undefined;

  const behind = createWriteBehind<ReceivedDocument>((document) => replaceFile(file, document.pieces), onFault);

  const store = async (document: ReceivedDocument): Promise<Acceptance> => {
    const succession = successionOf(document, latest);
    if (succession !== 'newer' && succession !== 'same') return { accepted: false, ...succession };
    if (succession === 'newer') {
      if (document.structure === undefined) await replaceFile(file, document.pieces);
      else behind.put(document);
      latest = document;
    } else if (document.structure !== undefined) latest = document;
    onTaken(latest ?? document);
    return { accepted: true };
  };

  const storeSafely = (document: ReceivedDocument): Promise<Acceptance> => refusingFaults(store(document));

  return {
    recall: async () => {
      const bytes = await readIfThere(file);
      latest = bytes === undefined ? undefined : receivedDocument([bytes]);
    },
    accept: (document) => inTurn(() => storeSafely(document)),
    acceptDelta: (delta, traceparent) => inTurn(() => takeDelta(latest, delta, storeSafely, traceparent)),
    latest: () => latest,
    flush: behind.flush,
  };
};
