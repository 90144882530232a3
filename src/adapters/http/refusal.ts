/**
 * Refusals of the door itself: requests that never became a command. They are the domain's kind of value, so that one road
 * leads from every "no" to a problem; `headers` are added where a status demands some (`Allow`, `WWW-Authenticate`).
 */
import { type Refusal, refuse } from '../../domain/refusals.ts';

export type DoorRefusal = Refusal & {
  readonly headers?: { readonly [name: string]: string };
  /** Members added to the problem, e.g. which positions are current. */
  readonly more?: { readonly [member: string]: unknown };
};

export const refuseRequest = (
  code: string,
  detail: string,
  more: Omit<DoorRefusal, 'refused' | 'detail'> = {},
): DoorRefusal => ({ ...refuse(code, detail), ...more });

const LONGEST_SHOWN = 120;

/** Any value as short printable text: control characters are escaped, long texts are cut. */
export const shown = (value: unknown): string => {
  const written = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  const cut = written.length > LONGEST_SHOWN ? `${written.slice(0, LONGEST_SHOWN - 3)}...` : written;
  return escapeControls(cut);
};

/** Control characters (terminal escapes, line breaks, bidirectional overrides) as `\u....`: for logs and details. */
export const escapeControls = (written: string): string =>
  written.replace(
    /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu,
    (sign) => `\\u${(sign.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
