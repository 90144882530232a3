/**
 * Tells receivers only what changed: remembers which version each has acknowledged and sends what leads from there to the
 * newest. A receiver that has another version says so and gets what leads from that, or everything. Versions remembered share
 * what they have in common; one that nobody acknowledged for long is let go, and costs one whole document when it is wanted.
 */
import { deltaOf } from '../../projections/document/delta.ts';
import { encodeDelta } from '../../projections/document/deltaText.ts';
import type { DocumentParts } from '../../projections/document/parts.ts';
import type { DocumentWriter } from '../../projections/document/pieces.ts';
import { wholeText } from '../../projections/document/wholeText.ts';
import { type CompactBody, isLarge, packed } from './compactBody.ts';
import type { DocumentPost, Parcel, Posted, WirePlace } from './documentPost.ts';
import { createHeadStart } from './headStart.ts';
import { ANYONE, type Sealer } from './seal.ts';

/** A version ready to be compared; `digest` is that of its pieces. */
export type Carried<I, G extends object> = {
  readonly digest: string;
  readonly parts: DocumentParts<I, G>;
  readonly writer: DocumentWriter<I, G>;
};

export type Delivery = {
  readonly receiver: string;
  readonly place: WirePlace;
  /** For whom: a document that is not for everybody is sealed for one. */
  readonly isForAnyone: boolean;
  readonly traceparent?: string;
};

export type Courier<I, G extends object> = {
  readonly deliver: (delivery: Delivery, document: Carried<I, G>, signal: AbortSignal) => Promise<Posted>;
  /** The receiver is known to have this version, from before. */
  readonly assume: (receiver: string, document: Carried<I, G>) => void;
  readonly forget: (receiver: string) => void;
};

export type CourierOptions = {
  readonly post: DocumentPost['post'];
  readonly seal?: Sealer | undefined;
  readonly now: () => number;
};

/** How long a version is remembered for a receiver that is silent. */
const REMEMBERED_MS = 600_000;
const SWEEP_EVERY_MS = 60_000;
/** How long a whole document may hold up those for others. */
const HEAD_START_MS = 150;
/** Bodies kept, in number and bytes: most receivers go from the same version to the same version. */
const BODIES_KEPT = 8;
const BYTES_KEPT = 32 * 1024 * 1024;

type Known<I, G extends object> = { readonly document: Carried<I, G>; readonly at: number };

const createBodies = <I, G extends object>() => {
  const bodies = new Map<string, CompactBody>();
  let bytes = 0;

  /** Oldest first; the newest stays whatever its size, for those who are about to ask for it too. */
  const trim = (): void => {
    for (const [key, body] of bodies) {
      if (bodies.size === 1 || (bodies.size <= BODIES_KEPT && bytes <= BYTES_KEPT)) return;
      bodies.delete(key);
      bytes -= body.bytes.length;
    }
  };

  return (from: Carried<I, G> | undefined, to: Carried<I, G>): CompactBody => {
    const key = `${from?.digest ?? ''}>${to.digest}`;
    const known = bodies.get(key);
    if (known !== undefined) return known;
    // A version of another dialect has nothing in common with it: that is the whole document as well.
    const text =
      from?.parts.dialect === to.parts.dialect
        ? encodeDelta(deltaOf(to.writer, from.parts, to.parts))
        : wholeText(to.writer, to.parts, to.writer.textOf);
    const body = packed(text);
    bodies.set(key, body);
    bytes += body.bytes.length;
    trim();
    return body;
  };
};

/** One seal serves every receiver of the same body, as long as it is for anyone. */
const createSeals = (seal: Sealer | undefined, now: () => number) => {
  const seals = new WeakMap<CompactBody, { readonly at: number; readonly seal: Promise<string> }>();
  const fresh = 60_000;
  return (body: CompactBody, audience: string): Promise<string> | undefined => {
    if (seal === undefined || audience !== ANYONE) return seal?.(body.bytes, audience);
    const known = seals.get(body);
    if (known !== undefined && now() - known.at < fresh) return known.seal;
    const made = { at: now(), seal: seal(body.bytes, audience) };
    seals.set(body, made);
    return made.seal;
  };
};

export const createDocumentCourier = <I, G extends object>({ post, seal, now }: CourierOptions): Courier<I, G> => {
  const known = new Map<string, Known<I, G>>();
  const bodyOf = createBodies<I, G>();
  const sealOf = createSeals(seal, now);
  const headStart = createHeadStart(HEAD_START_MS);
  let sweptAt = now();

  const sweep = (): void => {
    if (now() - sweptAt < SWEEP_EVERY_MS) return;
    sweptAt = now();
    for (const [receiver, { at }] of known) if (now() - at > REMEMBERED_MS) known.delete(receiver);
  };

  const send = async (
    { place, receiver, isForAnyone, traceparent }: Delivery,
    from: Carried<I, G> | undefined,
    to: Carried<I, G>,
    signal: AbortSignal,
  ): Promise<Posted> => {
    const body = bodyOf(from, to);
    const audience = isForAnyone ? ANYONE : receiver;
    const sealing = sealOf(body, audience);
    // Without a seal it is sent before this turn ends.
    const sealed = sealing === undefined ? undefined : await sealing;
    const parcel: Parcel = {
      ...body,
      ...(isForAnyone ? {} : { audience }),
      ...(sealed === undefined ? {} : { seal: sealed }),
      ...(traceparent === undefined ? {} : { traceparent }),
    };
    return isLarge(parcel) ? headStart(() => post(place, parcel, signal)) : post(place, parcel, signal);
  };

  /** The version to go on from, when the receiver says what it has. */
  const baseFor = (have: string | null, document: Carried<I, G>): Carried<I, G> | undefined => {
    if (have === null) return undefined;
    if (have === document.digest) return document;
    for (const { document: one } of known.values()) if (one.digest === have) return one;
    return undefined;
  };

  const deliver: Courier<I, G>['deliver'] = async (delivery, document, signal) => {
    sweep();
    const { receiver } = delivery;
    const first = known.get(receiver)?.document;
    let posted = await send(delivery, first, document, signal);
    if (posted.kind === 'wants-base') {
      posted = await send(delivery, baseFor(posted.have, document), document, signal);
    } else if (posted.kind === 'refused' && posted.reason.startsWith('delta-') && first !== undefined) {
      posted = await send(delivery, undefined, document, signal);
    }
    if (posted.kind === 'taken') known.set(receiver, { document, at: now() });
    else if (posted.kind !== 'failed') known.delete(receiver);
    return posted;
  };

  return {
    deliver,
    assume: (receiver, document) => {
      if (!known.has(receiver)) known.set(receiver, { document, at: now() });
    },
    forget: (receiver) => known.delete(receiver),
  };
};
