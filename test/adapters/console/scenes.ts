/** What the API answers about small and large clouds, in the shapes the page reads. */
import type * as answers from '../../../src/adapters/console/page/answers.ts';
import type { Network } from '../../../src/adapters/console/page/state.ts';

export const instance = (given: Partial<answers.Instance> & { readonly instanceId: string }): answers.Instance => ({
  ...{ account: '000000000777', cluster: 'PARTI00', node: '127.0.0.2', state: 'RUNNING', groups: ['sg-0000000a'] },
  ...{ stateSince: '2026-11-22T10:15:42.200Z', macAddress: 'd0:0d:00:00:00:01', privateAddress: '10.111.103.30' },
  ...{ publicAddress: null, createdAt: 21, changedAt: 33 },
  ...given,
});

export const group = (groupId: string, name: string, rules: answers.Group['rules'] = []): answers.Group => ({
  ...{ groupId, name, rules, account: '000000000777', description: '', members: [], createdAt: 8 },
});

export const cluster = (name: string, ...nodes: readonly string[]): answers.Cluster => ({
  ...{ name, state: 'enabled', host: '127.0.0.1' },
  nodes: nodes.map((node) => ({ name: node })),
});

export const small: Network = {
  at: undefined,
  account: undefined,
  position: 45,
  pools: { public: { size: 8, free: 7, allocated: 0, assigned: 1, dirty: 0, outside: 0 }, private: [] },
  clusters: [cluster('PARTI00', '127.0.0.2', '127.0.0.3')],
  instances: [
    instance({ instanceId: 'i-00000001', publicAddress: '10.111.103.0' }),
    instance({ instanceId: 'i-00000002', node: null, state: 'STOPPED', privateAddress: null }),
    instance({ instanceId: 'i-00000003', node: null, state: 'TERMINATED' }),
  ],
  groups: [
    group('sg-0000000a', 'web', [
      { protocol: 6, low: 22, high: 22, source: { kind: 'cidr', cidr: '10.0.0.0/8' }, at: 11 },
    ]),
    group('sg-0000000b', 'db', [
      {
        protocol: 6,
        low: 3306,
        high: 3306,
        source: { kind: 'group', groupId: 'sg-0000000a', account: '000000000777' },
        at: 13,
      },
    ]),
  ],
  isCut: false,
};

/** `count` instances, evenly on `nodes` nodes of one cluster. */
export const large = (count: number, nodes: number): Network => ({
  ...small,
  clusters: [cluster('big', ...Array.from({ length: nodes }, (_, n) => `n${String(n).padStart(4, '0')}`))],
  instances: Array.from({ length: count }, (_, n) =>
    instance({
      instanceId: `i-${n.toString(16).padStart(8, '0')}`,
      cluster: 'big',
      node: `n${String(n % nodes).padStart(4, '0')}`,
      groups: [n % 2 === 0 ? 'sg-0000000a' : 'sg-0000000b'],
    }),
  ),
});

export const nodeProgress = (node: string, given: Partial<answers.NodeProgress> = {}): answers.NodeProgress => ({
  ...{ node, accepted: 42, applied: null, agent: 'plan', ageMs: 75, refusal: null, converged: true },
  ...given,
});

export const clusterProgress = (given: Partial<answers.ClusterProgress> = {}): answers.ClusterProgress => ({
  ...{ cluster: 'PARTI00', epoch: 1, wanted: 42, published: 42, delivered: 42, applied: 42, lagMs: 0 },
  ...{ failuresInARow: 0, lastFailure: null, converged: true, nodes: [nodeProgress('127.0.0.2')] },
  ...given,
});

export const event = (
  position: number,
  type: string,
  data: answers.LogEvent['data'],
  actor = 'alice',
): answers.LogEvent => ({
  ...{ position, type, data, actor, id: `event-${position}`, correlationId: `request-${position}` },
  time: new Date(Date.UTC(2026, 10, 22, 10, 15, 0, position)).toISOString(),
});

export const told = (position: number, text: string, actor = 'alice'): answers.Told => ({
  ...{ position, text, actor, eventId: `event-${position}`, type: 'Some', reason: null },
  time: '2026-11-22T10:15:42.223Z',
});

/** The window of a short log. */
export const log = {
  events: [
    event(1, 'ClusterEnabled', { cluster: 'PARTI00' }),
    event(2, 'InstanceRunning', { instanceId: 'i-00000001' }, 'bob'),
    event(3, 'PublicAddressAssigned', { address: '10.0.0.1', instanceId: 'i-00000001', instanceAddress: '10.1.0.1' }),
    event(4, 'SomethingNew', { instanceId: 'i-00000001' }),
  ],
  isFiltered: false,
  isCut: false,
};
