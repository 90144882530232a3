/**
 * Reads request bodies: bounded while they stream in, uncompressed, UTF-8, strict JSON. A body that is too large is refused
 * as soon as that is known; what still comes of it is thrown away (`unread.ts`). Nothing is kept of a refused body.
 */
import type { IncomingMessage } from 'node:http';
import { isRefusal } from '../../domain/refusals.ts';
import { parseStrictJson } from '../../domain/strictJson.ts';
import { type DoorRefusal, refuseRequest, shown } from './refusal.ts';
import type { BodyForm } from './route.ts';
import { checkOf } from './validation.ts';

/** Bytes a body may have. */
export type BodyLimits = { readonly command: number; readonly batch: number };

export type ReadBody = { readonly raw: Buffer; readonly value: unknown };

const nothing: ReadBody = { raw: Buffer.alloc(0), value: undefined };

/** The body as the route wants it, or the first thing that is wrong with it. */
export const readBody = async (
  request: IncomingMessage,
  form: BodyForm | undefined,
  limits: BodyLimits,
): Promise<ReadBody | DoorRefusal> => {
  if (form === undefined)
    return hasBody(request) ? refuseRequest('unexpected-body', 'This route takes no body.') : nothing;
  const limit = limits[form.limit];
  const wrong = hasBody(request) ? wrongHead(request, form, limit) : undefined;
  if (wrong !== undefined) return wrong;
  const raw = await collect(request, limit);
  if (isRefusal(raw)) return raw;
  if (raw.length > 0) return decoded(raw, form, mediaType(request));
  return form.optional === true ? { raw, value: {} } : refuseRequest('missing-body', 'The request has no body.');
};

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

/** `application/json; charset=utf-8` -> `application/json`. */
export const mediaType = ({ headers }: IncomingMessage): string =>
  (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';

const wrongHead = (request: IncomingMessage, form: BodyForm, limit: number): DoorRefusal | undefined => {
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') {
    return refuseRequest('unsupported-media-type', `Bodies come uncompressed; this one says ${shown(encoding)}.`);
  }
  const type = mediaType(request);
  if (!form.types.includes(type)) {
    const said = type === '' ? 'none' : shown(type);
    return refuseRequest(
      'unsupported-media-type',
      `This route takes ${form.types.join(' or ')}; the request says ${said}.`,
    );
  }
  const charset = /charset="?([^";\s]+)/i.exec(request.headers['content-type'] ?? '')?.[1] ?? 'utf-8';
  if (charset.toLowerCase() !== 'utf-8') return refuseRequest('unsupported-media-type', 'JSON travels as UTF-8 only.');
  return Number(request.headers['content-length'] ?? 0) > limit ? tooLarge(limit) : undefined;
};

const tooLarge = (limit: number): DoorRefusal =>
  refuseRequest('body-too-large', `The body has more than ${limit} bytes.`, { headers: { Connection: 'close' } });

/** Resolves with the whole body, or with a refusal as soon as it is over the limit. Rejects when the client breaks off. */
const collect = (request: IncomingMessage, limit: number): Promise<Buffer | DoorRefusal> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const take = (chunk: Buffer): void => {
      size += chunk.length;
      if (size <= limit) {
        chunks.push(chunk);
        return;
      }
      request.off('data', take);
      request.pause();
      chunks.length = 0;
      resolve(tooLarge(limit));
    };
    request.on('data', take);
    request.once('end', () =>
      resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)),
    );
    request.once('error', reject);
    request.once('aborted', () => reject(new ClientGone()));
  });

/** The client broke off: nobody is there to answer. */
export class ClientGone extends Error {}

const utf8 = new TextDecoder('utf-8', { fatal: true });

const textOf = (raw: Uint8Array): string | DoorRefusal => {
  try {
    return utf8.decode(raw);
  } catch {
    return refuseRequest('invalid-utf8', 'The body has bytes that are not UTF-8.');
  }
};

const decoded = (raw: Buffer, form: BodyForm, type: string): ReadBody | DoorRefusal => {
  const text = textOf(raw);
  if (isRefusal(text)) return text;
  if (form.kind === 'text') return { raw, value: text };
  const json = type === 'application/json' ? parseStrictJson(text) : linesOf(text);
  if (isRefusal(json)) return json;
  if (form.kind === 'batch') return Array.isArray(json.json) ? { raw, value: json.json } : notAnArray;
  const wrong = checkOf(form.schema)(json.json);
  return wrong ?? { raw, value: json.json };
};

/** Items of a batch are checked one by one later, each with its own answer. */
const notAnArray = refuseRequest('wrong-type', 'A batch is an array of commands, or one command on each line.');

/** Lines of JSON; blank lines are skipped. A refusal names the line. */
const linesOf = (text: string): { readonly json: readonly unknown[] } | DoorRefusal => {
  const items: unknown[] = [];
  let number = 0;
  for (const line of text.split('\n')) {
    number += 1;
    if (line.trim() === '') continue;
    const parsed = parseStrictJson(line);
    if (isRefusal(parsed)) return { ...parsed, detail: `Line ${number} of the body: ${parsed.detail}` };
    items.push(parsed.json);
  }
  return { json: items };
};
