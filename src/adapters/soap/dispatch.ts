/**
 * What happens between a request's bytes and its answer's: verify, read, run the operation the body element names, write.
 * Every way this can go wrong ends in a fault with a code; an operation that throws becomes a fault without its text. It
 * knows nothing of sockets (`server.ts`).
 */
import type { IncomingHttpHeaders } from 'node:http';
import { isRefusal, type Refusal } from '../../domain/refusals.ts';
import { messageIdOf, type Signer, type WrittenEnvelope, writeEnvelope, writeFault } from './envelope.ts';
import { readMessage } from './messageReader.ts';
import type {
  MessageKind,
  RequestKind,
  RequestOf,
  ResponseOf,
  SoapMessage,
  SoapRequest,
  SoapResponse,
} from './messages.ts';
import { acceptedActions, actionOf, anonymousAddress } from './names.ts';
import { openEnvelope, type ReadAddressing } from './reader.ts';
import { isRequestKind } from './schema.ts';
import type { Verified, Verifier } from './security/verifier.ts';
import { soapRefusal } from './soapRefusals.ts';
import type { XmlElement } from './xmlTree.ts';

/**
 * Who asks. `signed` is present when a verifier is configured: then it, the message and `addressing` are what the peer's
 * key holder said. `headers` are plain HTTP, outside the signature (`Edgelog-Epoch`, `Edgelog-Version`, `Edgelog-Hash`,
 * `traceparent`): hints for logs and shortcuts, never a reason to accept or refuse a document.
 */
export type Peer = {
  readonly address: string;
  readonly port: number;
  readonly headers: IncomingHttpHeaders;
  readonly addressing: ReadAddressing;
  readonly signed?: Verified;
};

export type Operations = {
  readonly [K in RequestKind]?: (message: RequestOf<K>, peer: Peer) => Promise<ResponseOf<K>>;
};

export type DispatchSettings = {
  readonly operations: Operations;
  readonly verifier?: Verifier;
  /** Signs answers; callers of Eucalyptus do not look at that. */
  readonly signer?: Signer;
  readonly now: () => number;
  readonly newUuid: () => string;
  /** Told of every refusal and every exception of an operation, for status and logs. */
  readonly onRefused?: (refusal: Refusal, peerAddress: string) => void;
  readonly onFault?: (error: unknown) => void;
};

export type Asker = Pick<Peer, 'address' | 'port' | 'headers'>;
export type Outgoing = { readonly status: number; readonly envelope: WrittenEnvelope };

const securityFaults: ReadonlyMap<string, string> = new Map([
  ['security-missing', 'wsse:InvalidSecurity'],
  ['security-structure', 'wsse:InvalidSecurity'],
  ['security-timestamp', 'wsse:InvalidSecurity'],
  ['security-algorithm', 'wsse:UnsupportedAlgorithm'],
]);

const faultCode = (refused: string): string => {
  if (refused === 'soap-version') return 'soapenv:VersionMismatch';
  if (refused === 'soap-not-understood') return 'soapenv:MustUnderstand';
  if (refused.startsWith('security-')) return securityFaults.get(refused) ?? 'wsse:FailedAuthentication';
  return 'soapenv:Client';
};

/** A refusal as the peer sees it. Faults are HTTP 500 (SOAP 1.1, 6.2), except where HTTP itself has the word. */
export const faultFor = (refusal: Refusal): Outgoing => {
  const member = refusal.member === undefined ? '' : `${refusal.member}: `;
  const fault = { code: faultCode(refusal.refused), text: `${member}${refusal.detail}`, refused: refusal.refused };
  return { status: refusal.refused === 'xml-too-large' ? 413 : 500, envelope: writeFault(fault) };
};

const isRequest = (message: SoapMessage): message is SoapRequest => isRequestKind(message.kind);

/** SOAPAction may be quoted, bare, empty or absent; if it says something, it must be about this element. */
const wrongAction = (kind: MessageKind, soapAction: string, wsaAction: string | undefined): Refusal | undefined => {
  const bare = soapAction.trim().replace(/^"(.*)"$/, '$1');
  const wrong = [bare, wsaAction ?? ''].find((action) => action !== '' && !acceptedActions(kind).includes(action));
  return wrong === undefined ? undefined : soapRefusal('soap-wrong-action', `${wrong.slice(0, 100)} for ${kind}`);
};

type Asked = { readonly message: SoapRequest; readonly peer: Peer };

/** Verified and read, or refused. Nothing of the message is looked at before its signature. */
const understand = (root: XmlElement, asker: Asker, verifier: Verifier | undefined): Asked | Refusal => {
  const envelope = openEnvelope(root);
  if (isRefusal(envelope)) return envelope;
  const signed = verifier?.verify(envelope);
  if (isRefusal(signed)) return signed;
  const message = readMessage(envelope.payload);
  if (isRefusal(message)) return message;
  if (!isRequest(message)) return soapRefusal('soap-unknown-message', `${message.kind} is not a request`);
  const soapAction = asker.headers['soapaction'];
  const refused = wrongAction(
    message.kind,
    typeof soapAction === 'string' ? soapAction : '',
    envelope.addressing.action,
  );
  if (refused !== undefined) return refused;
  return { message, peer: { ...asker, addressing: envelope.addressing, ...(signed === undefined ? {} : { signed }) } };
};

type AnyOperation = (message: SoapRequest, peer: Peer) => Promise<SoapResponse>;

/** The table's keys tie each operation to its message; the compiler cannot follow a key that is only known at run time. */
const operationFor = (operations: Operations, kind: RequestKind): AnyOperation | undefined =>
  Object.hasOwn(operations, kind) ? (operations[kind] as AnyOperation | undefined) : undefined;

const answer = (settings: DispatchSettings, asked: Asked, response: SoapResponse): Outgoing => {
  const { signer, now, newUuid } = settings;
  const relatesTo = asked.peer.addressing.messageId;
  const addressing = {
    to: anonymousAddress,
    action: actionOf(response.kind),
    messageId: messageIdOf(newUuid()),
    ...(relatesTo === undefined ? {} : { relatesTo }),
  };
  return { status: 200, envelope: writeEnvelope(response, addressing, signer && { signer, nowMs: now() }) };
};

/** Never rejects. */
export const dispatch = async (settings: DispatchSettings, root: XmlElement, asker: Asker): Promise<Outgoing> => {
  const refuse = (refusal: Refusal): Outgoing => {
    settings.onRefused?.(refusal, asker.address);
    return faultFor(refusal);
  };
  try {
    const asked = understand(root, asker, settings.verifier);
    if (isRefusal(asked)) return refuse(asked);
    const operation = operationFor(settings.operations, asked.message.kind);
    if (operation === undefined) {
      return refuse(soapRefusal('soap-unknown-message', `${asked.message.kind} is not an operation of this endpoint`));
    }
    return answer(settings, asked, await operation(asked.message, asked.peer));
  } catch (error) {
    settings.onFault?.(error);
    return { status: 500, envelope: writeFault({ code: 'soapenv:Server', text: 'internal error' }) };
  }
};
