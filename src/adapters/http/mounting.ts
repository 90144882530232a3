/**
 * Mounts a route table on express: one router per noun, so that a request is matched against few paths, and a 405 with
 * `Allow` wherever a path exists but not with that method. Express does the routing; bodies, answers and errors are ours.
 */
import type { RequestListener } from 'node:http';
import express, { type NextFunction, type Request, type RequestHandler, type Response, type Router } from 'express';
import { isRefusal } from '../../domain/refusals.ts';
import { admit, identify, noteDenial, noteOf, requestIdOf } from './admission.ts';
import { nobody } from './auth.ts';
import { type Door, servant } from './door.ts';
import { faultRefusal } from './faults.ts';
import { refuseRequest, shown } from './refusal.ts';
import { sendProblem } from './respond.ts';
import type { Mount, Route } from './route.ts';

/** `/v1/instances/{id}/stop` -> `/v1/instances` and `/{id}/stop`. */
const split = (path: string): readonly [noun: string, rest: string] => {
  const noun = /^(\/v1)?\/[^/]+/.exec(path)?.[0] ?? '';
  return [noun, path.slice(noun.length)];
};

const expressPath = (path: string): string => path.replaceAll(/\{([^}]+)\}/g, ':$1');

/**
 * Only the router: an application of express would give every request another prototype, which costs more than the routing
 * and brings nothing that is used here.
 */
export const mount = (routes: readonly Route[], mounts: readonly Mount[], door: Door): RequestListener => {
  const root = express.Router({ caseSensitive: true, strict: true });
  for (const [noun, ofNoun] of Map.groupBy(routes, ({ path }) => split(path)[0])) {
    root.use(noun === '' ? '/' : noun, nounRouter(ofNoun, door));
  }
  for (const one of mounts) root.use(one.path, guarded(one, door));
  root.use((request, response) => {
    const detail = `There is no route ${shown(request.originalUrl.split('?', 1)[0] ?? '')}.`;
    sendProblem(response, requestIdOf(request), refuseRequest('no-such-page', detail));
  });
  root.use(lastResort(door));
  // Nothing comes through: the last two answer whatever is left.
  return (request, response) => root(request as Request, response as Response, () => response.destroy());
};

const nounRouter = (routes: readonly Route[], door: Door): Router => {
  const router = express.Router({ caseSensitive: true, strict: true });
  for (const [path, ofPath] of Map.groupBy(literalFirst(routes), (route) => route.path)) {
    const place = router.route(expressPath(split(path)[1]) || '/');
    for (const route of ofPath) place[verbOf(route)](adapted(route, door));
    place.all(otherMethod(ofPath));
  }
  return router;
};

/** A path with a word where another has a parameter is matched first: `/events/stream` before `/events/{id}`. */
const literalFirst = (routes: readonly Route[]): readonly Route[] => {
  const weight = ({ path }: Route): string => path.replaceAll(/\{[^}]+\}/g, '~');
  return routes.toSorted((a, b) => (weight(a) < weight(b) ? -1 : weight(a) > weight(b) ? 1 : 0));
};

const verbOf = ({ method }: Route): 'get' | 'put' | 'post' | 'delete' => {
  switch (method) {
    case 'GET':
      return 'get';
    case 'PUT':
      return 'put';
    case 'POST':
      return 'post';
    case 'DELETE':
      return 'delete';
  }
};

/** Express shortens `url` below a router; what the route and its fingerprint see is the whole address. */
const adapted = (route: Route, door: Door): RequestHandler => {
  const serve = servant(route, door);
  return (request, response) => {
    request.url = request.originalUrl;
    return serve(request, response, request.params as { readonly [name: string]: string });
  };
};

const otherMethod = (routes: readonly Route[]): RequestHandler => {
  const allowed = routes.map(({ method }) => method);
  const headers = { Allow: [...allowed, ...(allowed.includes('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ') };
  return (request, response) => {
    if (request.method === 'OPTIONS') {
      response.writeHead(204, headers).end();
      return;
    }
    const refusal = refuseRequest('method-not-allowed', `${request.method} is not allowed here.`, {
      headers,
      more: { allowed },
    });
    sendProblem(response, requestIdOf(request), refusal);
  };
};

const askBrowser = { 'WWW-Authenticate': 'Basic realm="edgelog: an API key as password", Bearer realm="edgelog"' };

/** The same questions as for a route, then the application is on its own. */
const guarded =
  ({ access, serve }: Mount, door: Door): RequestHandler =>
  (request, response) => {
    const caller = identify(access, door, request);
    const denied = isRefusal(caller) ? caller : admit(access, door, caller, undefined);
    if (denied === undefined) {
      serve(request, response);
      return;
    }
    const requestId = requestIdOf(request);
    noteDenial(denied, door, noteOf(request, requestId), isRefusal(caller) ? nobody : caller);
    sendProblem(
      response,
      requestId,
      denied.refused === 'unauthenticated' ? { ...denied, headers: askBrowser } : denied,
    );
  };

/** Express calls this with what routing itself could not read (a broken percent-encoding) or what nobody caught. */
const lastResort =
  (door: Door) =>
  (fault: unknown, request: Request, response: Response, _next: NextFunction): void => {
    const requestId = requestIdOf(request);
    const status = (fault as { readonly status?: unknown } | null)?.status;
    if (status === 400) {
      sendProblem(
        response,
        requestId,
        refuseRequest('malformed-path', `${shown(request.originalUrl)} cannot be decoded.`),
      );
      return;
    }
    door.onFault(fault, noteOf(request, requestId));
    sendProblem(response, requestId, faultRefusal(fault));
  };
