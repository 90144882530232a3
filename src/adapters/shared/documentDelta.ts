/** What a controller makes of a delta that comes in: the document after it, or what to tell the sender. */
import { isRefusal } from '../../domain/refusals.ts';
import type { Delta } from '../../projections/document/delta.ts';
import { applyDelta } from '../../projections/document/received.ts';
import { type Acceptance, type ReceivedDocument, structuredDocument } from './receivedDocument.ts';

export type DeltaTaken =
  | { readonly kind: 'taken' }
  | { readonly kind: 'wants-base'; readonly have: string | null }
  | { readonly kind: 'refused'; readonly reason: string; readonly detail: string };

/** `accept` decides about the document that comes out, as about one that came whole. */
export const takeDelta = async (
  current: ReceivedDocument | undefined,
  delta: Delta,
  accept: (document: ReceivedDocument) => Promise<Acceptance>,
  traceparent?: string,
): Promise<DeltaTaken> => {
  const next = applyDelta(current?.structure, delta);
  if (isRefusal(next)) {
    return next.refused === 'delta-base'
      ? { kind: 'wants-base', have: current?.structure?.pieces.digest ?? null }
      : { kind: 'refused', reason: next.refused, detail: next.detail };
  }
  const answer = await accept(structuredDocument(next, traceparent));
  return answer.accepted ? { kind: 'taken' } : { kind: 'refused', reason: answer.reason, detail: answer.detail };
};
