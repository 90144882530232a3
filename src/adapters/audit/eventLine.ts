/** An event's canonical line: everything the log keeps of it, and nothing else. A leaf of the tree is the hash of these bytes. */
import type { StoredEvent } from '../../domain/eventStore.ts';
import { canonical } from './bundleProof.ts';

export const eventLine = ({ id, stream, revision, position, type, data, metadata }: StoredEvent): string =>
  canonical({ id, stream, revision, position, type, data, metadata });
