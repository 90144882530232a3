/** The API of a control plane, as far as these tests speak to it. */

export type Node = {
  readonly node: string;
  readonly accepted: number | null;
  readonly applied: number | null;
  readonly agent: string;
  readonly ageMs: number | null;
  readonly refusal: { readonly reason: string; readonly detail: string } | null;
  readonly traceparent: string | null;
  readonly converged: boolean | null;
};

export type Cluster = {
  readonly cluster: string;
  readonly epoch: number;
  readonly wanted: number | null;
  readonly delivered: number | null;
  readonly applied: number | null;
  readonly failuresInARow: number;
  readonly lastFailure: { readonly reason: string; readonly detail: string } | null;
  readonly converged: boolean | null;
  readonly nodes: readonly Node[];
};

export type Answered = { readonly status: number; readonly body: Record<string, unknown> };

export type Api = {
  readonly url: string;
  readonly call: (
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<Answered>;
  /** Fails the test when the answer is no success. */
  readonly must: (
    method: string,
    path: string,
    body?: unknown,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<Record<string, unknown>>;
  readonly cluster: (name: string) => Promise<Cluster>;
  readonly text: (path: string) => Promise<string>;
};

export const apiAt = (port: number, key?: string): Api => {
  const url = `http://127.0.0.1:${port}`;
  const usual = key === undefined ? {} : { authorization: `Bearer ${key}` };
  const call: Api['call'] = async (method, path, body, headers = {}) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { ...usual, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: text === '' ? {} : JSON.parse(text) };
  };
  const must: Api['must'] = async (method, path, body, headers) => {
    const answer = await call(method, path, body, headers);
    if (answer.status < 300) return answer.body;
    throw new Error(`${method} ${path}: expected success, got ${answer.status} ${JSON.stringify(answer.body)}`);
  };
  return {
    url,
    call,
    must,
    cluster: async (name) => (await must('GET', `/v1/clusters/${name}/convergence`)) as unknown as Cluster,
    text: async (path) => (await fetch(`${url}${path}`, { headers: usual })).text(),
  };
};

export const registerCluster = async (api: Api, name: string, endpoint: string, nodes: readonly string[] = []) => {
  const host = new URL(endpoint).hostname;
  await api.must('POST', '/v1/clusters', { cluster: name, component: `${name}-cc`, host, address: host, endpoint });
  await api.must('POST', `/v1/clusters/${name}/enable`);
  if (nodes.length > 0) {
    await api.must('PUT', `/v1/clusters/${name}/nodes`, { nodes: nodes.map((node) => ({ name: node })) });
  }
};

/** A change that every document shows: a group, because it is in all of them. Returns its position. */
export const change = async (api: Api, headers?: Readonly<Record<string, string>>): Promise<number> => {
  changes += 1;
  const made = await api.must(
    'PUT',
    '/v1/properties/edgelog.clc_address',
    { value: `10.9.${changes >> 8}.${changes & 255}` },
    headers,
  );
  return Number(made['position']);
};
let changes = 0;
