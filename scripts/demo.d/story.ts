/** The founding document's story, step by step. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type Cloud, DEMO_ACCOUNT, Stopped } from './cloud.ts';
import type { Stage } from './stage.ts';

export const CLUSTER = 'PARTI00';
const [WEB, DB] = ['demo-web', 'demo-db'];

const example = (name: 'first' | 'second'): Promise<string> =>
  readFile(join(import.meta.dirname, `${name}.json`), 'utf8');

const batch = (commands: readonly object[]) => ({ method: 'POST', path: '/v1/batch', body: commands }) as const;

/** Somebody's own configuration is not the demonstration's to replace. */
export const mayReplaceConfiguration = async (cloud: Cloud): Promise<boolean> => {
  const { value } = await cloud.get('/v1/properties/cloud.network.network_configuration');
  if (value === '') return true;
  const ours = [await example('first'), await example('second')];
  return ours.some((text) => isDeepStrictEqual(JSON.parse(text), JSON.parse(String(value))));
};

/** Takes away what an earlier run left behind; everything of the demonstration belongs to one account. */
const tidyUp = async (cloud: Cloud, stage: Stage): Promise<void> => {
  const instances = await cloud.all('/v1/instances');
  const alive = instances.filter(({ state }) => state !== 'TERMINATED' && state !== 'BURIED');
  const addresses = await cloud.all('/v1/addresses');
  const groups = (await cloud.all('/v1/security-groups'))
    .filter(({ name }) => name === WEB || name === DB)
    .sort((a, b) => (String(a['name']) < String(b['name']) ? -1 : 1));
  const commands = [
    ...alive.map(({ instanceId }) => ({ command: 'TerminateInstance', instanceId })),
    ...alive.map(({ instanceId }) => ({ command: 'MarkTerminated', instanceId })),
    ...addresses.map(({ address }) => ({ command: 'ReleaseAddress', address })),
    ...groups.map(({ groupId }) => ({ command: 'DeleteSecurityGroup', groupId })),
  ];
  if (commands.length > 0) await stage.play('Tidy up after an earlier run', batch(commands));
};

const idIn = (result: { readonly [member: string]: unknown }, member: string): string => {
  const id = result[member];
  if (typeof id !== 'string')
    throw new Stopped(`Expected the answer to name its ${member}, got ${JSON.stringify(result)}.`);
  return id;
};

const runIn = async (stage: Stage, group: string, groupId: string, count: number): Promise<readonly string[]> => {
  const title = count === 1 ? `Run an instance in ${group}` : `Run ${count} instances in ${group}`;
  const body = { cluster: CLUSTER, count, groups: [groupId], addressing: 'private' };
  const { result } = await stage.play(title, { method: 'POST', path: '/v1/instances', body });
  return (result['instances'] as readonly { readonly instanceId: string }[]).map(({ instanceId }) => instanceId);
};

const makeGroup = async (stage: Stage, name: string, description: string): Promise<string> => {
  const wish = { method: 'POST', path: '/v1/security-groups', body: { name, description } } as const;
  return idIn((await stage.play(`Create the security group ${name}`, wish)).result, 'groupId');
};

const allow = (stage: Stage, title: string, groupId: string, permission: object) =>
  stage.play(title, {
    method: 'POST',
    path: `/v1/security-groups/${groupId}/ingress`,
    body: { permissions: [permission] },
  });

export const playStory = async (cloud: Cloud, stage: Stage, nodes: readonly string[]): Promise<void> => {
  const [here = '', there = here] = nodes;
  await tidyUp(cloud, stage);
  const configure = async (name: 'first' | 'second', title: string) =>
    stage.play(title, { method: 'PUT', path: '/v1/configuration', body: await example(name) });
  await configure('first', 'Post the first example configuration');

  const web = await makeGroup(stage, WEB, 'web servers');
  const db = await makeGroup(stage, DB, 'databases');
  await allow(stage, `Allow ssh from 10.0.0.0/8 into ${WEB}`, web, {
    ...{ protocol: 'tcp', fromPort: 22, toPort: 22 },
    cidrs: ['10.0.0.0/8'],
  });
  await allow(stage, `Allow ping from everywhere into ${WEB}`, web, {
    ...{ protocol: 'icmp', fromPort: -1, toPort: -1 },
    cidrs: ['0.0.0.0/0'],
  });
  await allow(stage, `Allow tcp 3306 from ${WEB} into ${DB}`, db, {
    ...{ protocol: 'tcp', fromPort: 3306, toPort: 3306 },
    groups: [{ groupId: web, account: DEMO_ACCOUNT }],
  });
  const allocated = await stage.play('Allocate an elastic address', {
    method: 'POST',
    path: '/v1/addresses',
    body: {},
  });
  const address = idIn(allocated.result, 'address');

  const [first = '', second = ''] = await runIn(stage, WEB, web, 2);
  const [third = ''] = await runIn(stage, DB, db, 1);
  const placed = [
    { instanceId: first, node: here },
    { instanceId: second, node: there },
    { instanceId: third, node: there },
  ];
  await stage.play(
    `Place one on ${here}, two on ${there}, and say that they run`,
    batch([
      ...placed.map((place) => ({ command: 'PlaceInstance', ...place })),
      ...placed.map(({ instanceId }) => ({ command: 'MarkRunning', instanceId })),
    ]),
  );
  await stage.play(`Associate ${address} with ${first}`, {
    method: 'POST',
    path: `/v1/addresses/${address}/associate`,
    body: { instanceId: first },
  });
  await stage.play(
    `Stop ${second}`,
    batch(['StopInstance', 'MarkStopped'].map((command) => ({ command, instanceId: second }))),
  );
  await stage.play(
    `Terminate ${third}`,
    batch(['TerminateInstance', 'MarkTerminated'].map((command) => ({ command, instanceId: third }))),
  );
  await configure('second', 'Post the second example configuration: the subnet by its name');
};
