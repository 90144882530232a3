/**
 * One HTTP/1.1 answer out of the bytes of a connection, as strictly as the wire between our own controllers needs it: a status,
 * headers, and a body that says its length. A body that does not is not read: its status is all there is of it, and the
 * connection is over. Bytes are believed in nothing but their form; whoever sends more than announced is not understood.
 */

export type WireReply = {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly text: string;
  /** Nothing can follow on this connection. */
  readonly isLast: boolean;
};

export type AnswerFault = { readonly garbage: string };

export type AnswerReader = {
  /** The reply once it is complete; undefined while more is to come. Not to be called again after anything else. Copies what it keeps. */
  readonly feed: (chunk: Buffer) => WireReply | AnswerFault | undefined;
};

/** Bytes of a status line and its headers: a sealed answer has some hundred. */
const MAX_HEAD = 16 * 1024;

const STATUS = /^HTTP\/1\.([01]) ([2-5]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/;
const HEADER = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)$/;
const LENGTH = /^\d{1,9}$/;

type Head = Omit<WireReply, 'text'> & {
  /** Undefined for a body that says no length. */
  readonly bodyLength: number | undefined;
};

const garbage = (what: string): AnswerFault => ({ garbage: what });

const headersIn = (lines: readonly string[]): ReadonlyMap<string, string> | AnswerFault => {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const match = HEADER.exec(line);
    const name = match?.[1]?.toLowerCase();
    if (name === undefined) return garbage('the answer has a header that is none');
    const value = match?.[2]?.trimEnd() ?? '';
    const known = headers.get(name);
    if (known !== undefined && name === 'content-length') return garbage('the answer says its length twice');
    headers.set(name, known === undefined ? value : `${known}, ${value}`);
  }
  return headers;
};

const headIn = (text: string): Head | AnswerFault => {
  const [first = '', ...lines] = text.split('\r\n');
  const match = STATUS.exec(first);
  if (match === null) return garbage('the answer is not HTTP/1.1');
  const status = Number(match[2]);
  const headers = headersIn(lines);
  if ('garbage' in headers) return headers;
  const length = headers.get('content-length');
  if (length !== undefined && !LENGTH.test(length)) return garbage('the answer’s length is no number');
  const isBare = status === 204 || status === 304;
  const isMeasured = length !== undefined && !headers.has('transfer-encoding');
  const bodyLength = isBare ? 0 : isMeasured ? Number(length) : undefined;
  const connection = headers.get('connection')?.toLowerCase() ?? (match[1] === '0' ? 'close' : '');
  const isLast = bodyLength === undefined || /(?:^|[\s,])close(?:$|[\s,])/.test(connection);
  return { status, headers, isLast, bodyLength };
};

/** `maxBytes`: of the body. */
export const createAnswerReader = (maxBytes: number): AnswerReader => {
  let bytes: Buffer | undefined;
  let head: Head | undefined;
  let bodyAt = 0;

  const complete = ({ bodyLength = 0, ...rest }: Head, all: Buffer): WireReply | AnswerFault | undefined => {
    if (bodyLength > maxBytes) return garbage('the answer is too long');
    const end = bodyAt + bodyLength;
    if (all.length < end) return undefined;
    // What follows a body of unknown length is that body.
    if (all.length > end && !rest.isLast) return garbage('the answer is longer than it says');
    return { ...rest, text: all.toString('utf8', bodyAt, end) };
  };

  const readHead = (all: Buffer): WireReply | AnswerFault | undefined => {
    const end = all.indexOf('\r\n\r\n');
    if (end < 0) return all.length > MAX_HEAD ? garbage('the answer’s headers do not end') : undefined;
    if (end > MAX_HEAD) return garbage('the answer’s headers are too long');
    const read = headIn(all.toString('latin1', 0, end));
    if ('garbage' in read) return read;
    head = read;
    bodyAt = end + 4;
    return complete(read, all);
  };

  return {
    feed: (chunk) => {
      const all = bytes === undefined ? chunk : Buffer.concat([bytes, chunk]);
      const found = head === undefined ? readHead(all) : complete(head, all);
      if (found === undefined) bytes = all === chunk ? Buffer.from(chunk) : all;
      return found;
    },
  };
};
