/** Which event set what decides a packet, asked of whoever answers as the API does. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import type { Target } from '../../src/adapters/cli/api/target.ts';
import type { ExplainedSubject } from '../../src/projections/plan/explain.ts';
import { whoSet } from '../../src/roles/setBy.ts';

const rule = (protocol: number, low: number, high: number, source: object): object => ({ protocol, low, high, source });
const everybody = { kind: 'cidr', cidr: '0.0.0.0/0' } as const;
const web = { kind: 'group', groupId: 'sg-web', ownerId: '000000000001' } as const;

const log = [
  ['SecurityGroupRulesAuthorized', 'sg-a', { rules: [rule(6, 22, 22, everybody)] }],
  ['SecurityGroupRulesAuthorized', 'sg-a', { rules: [rule(1, -1, -1, web), rule(6, 80, 90, web)] }],
  ['SecurityGroupRulesAuthorized', 'sg-a', { rules: [rule(-1, -1, -1, { cidr: '10.0.0.0/8' })] }],
  ['SecurityGroupMemberJoined', 'i-1', { groupId: 'sg-b', instanceId: 'i-1' }],
  ['SecurityGroupMemberJoined', 'i-1', { groupId: 'sg-a', instanceId: 'i-1' }],
  ['PublicAddressAssigned', '203.0.113.5', { instanceId: 'i-1' }],
  ['PublicAddressAssigned', '203.0.113.5', { instanceId: 'i-2' }],
  ['InstanceCreated', 'i-1', {}],
  ['SecurityGroupRulesAuthorized', 'sg-a', { rules: [rule(6, 22, 22, everybody)] }],
] as const;

/** Answers `GET /v1/events` of the log above as the API does, two at a time. */
const server = createServer((request, response) => {
  const { searchParams } = new URL(request.url ?? '/', 'http://here');
  const from = Number(searchParams.get('after') ?? -1);
  const found = log.flatMap(([type, subject, data], position) => {
    const isIt = position > from && type === searchParams.get('type') && subject === searchParams.get('subject');
    return isIt ? [{ id: `e${position}`, type, position, time: 'then', actor: 'somebody', data }] : [];
  });
  const events = found.slice(0, 2);
  response.end(JSON.stringify({ events, next: found.length > 2 ? events[1]?.position : null }));
});

let target: Target;
before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  target = { url: new URL(`http://127.0.0.1:${port}`), key: undefined, account: undefined };
});
after(() => server.close());

const ruleOf = (
  protocol: number,
  low: number,
  high: number,
  source: typeof everybody | typeof web,
): ExplainedSubject => ({
  kind: 'rule',
  groupId: 'sg-a',
  rule: { entry: { protocol, low, high, source }, index: 0 },
});

const positionOf = async (subject: ExplainedSubject, until?: number): Promise<number | undefined> => {
  const by = await whoSet(target, subject, until);
  return 'position' in by ? by.position : undefined;
};

test('a rule was set by the newest event that has it and that the document shows', async () => {
  assert.equal(await positionOf(ruleOf(6, 22, 22, everybody)), 8);
  assert.equal(await positionOf(ruleOf(6, 22, 22, everybody), 7), 0);
  assert.equal(await positionOf(ruleOf(6, 80, 90, web)), 1);
  assert.equal(await positionOf(ruleOf(1, 8, 0, web)), 1);
  assert.equal(await positionOf(ruleOf(6, 79, 90, web)), undefined);
  assert.equal(await positionOf(ruleOf(17, 80, 90, web)), undefined);
});

test('memberships, addresses and instances have their events, too', async () => {
  assert.equal(await positionOf({ kind: 'membership', instanceId: 'i-1', groupId: 'sg-a' }), 4);
  assert.equal(await positionOf({ kind: 'elastic', instanceId: 'i-1', publicIp: '203.0.113.5' }), 5);
  assert.equal(await positionOf({ kind: 'instance', instanceId: 'i-1' }), 7);
  const nobody = await whoSet(target, { kind: 'instance', instanceId: 'i-9' });
  assert.match('unknown' in nobody ? nobody.unknown : '', /no InstanceCreated of i-9/);
});

test('a log that cannot be asked is said', async () => {
  const closed = { ...target, url: new URL('http://127.0.0.1:9') };
  const by = await whoSet(closed, { kind: 'instance', instanceId: 'i-1' });
  assert.match('unknown' in by ? by.unknown : '', /cannot be asked at http:\/\/127.0.0.1:9/);
});
