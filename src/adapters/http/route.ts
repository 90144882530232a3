/**
 * What a route is: data. From a list of these come the mounted paths, the OpenAPI document, the policy table and the tests.
 * A route says who may use it; there is no route without `access`. Others add routes by making values of this type
 * (`routes/<noun>.ts`) and passing them to `createHttpServer({ extraRoutes })`.
 */
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Role } from '../../domain/recorded.ts';
import type { ControlPlane } from './ports.ts';
import type { DoorRefusal } from './refusal.ts';
import type { Members, Schema } from './schema.ts';

export type Method = 'GET' | 'PUT' | 'POST' | 'DELETE';

/**
 * `anyone`: no credentials needed. Otherwise the roles that may; keys bound to an account only pass where the scope is
 * `account`, keys bound to a cluster only on paths of that cluster.
 */
export type Access = 'anyone' | { readonly roles: readonly Role[]; readonly scope: 'account' | 'cloud' };

/** Who asks, from credentials only. */
export type Caller = {
  readonly actor: string;
  readonly role: Role;
  readonly account?: string;
  readonly cluster?: string;
  /** For rate limits and logs: the key's id, never the key. */
  readonly keyId: string;
};

/** Whose revision If-Match is about, and what an account-bound key must own. The names are stream categories. */
export type Concern = 'configuration' | 'cluster' | 'securityGroup' | 'instance';

export type Scalar = string | number | boolean;

/** One request after its form was checked: what `answer` gets to see. */
export type Exchange = {
  readonly controlPlane: ControlPlane;
  readonly caller: Caller;
  readonly requestId: string;
  readonly now: () => number;
  /** The IPv4 address a host name stands for, `0.0.0.0` if none. */
  readonly resolveHost: (host: string) => Promise<string>;
  readonly path: { readonly [name: string]: string };
  readonly query: { readonly [name: string]: Scalar };
  readonly headers: IncomingHttpHeaders;
  /** The value of a JSON body, the text of a text body, undefined without one. */
  readonly body: unknown;
  /** Digest of method, address and body: what an Idempotency-Key stands for. */
  readonly fingerprint: () => string;
  /** Aborted when the door closes: whoever waits for something comes to an end then. */
  readonly stopping: AbortSignal;
  /** For work that must go on after a fault: logs it and says what the caller may know of it. */
  readonly faulted: (fault: unknown) => DoorRefusal;
};

type Headers = { readonly [name: string]: string };

/** What the two ends of an event stream may do to each other. `write` resolves when the client can take more. */
export type StreamSink = {
  readonly write: (text: string) => Promise<void>;
  readonly end: (reason: string) => void;
};

export type Answer =
  | { readonly kind: 'json'; readonly status?: number; readonly body: unknown; readonly headers?: Headers }
  | {
      readonly kind: 'text';
      readonly status?: number;
      readonly type: string;
      readonly text: string;
      readonly headers?: Headers;
    }
  | {
      readonly kind: 'pieces';
      readonly type: string;
      readonly byteLength: number;
      readonly pieces: Iterable<Uint8Array>;
      readonly headers?: Headers;
    }
  /** Lines written as they come; the iteration is given up when the client goes away. */
  | { readonly kind: 'lines'; readonly type: string; readonly lines: AsyncIterable<string>; readonly headers?: Headers }
  /** Server-sent events; `open` is called once the head is out and returns what to do when the client goes away. */
  | { readonly kind: 'events'; readonly open: (sink: StreamSink) => () => void; readonly headers?: Headers }
  | { readonly kind: 'empty'; readonly status: 204 | 304; readonly headers?: Headers };

export type BodyForm = {
  /** `json`: one value. `batch`: a JSON array or lines of JSON. `text`: passed on as it is. */
  readonly kind: 'json' | 'batch' | 'text';
  readonly schema: Schema;
  /** An empty body counts as `{}`. */
  readonly optional?: boolean;
  readonly types: readonly string[];
  readonly limit: 'command' | 'batch';
};

export type Route = {
  /** Unique; `operationId` of the OpenAPI document. */
  readonly id: string;
  readonly method: Method;
  /** With `{name}` for parameters. */
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly access: Access;
  readonly parameters?: Members;
  readonly query?: Members;
  /** Request headers worth naming in the OpenAPI document. */
  readonly requestHeaders?: Members;
  readonly body?: BodyForm;
  /** Status -> media type -> schema of the answers that are not problems. */
  readonly responses: { readonly [status: string]: { readonly [mediaType: string]: Schema } };
  readonly responseHeaders?: Members;
  /** Codes of the problems that are special to this route; those of form and access go without saying. */
  readonly problems?: readonly string[];
  /** The command this route carries in, if it is one. */
  readonly command?: string;
  readonly concerns?: Concern;
  readonly answer: (exchange: Exchange) => Promise<Answer | DoorRefusal> | Answer | DoorRefusal;
};

/** A whole application of somebody else's below a path (an inspector of queues), behind our own door. */
export type Mount = {
  readonly path: string;
  readonly access: Access;
  readonly serve: (request: IncomingMessage, response: ServerResponse) => void;
};

export const everyone: Access = { roles: ['viewer', 'operator', 'admin', 'auditor'], scope: 'cloud' };
export const everyoneInAccount: Access = { roles: ['viewer', 'operator', 'admin', 'auditor'], scope: 'account' };
export const operatorsInAccount: Access = { roles: ['operator', 'admin'], scope: 'account' };
export const operators: Access = { roles: ['operator', 'admin'], scope: 'cloud' };
export const admins: Access = { roles: ['admin'], scope: 'cloud' };
/** For the time machine's proofs: reading everything, changing nothing. */
export const auditors: Access = { roles: ['auditor', 'admin'], scope: 'cloud' };

export const json = (body: unknown, headers: Headers = {}): Answer => ({ kind: 'json', body, headers });

export const jsonBody = (schema: Schema, optional = false): BodyForm => ({
  kind: 'json',
  schema,
  optional,
  types: ['application/json'],
  limit: 'command',
});

export const jsonAnswer = (schema: Schema, status = '200'): Route['responses'] => ({
  [status]: { 'application/json': schema },
});
