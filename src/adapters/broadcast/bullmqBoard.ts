/**
 * The board of the lanes' queue for administrators (bull-board): shows jobs, attempts and their failures, changes nothing. It is
 * loaded when somebody looks, and stands behind the door's own access rules.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Queue } from 'bullmq';

export type Board = (request: IncomingMessage, response: ServerResponse) => void;

type Application = (request: IncomingMessage, response: ServerResponse) => void;

/** Its own scripts and styles; nothing from elsewhere, although its page asks for a font of another site. */
const POLICY = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'";

const load = async (queue: Queue, path: string): Promise<Application> => {
  const [{ createBullBoard }, { BullMQAdapter }, { ExpressAdapter }] = await Promise.all([
    import('@bull-board/api'),
    import('@bull-board/api/bullMQAdapter'),
    import('@bull-board/express'),
  ]);
  const serverAdapter = new ExpressAdapter().setBasePath(path);
  createBullBoard({
    queues: [new BullMQAdapter(queue, { readOnlyMode: true, allowRetries: false })],
    serverAdapter,
    options: { uiConfig: { boardTitle: 'Edgelog lanes' } },
  });
  return serverAdapter.getRouter() as Application;
};

const unavailable = (response: ServerResponse, why: string): void => {
  response.writeHead(503, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(`The board cannot be shown: ${why}\n`);
};

/** `path`: where it is mounted. Until the queue's server was reached there is nothing to show. */
export const createBoard = (queue: () => Queue | undefined, path: string): Board => {
  let loading: Promise<Application> | undefined;
  return (request, response) => {
    const known = queue();
    if (known === undefined) return unavailable(response, 'Redis was not reached yet');
    loading ??= load(known, path);
    response.setHeader('content-security-policy', POLICY);
    response.setHeader('x-content-type-options', 'nosniff');
    loading.then(
      (application) => application(request, response),
      (fault: Error) => unavailable(response, fault.message),
    );
  };
};
