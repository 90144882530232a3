/** What a node controller says upward, read strictly: it comes from another machine. */

export type Order = { readonly epoch: number; readonly position: number };

export type NodeWordMessage = {
  readonly node: string;
  readonly accepted: Order | null;
  readonly applied: Order | null;
  readonly agent: 'kernel' | 'plan' | 'none';
  readonly refusal: { readonly reason: string; readonly detail: string } | null;
  /** Of the document taken in. */
  readonly digest: string | null;
  readonly traceparent: string | null;
};

const isRecord = (x: unknown): x is Record<string, unknown> => typeof x === 'object' && x !== null && !Array.isArray(x);

const whole = (x: unknown): x is number => Number.isSafeInteger(x) && (x as number) >= -1;

const orderOf = (x: unknown): Order | null | undefined => {
  if (x === null) return null;
  return isRecord(x) && whole(x['epoch']) && whole(x['position'])
    ? { epoch: x['epoch'], position: x['position'] }
    : undefined;
};

const short = (x: unknown): string | undefined => (typeof x === 'string' ? x.slice(0, 500) : undefined);

const refusalOf = (x: unknown): NodeWordMessage['refusal'] | undefined => {
  if (x === null) return null;
  if (!isRecord(x)) return undefined;
  const reason = short(x['reason']);
  const detail = short(x['detail']);
  return reason === undefined || detail === undefined ? undefined : { reason, detail };
};

/** Null where it is null or absent, undefined where it is something else than the form. */
const formed = (x: unknown, form: RegExp): string | null | undefined => {
  if (x === null || x === undefined) return null;
  return typeof x === 'string' && form.test(x) ? x : undefined;
};

const NAME = /^[^\p{C}\s]{1,253}$/u;
const DIGEST = /^(?:parts:)?[0-9a-f]{64}$/;
const TRACE = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Undefined when it is not such a word. */
export const readNodeWord = (word: unknown): NodeWordMessage | undefined => {
  if (!isRecord(word)) return undefined;
  const { node, agent } = word;
  const accepted = orderOf(word['accepted']);
  const applied = orderOf(word['applied']);
  const refusal = refusalOf(word['refusal']);
  const digest = formed(word['digest'], DIGEST);
  const traceparent = formed(word['traceparent'], TRACE);
  if (typeof node !== 'string' || !NAME.test(node) || accepted === undefined || applied === undefined) return undefined;
  if (refusal === undefined || digest === undefined || traceparent === undefined) return undefined;
  if (agent !== 'kernel' && agent !== 'plan' && agent !== 'none') return undefined;
  return { node, accepted, applied, agent, refusal, digest, traceparent };
};
