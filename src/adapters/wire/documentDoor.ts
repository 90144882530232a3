/**
 * Where a controller of ours takes documents as deltas: opened only with a valid seal where one is demanded, read strictly,
 * and answered with what the sender needs to know: taken, another base wanted, or why not.
 */
import { isRefusal, type Refusal } from '../../domain/refusals.ts';
import type { Delta } from '../../projections/document/delta.ts';
import { decodeDelta } from '../../projections/document/deltaText.ts';
import { unpacked } from './compactBody.ts';
import { ANSWER, ANYONE, AUDIENCE_HEADER, answerText, SEAL_HEADER, type SealCheck, type Sealer } from './seal.ts';
import type { WireAnswer, WireRequest, WireRoute } from './wireServer.ts';

export const DOCUMENT_PATH = '/documents';

/** A whole document of 50,000 instances is 17 MB this way. */
export const MAX_DELTA_BYTES = 256 * 1024 * 1024;

/** `wants-base`: it starts from another document than the one here, `have` (hex; null for none). */
export type DeltaAnswer =
  | { readonly kind: 'taken' }
  | { readonly kind: 'wants-base'; readonly have: string | null }
  | { readonly kind: 'refused'; readonly reason: string; readonly detail: string };

export type DocumentDoorOptions = {
  readonly take: (delta: Delta, headers: WireRequest['headers']) => Promise<DeltaAnswer>;
  /** Without it anybody who can connect is believed, which is fit for loopback only. */
  readonly check?: SealCheck | undefined;
  /** Seals answers, so that nobody else can say that a document was taken. */
  readonly seal?: Sealer | undefined;
  readonly onRefused?: (refusal: Refusal, from: string) => void;
};

const headerIn = (headers: WireRequest['headers'], name: string): string | undefined => {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
};

const refused = (status: number, { refused: reason, detail }: Refusal): WireAnswer => ({
  status,
  json: { reason, detail },
});

const answerOf = (answer: DeltaAnswer): WireAnswer => {
  switch (answer.kind) {
    case 'taken':
      return { status: 204 };
    case 'wants-base':
      return { status: 409, json: { have: answer.have } };
    case 'refused':
      return { status: 422, json: { reason: answer.reason, detail: answer.detail } };
  }
};

export const documentRoute = ({ take, check, seal, onRefused }: DocumentDoorOptions): WireRoute => {
  const unsealed = ({ body, headers }: WireRequest): Refusal | undefined =>
    check?.(body, headerIn(headers, SEAL_HEADER), headerIn(headers, AUDIENCE_HEADER) ?? ANYONE);

  const understand = (request: WireRequest): Delta | Refusal => {
    const coding = headerIn(request.headers, 'content-encoding');
    return decodeDelta(unpacked(request.body, coding, MAX_DELTA_BYTES) ?? '');
  };

  const sealed = async (answer: WireAnswer, body: Buffer): Promise<WireAnswer> => {
    if (seal === undefined) return answer;
    const said = answer.json === undefined ? '' : JSON.stringify(answer.json);
    return { ...answer, headers: { [SEAL_HEADER]: await seal(answerText(answer.status, body, said), ANSWER) } };
  };

  return {
    path: DOCUMENT_PATH,
    maxBytes: MAX_DELTA_BYTES,
    turnedAway: (headers) =>
      check !== undefined && headerIn(headers, SEAL_HEADER) === undefined ? { status: 401 } : undefined,
    answer: async (request) => {
      const untrusted = unsealed(request);
      if (untrusted !== undefined) {
        onRefused?.(untrusted, request.from);
        return refused(403, untrusted);
      }
      const delta = understand(request);
      if (!isRefusal(delta)) return sealed(answerOf(await take(delta, request.headers)), request.body);
      onRefused?.(delta, request.from);
      return sealed(refused(422, delta), request.body);
    },
  };
};
