/**
 * What proves a piece of the log, and checks such a proof: canonical bytes of events, the Merkle tree over them (RFC 6962), and
 * Ed25519 signatures. It needs nothing but this file and Node's own crypto, so that an auditor can read it and run it alone
 * (`scripts/audit-verify.mjs` is this file without its types). It must never import anything else.
 *
 * A bundle is lines of canonical JSON: a head (which cloud, from where, and the peaks of the tree before it), the events, and a
 * foot with the tree's root and a signature over head and foot. Root and peaks bind every event to its place.
 */
import { createHash, createPublicKey, verify } from 'node:crypto';

type Json = null | boolean | number | string | readonly Json[] | { readonly [member: string]: Json };
type Fields = { readonly [member: string]: Json };

/** One text per value: members in code unit order, no blanks, numbers and strings as JSON.stringify writes them. */
export const canonical = (value: Json): string => {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  const members = Object.entries(value as Fields).filter(([, member]) => member !== undefined);
  members.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(',')}}`;
};

const sha256 = (...parts: readonly (string | Uint8Array)[]): string => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
};

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

export const leafHash = (line: string): string => sha256(LEAF, line);

const nodeHash = (left: string, right: string): string =>
  sha256(NODE, Buffer.from(left, 'hex'), Buffer.from(right, 'hex'));

/** The roots of the whole subtrees the first `size` leaves make, largest first: as many as `size` has ones in binary. */
export type Peaks = { readonly size: number; readonly hashes: readonly string[] };

export const noPeaks: Peaks = { size: 0, hashes: [] };

export const withLeaf = ({ size, hashes }: Peaks, leaf: string): Peaks => {
  const next = [...hashes];
  let top = leaf;
  for (let rest = size; rest % 2 === 1; rest = (rest - 1) / 2) top = nodeHash(next.pop() ?? '', top);
  next.push(top);
  return { size: size + 1, hashes: next };
};

/** The tree's root (RFC 6962 2.1). */
export const rootOf = ({ hashes }: Peaks): string =>
  hashes.length === 0
    ? sha256('')
    : hashes.slice(0, -1).reduceRight((right, left) => nodeHash(left, right), hashes.at(-1) ?? '');

const ones = (size: number): number => size.toString(2).replaceAll('0', '').length;

export const arePeaks = (size: unknown, hashes: unknown): boolean =>
  Number.isSafeInteger(size) &&
  (size as number) >= 0 &&
  Array.isArray(hashes) &&
  hashes.every((hash) => typeof hash === 'string' && /^[0-9a-f]{64}$/.test(hash)) &&
  hashes.length === ones(size as number);

/** Which key signed: the beginning of the SHA-256 of its public half. Throws on what is no Ed25519 key. */
export const keyIdOf = (publicKey: string): string => {
  const key = createPublicKey(publicKey);
  if (key.asymmetricKeyType !== 'ed25519') throw new Error(`expected an Ed25519 key, got ${key.asymmetricKeyType}`);
  return sha256(key.export({ type: 'spki', format: 'der' })).slice(0, 16);
};

export const isSignedBy = (publicKey: string, text: string, signature: string): boolean => {
  const bytes = Buffer.from(signature, 'base64');
  return bytes.toString('base64') === signature && verify(null, Buffer.from(text), publicKey, bytes);
};

export type Checked =
  | {
      readonly ok: true;
      readonly cloud: string;
      readonly events: number;
      readonly from: number;
      readonly to: number;
      readonly size: number;
      readonly root: string;
      readonly signedAt: string;
      readonly key: string;
    }
  /** `line` counts from 1; absent where no single line is to blame. */
  | { readonly ok: false; readonly why: string; readonly line?: number };

const wrong = (why: string, line?: number): Checked => ({ ok: false, why, ...(line === undefined ? {} : { line }) });

const decoded = (bytes: Uint8Array): string | undefined => {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
};

/** No event is longer; a file with longer lines is something else, and is not gathered in memory. */
const LONGEST_LINE = 64 * 1024 * 1024;

/** Cuts bytes into lines as they come; `onLine` says false when it has heard enough, `onFlaw` is told what is no line of text. */
const createLines = (onLine: (line: string) => boolean, onFlaw: (why: string) => void) => {
  let parts: Uint8Array[] = [];
  let gathered = 0;
  const gather = (part: Uint8Array): boolean => {
    gathered += part.length;
    if (gathered > LONGEST_LINE) onFlaw(`A line is longer than ${LONGEST_LINE} bytes: this is no audit bundle.`);
    else parts.push(part);
    return gathered <= LONGEST_LINE;
  };
  const cut = (): boolean => {
    const line = decoded(parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts));
    parts = [];
    gathered = 0;
    if (line === undefined) onFlaw('It is not text in UTF-8.');
    return line !== undefined && onLine(line);
  };
  return {
    take: (bytes: Uint8Array): boolean => {
      let from = 0;
      for (let to = bytes.indexOf(10); to >= 0; to = bytes.indexOf(10, from)) {
        if (!gather(bytes.subarray(from, to)) || !cut()) return false;
        from = to + 1;
      }
      return from === bytes.length || gather(bytes.subarray(from));
    },
    /** Whether the last line was ended as the others. */
    isWhole: (): boolean => gathered === 0,
  };
};

/** The line's object, if it is written canonically. */
const fieldsOf = (line: string | undefined): Fields | undefined => {
  try {
    const value: unknown = JSON.parse(line ?? '');
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject && canonical(value as Fields) === line ? (value as Fields) : undefined;
  } catch {
    return undefined;
  }
};

const isHead = (head: Fields): boolean =>
  head['edgelog'] === 'audit-bundle' && typeof head['cloud'] === 'string' && arePeaks(head['first'], head['peaks']);

const isFoot = (foot: Fields): boolean =>
  ['root', 'key', 'signature', 'signedAt'].every((member) => typeof foot[member] === 'string') &&
  ['size', 'from', 'to'].every((member) => Number.isSafeInteger(foot[member]));

type Climbed = { readonly peaks: Peaks; readonly from: number; readonly to: number };

/** What the signature of a bundle is over. */
export const signedText = (headLine: string, foot: Fields): string => {
  const { signature: _signature, ...rest } = foot;
  return `${headLine}\n${canonical(rest)}\n`;
};

export type BundleCheck = {
  /** The next bytes; false when there is no use in going on. */
  readonly take: (bytes: Uint8Array) => boolean;
  readonly end: () => Checked;
};

const headFlaw = (head: Fields | undefined): string | undefined => {
  if (head === undefined || !isHead(head)) return 'It does not begin as an audit bundle does.';
  if (head['version'] === 1) return undefined;
  return `It is of version ${JSON.stringify(head['version'])}; this program reads version 1.`;
};

/** Reads a bundle line by line: its head first, then events up the tree. The last line may be the foot, and waits. */
const createReading = (onPeaks: (peaks: Peaks) => void) => {
  let headLine = '';
  let head: Fields = {};
  let climbed: Climbed = { peaks: noPeaks, from: -1, to: -1 };
  let number = 0;
  let last: string | undefined;

  const begin = (line: string): Checked | undefined => {
    const fields = fieldsOf(line);
    const why = headFlaw(fields);
    if (why !== undefined || fields === undefined) return wrong(why ?? '', 1);
    [headLine, head] = [line, fields];
    const peaks = { size: head['first'] as number, hashes: head['peaks'] as readonly string[] };
    climbed = { peaks, from: -1, to: -1 };
    onPeaks(peaks);
    return undefined;
  };

  const climb = (line: string): Checked | undefined => {
    const position = fieldsOf(line)?.['position'];
    if (typeof position !== 'number' || position <= climbed.to)
      return wrong('This line is no event as it was written, or not where it belongs.', number - 1);
    const { peaks, from, to } = climbed;
    climbed = { peaks: withLeaf(peaks, leafHash(line)), from: to < 0 && from < 0 ? position : from, to: position };
    onPeaks(climbed.peaks);
    return undefined;
  };

  return {
    /** The next line; what is wrong with it or the one before. */
    take: (line: string): Checked | undefined => {
      number += 1;
      if (number === 1) return begin(line);
      const before = last;
      last = line;
      return before === undefined ? undefined : climb(before);
    },
    read: () => ({ headLine, head, climbed, last, number }),
  };
};

/**
 * Checks a bundle as its bytes come, with nothing but the public key (PEM), in the memory of its longest line. `onPeaks` is told
 * of the tree before the first event and after each, before anything is known of the signature. Never throws on any bytes.
 */
export const createBundleCheck = (
  publicKey: string,
  onPeaks: (peaks: Peaks) => void = () => undefined,
): BundleCheck => {
  const reading = createReading(onPeaks);
  let flaw: Checked | undefined;

  const lines = createLines(
    (line) => {
      flaw = reading.take(line);
      return flaw === undefined;
    },
    (why) => {
      flaw = wrong(why, reading.read().number + 1);
    },
  );

  return {
    take: (bytes) => flaw === undefined && lines.take(bytes),
    end: () => {
      if (flaw !== undefined) return flaw;
      const { headLine, head, climbed, last, number } = reading.read();
      if (number === 0 || !lines.isWhole()) {
        return wrong('It does not end where a bundle ends: it was cut off, or is no bundle.');
      }
      const foot = fieldsOf(last);
      if (foot === undefined || !isFoot(foot)) {
        return wrong('Its last line is no signature: it was cut off or changed.', number);
      }
      return concluded(publicKey, { headLine, head, foot, climbed, events: number - 2 });
    },
  };
};

/** Checks a bundle offline, with nothing but the public key (PEM). Never throws on any bytes. */
export const checkBundle = (bytes: Uint8Array, publicKey: string): Checked => {
  const check = createBundleCheck(publicKey);
  check.take(bytes);
  return check.end();
};

/** The same for a bundle too large to be held: reads no further than it must. */
export const checkBundleStream = async (
  chunks: AsyncIterable<Uint8Array>,
  publicKey: string,
  onPeaks?: (peaks: Peaks) => void,
): Promise<Checked> => {
  const check = createBundleCheck(publicKey, onPeaks);
  for await (const chunk of chunks) if (!check.take(chunk)) break;
  return check.end();
};

type Parts = {
  readonly headLine: string;
  readonly head: Fields;
  readonly foot: Fields;
  readonly climbed: Climbed;
  readonly events: number;
};

const concluded = (publicKey: string, { headLine, head, foot, climbed, events }: Parts): Checked => {
  const { peaks, from, to } = climbed;
  if (peaks.size !== foot['size'])
    return wrong(`It holds ${events} events; the signature speaks of ${Number(foot['size']) - Number(head['first'])}.`);
  if (from !== foot['from'] || to !== foot['to'])
    return wrong('It begins or ends at another position than was signed.');
  if (rootOf(peaks) !== foot['root'])
    return wrong('Its events are not those that were signed: something was changed, swapped or replaced.');
  try {
    if (keyIdOf(publicKey) !== foot['key'])
      return wrong(`It was signed with key ${String(foot['key'])}, not with the one given.`);
    if (!isSignedBy(publicKey, signedText(headLine, foot), String(foot['signature'])))
      return wrong('The signature is not valid.');
  } catch (fault) {
    return wrong(`The public key cannot be used: ${(fault as Error).message}.`);
  }
  const { cloud, size, root, signedAt, key } = { ...head, ...foot } as { readonly [member: string]: Json };
  return {
    ok: true,
    cloud: String(cloud),
    events,
    from,
    to,
    size: Number(size),
    root: String(root),
    signedAt: String(signedAt),
    key: String(key),
  };
};
