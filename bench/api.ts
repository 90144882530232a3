/** The HTTP API as a client of it sees it: kept connections, JSON, nothing else. Refusals are faults here: a bench has none. */
import { Agent, request } from 'node:http';

export type Answered = {
  readonly status: number;
  readonly body: unknown;
  readonly headers: NodeJS.Dict<string | string[]>;
};

export type Api = {
  readonly call: (method: string, path: string, body?: unknown) => Promise<Answered>;
  /** Faults on anything but success; the answer's body. */
  readonly ask: <A>(method: string, path: string, body?: unknown) => Promise<A>;
  readonly close: () => void;
};

export type Accepted = { readonly accepted: true; readonly position: number; readonly events: number };

export const createApi = (port: number, connections: number): Api => {
  const agent = new Agent({ keepAlive: true, maxSockets: connections, noDelay: true });

  const call: Api['call'] = (method, path, body) =>
    new Promise((resolve, reject) => {
      const text = body === undefined ? undefined : JSON.stringify(body);
      const headers =
        text === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
      const sent = request({ host: '127.0.0.1', port, agent, method, path, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const said = Buffer.concat(chunks).toString('utf8');
          const isJson = (response.headers['content-type'] ?? '').includes('json');
          resolve({
            status: response.statusCode ?? 0,
            body: isJson ? JSON.parse(said) : said,
            headers: response.headers,
          });
        });
        response.on('error', reject);
      });
      sent.on('error', reject);
      sent.end(text);
    });

  return {
    call,
    ask: async <A>(method: string, path: string, body?: unknown) => {
      const answer = await call(method, path, body);
      if (answer.status >= 300)
        throw new Error(`${method} ${path}: HTTP ${answer.status} ${JSON.stringify(answer.body)}`);
      return answer.body as A;
    },
    close: () => agent.destroy(),
  };
};
