/**
 * Writes a log of many events for measuring: a cloud whose instances come, are changed and go, always about as many alive. The
 * same figures give the same log. Usage: node scripts/make-log.ts FOLDER [EVENTS] [ALIVE]
 */
import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openSqliteStore } from '../src/adapters/eventstore/sqlite.ts';
import { encode, metadataOf } from '../src/domain/codec.ts';
import type { StoredEvent } from '../src/domain/eventStore.ts';
import type { DomainEvent } from '../src/domain/events.ts';

const hex = (n: number): string => n.toString(16).padStart(8, '0');
const account = '000000000001';
const clusters = Array.from({ length: 10 }, (_, n) => `cluster${String(n).padStart(3, '0')}`);
const groupOf = (n: number): string => `sg-${hex(n % 500)}`;
const addressOf = (n: number): string => `10.${n % 10}.${(n >> 8) & 255}.${n & 255}`;

const configuration = {
  PublicIps: ['198.51.100.1-198.51.100.250'],
  Clusters: clusters.map((Name, n) => ({
    Name,
    Subnet: { Subnet: `10.${n}.0.0`, Netmask: '255.255.0.0', Gateway: `10.${n}.0.1` },
  })),
};

/** Nobody listens there; whoever wants to receive says so in the data folder. */
const endpoint = 'http://127.0.0.1:1/axis2/services/EucalyptusCC';

const pool = 'privatePool-main';
type Written = readonly [stream: string, event: DomainEvent];

function* founding(): Generator<Written> {
  yield ['configuration-main', { type: 'ConfigurationPosted', text: JSON.stringify(configuration), configuration }];
  for (const [n, cluster] of clusters.entries()) {
    const stream = `cluster-${cluster}`;
    yield [
      stream,
      { type: 'ClusterRegistered', cluster, component: cluster, host: '127.0.0.1', address: '10.250.255.2', endpoint },
    ];
    yield [stream, { type: 'ClusterEnabled', cluster }];
    yield [
      stream,
      {
        type: 'ClusterNodesReported',
        cluster,
        nodes: Array.from({ length: 20 }, (_, i) => ({ name: `10.250.${n}.${10 + i}` })),
      },
    ];
  }
  for (let n = 0; n < 500; n += 1) {
    yield [
      `securityGroup-${groupOf(n)}`,
      { type: 'SecurityGroupCreated', account, name: `group${n}`, groupId: groupOf(n), description: '' },
    ];
  }
}

function* launch(n: number): Generator<Written> {
  const [instanceId, cluster, address, groupId] = [`i-${hex(n)}`, clusters[n % 10] ?? '', addressOf(n), groupOf(n)];
  const holding = { address, cluster, instanceId, reservation: `r${n}` };
  const made = {
    instanceId,
    account,
    cluster,
    groups: [groupId],
    macAddress: `d0:0d:${hex(n).match(/../g)?.join(':') ?? ''}`,
    privateAddress: address,
  };
  yield [pool, { type: 'PrivateAddressReserved', ...holding }];
  yield [pool, { type: 'PrivateAddressAssociated', ...holding }];
  yield [`securityGroup-${groupId}`, { type: 'SecurityGroupMemberJoined', groupId, instanceId }];
  yield [
    `instance-${instanceId}`,
    { type: 'InstanceCreated', ...made, reservation: `r${n}`, addressing: 'private', restored: false },
  ];
  yield [`instance-${instanceId}`, { type: 'InstancePlaced', instanceId, node: `10.250.${n % 10}.${10 + (n % 20)}` }];
  yield [`instance-${instanceId}`, { type: 'InstanceRunning', instanceId }];
  const rules = [
    { protocol: 6, low: n % 60_000, high: n % 60_000, source: { kind: 'cidr', cidr: '10.0.0.0/8' } },
  ] as const;
  yield [`securityGroup-${groupId}`, { type: 'SecurityGroupRulesAuthorized', groupId, rules }];
  yield [`securityGroup-${groupId}`, { type: 'SecurityGroupRulesRevoked', groupId, rules }];
}

function* end(n: number): Generator<Written> {
  const [instanceId, cluster, address, groupId] = [`i-${hex(n)}`, clusters[n % 10] ?? '', addressOf(n), groupOf(n)];
  yield [
    pool,
    { type: 'PrivateAddressReleased', address, cluster, instanceId, reservation: `r${n}`, cause: 'released' },
  ];
  yield [`securityGroup-${groupId}`, { type: 'SecurityGroupMemberLeft', groupId, instanceId }];
  yield [`instance-${instanceId}`, { type: 'InstanceTerminated', instanceId, cause: 'requested' }];
  yield [pool, { type: 'PrivateAddressFreed', address, reservation: `r${n}`, cause: 'converged' }];
  yield [`instance-${instanceId}`, { type: 'InstanceForgotten', instanceId }];
}

function* life(alive: number): Generator<Written> {
  yield* founding();
  for (let n = 0; ; n += 1) {
    yield* launch(n);
    if (n >= alive) yield* end(n - alive);
  }
}

export function* madeLog(events: number, alive: number): Generator<StoredEvent> {
  const revisions = new Map<string, number>();
  let position = 0;
  for (const [stream, event] of life(alive)) {
    if (position >= events) return;
    position += 1;
    const revision = (revisions.get(stream) ?? -1) + 1;
    revisions.set(stream, revision);
    const digits = createHash('sha256').update(`${position}`).digest('hex');
    const id = `${digits.slice(0, 8)}-${digits.slice(8, 12)}-5${digits.slice(13, 16)}-8${digits.slice(17, 20)}-${digits.slice(20, 32)}`;
    const command = `make-${Math.floor(position / 8)}`;
    const at = 1_767_225_600_000 + position * 20;
    const metadata = metadataOf({
      commandId: command,
      actor: `user${position % 7}`,
      admin: true,
      at,
      correlationId: command,
    });
    yield { id, stream, revision, position, ...encode(event, metadata) };
  }
}

/** Writes it into `events.db` of the folder. */
export const writeLog = async (folder: string, events: number, alive: number): Promise<void> => {
  mkdirSync(folder, { recursive: true });
  const store = await openSqliteStore({ file: join(folder, 'events.db') });
  let batch: StoredEvent[] = [];
  for (const event of madeLog(events, alive)) {
    batch.push(event);
    if (batch.length < 5_000) continue;
    await store.importEvents(batch);
    batch = [];
  }
  if (batch.length > 0) await store.importEvents(batch);
  await store.close();
};

if (import.meta.main) {
  const [folder = '', events = '1000000', alive = '20000'] = process.argv.slice(2);
  if (folder === '') throw new Error('expected a folder: node scripts/make-log.ts FOLDER [EVENTS] [ALIVE]');
  await writeLog(folder, Number(events), Number(alive));
}
