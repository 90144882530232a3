/**
 * Everything that decides whether a request is let in, before a byte of its body is read: meant for us? from whom? may they?
 * not too fast? Who is not let in is noted with actor, place and reason; a credential is never noted.
 */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { authenticate, authorize, type Keyring, nobody } from './auth.ts';
import { foreignOrigin, type HostCheck } from './hosts.ts';
import type { RateGate } from './rateLimit.ts';
import { type DoorRefusal, escapeControls, refuseRequest } from './refusal.ts';
import type { Access, Caller } from './route.ts';

export type RequestNote = { readonly requestId: string; readonly method: string; readonly path: string };

/** A request that was not let in, for the audit of those who run this door. */
export type DenialNote = RequestNote & { readonly code: string; readonly actor: string };

export type Admission = {
  readonly keyring: Keyring;
  readonly hostCheck: HostCheck;
  readonly rateGate: RateGate | undefined;
  readonly now: () => number;
  readonly onDenied: (note: DenialNote) => void;
  /** Aborted when the door closes. */
  readonly stopping: AbortSignal;
};

const requestIdForm = /^[A-Za-z0-9._:-]{1,128}$/;

/** The caller's `X-Request-Id` if it has a harmless form, else a new one. */
export const requestIdOf = ({ headers }: IncomingMessage): string => {
  const given = headers['x-request-id'];
  return typeof given === 'string' && requestIdForm.test(given) ? given : randomUUID();
};

export const noteOf = ({ method, url }: IncomingMessage, requestId: string): RequestNote => ({
  requestId,
  method: method ?? '',
  path: escapeControls((url ?? '').split('?', 1)[0] ?? ''),
});

const closing = { Connection: 'close', 'Retry-After': '1' };

/** Meant for us, and from whom? */
export const identify = (access: Access, admission: Admission, request: IncomingMessage): Caller | DoorRefusal => {
  const { headers, method } = request;
  if (admission.stopping.aborted) {
    return refuseRequest('stopping', 'This control plane is stopping.', { headers: closing });
  }
  const reads = method === 'GET' || method === 'HEAD';
  const misdirected = admission.hostCheck(headers) ?? (reads ? undefined : foreignOrigin(headers));
  if (misdirected !== undefined) return misdirected;
  return access === 'anyone' ? nobody : authenticate(admission.keyring, headers.authorization, admission.now());
};

/** `cluster` is the one the path names, if it names one. */
export const admit = (
  access: Access,
  admission: Admission,
  caller: Caller,
  cluster: string | undefined,
): DoorRefusal | undefined => authorize(access, caller, cluster) ?? tooFast(admission, caller);

const tooFast = ({ rateGate, now }: Admission, caller: Caller): DoorRefusal | undefined => {
  const wait = caller === nobody ? 0 : (rateGate?.(caller.keyId, now()) ?? 0);
  const headers = { 'Retry-After': String(Math.ceil(wait)) };
  return wait > 0 ? refuseRequest('too-many-requests', 'This key asks faster than it may.', { headers }) : undefined;
};

const denials: ReadonlySet<string> = new Set([
  'unauthenticated',
  'forbidden',
  'account-not-yours',
  'foreign-origin',
  'misdirected-host',
]);

export const noteDenial = ({ refused }: DoorRefusal, admission: Admission, note: RequestNote, caller: Caller): void => {
  if (denials.has(refused)) admission.onDenied({ ...note, code: refused, actor: caller.actor });
};
