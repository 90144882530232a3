/**
 * Reads the Timestamp of a security header and says whether it is of now: created at most the skew ahead, not older than
 * its life, whatever `Expires` claims beyond that (node spec 1.3: 300 s and 20 s). The clock is a number passed in.
 */
import { isRefusal, type Refusal } from '../../../domain/refusals.ts';
import { namespaces } from '../names.ts';
import { soapRefusal } from '../soapRefusals.ts';
import { elementsOf, hasStrayText, named, textOf } from '../xmlQueries.ts';
import type { XmlElement } from '../xmlTree.ts';
import { clockSkewMs, timestampLifeMs } from './profiles.ts';

/** Milliseconds since 1970. `expires` is never more than one life after `created`. */
export type Lifetime = { readonly created: number; readonly expires: number };

const instant = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(\.\d{1,9})?Z$/;

const readInstant = (timestamp: XmlElement, local: string): number | Refusal => {
  const found = named(timestamp, namespaces.securityUtility, local);
  const [only] = found;
  const text = only === undefined ? undefined : textOf(only);
  const match = found.length === 1 ? instant.exec(text?.trim() ?? '') : null;
  const [, seconds = '', fraction = ''] = match ?? [];
  const value = match === null ? Number.NaN : Date.parse(`${seconds}${fraction.slice(0, 4)}Z`);
  return Number.isNaN(value) ? soapRefusal('security-timestamp', `wsu:${local} is not one instant in UTC`) : value;
};

export const readTimestamp = (timestamp: XmlElement): Lifetime | Refusal => {
  if (elementsOf(timestamp).length !== 2 || hasStrayText(timestamp)) {
    return soapRefusal('security-timestamp', 'a Timestamp holds Created and Expires and nothing else');
  }
  const created = readInstant(timestamp, 'Created');
  if (isRefusal(created)) return created;
  const expires = readInstant(timestamp, 'Expires');
  if (isRefusal(expires)) return expires;
  if (expires < created) return soapRefusal('security-timestamp', 'expires before it was created');
  return { created, expires: Math.min(expires, created + timestampLifeMs) };
};

/** Why a message of this lifetime is not of now, or undefined. */
export const notOfNow = ({ created, expires }: Lifetime, nowMs: number): Refusal | undefined => {
  if (created > nowMs + clockSkewMs) {
    return soapRefusal('security-future', `created ${seconds(created - nowMs)} s ahead of our clock`);
  }
  if (expires <= nowMs - clockSkewMs) {
    return soapRefusal('security-expired', `expired ${seconds(nowMs - expires)} s ago by our clock`);
  }
  return undefined;
};

const seconds = (ms: number): number => Math.round(ms / 1000);
