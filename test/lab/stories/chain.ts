/**
 * From an HTTP command to the packet: groups, instances and elastic addresses are wished at the API, travel as events,
 * documents, SOAP and files into two kernels, and then decide over real packets. `wait=applied` is taken at its word.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Answer, type Chain, chainCluster, startChain } from '../chain.ts';
import type { Lab } from '../lab.ts';
import { type ActorName, actors, nodeAddresses, outside, portOf } from '../story.ts';
import { addressLines, batch, forgetNeighbours, inside } from '../world.ts';
import { type Addresses, type Moment, momentOf, whyAgrees } from './chainWhy.ts';
import { cannotOpen, canOpen, eventually, nodeNames, openStream, type Story } from './story.ts';

const account = '000000000001';
const applied = 'wait=applied&timeout=30';
const elastic = '203.0.113.55';
const sql = 5432;

const memberOf = (answer: Answer, path: readonly string[]): string => {
  let found: unknown = answer;
  for (const name of path) found = (found as Answer | undefined)?.[name];
  if (typeof found !== 'string') throw new Error(`expected ${path.join('.')} in ${JSON.stringify(answer)}`);
  return found;
};

const createGroup = async ({ command }: Chain, name: string): Promise<string> => {
  const answer = await command('POST', `/v1/security-groups?account=${account}`, { name, description: name });
  return memberOf(answer, ['result', 'groupId']);
};

/** Runs the instance the actor is, and gives its machine the address the control plane chose. */
const runActor = async ({ command }: Chain, name: ActorName, group: string): Promise<string> => {
  const { id, node, mac } = actors[name];
  await command('POST', `/v1/instances?account=${account}`, {
    ...{ cluster: chainCluster, instanceIds: [id], groups: [group], addressing: 'private' },
    node: nodeAddresses[node].private,
  });
  await command('POST', `/v1/instances/${id}/place`, { node: nodeAddresses[node].private });
  await command('POST', `/v1/instances/${id}/running?${applied}`);
  const instance = await command('GET', `/v1/instances/${id}`);
  assert.equal(memberOf(instance, ['macAddress']).toLowerCase(), mac);
  const address = memberOf(instance, ['privateAddress']);
  batch(['addr flush dev eth0', ...addressLines(address)], name);
  return address;
};

const tcpFrom = (low: number, source: object): object => ({
  permissions: [{ protocol: 'tcp', fromPort: low, toPort: low, ...source }],
});

/** What the wires do now, and that `why` says the same. */
const look = async (lab: Lab, chain: Chain, addresses: Addresses, done: Answer): Promise<Moment> => {
  const moment = await momentOf(lab, addresses, Number(done['position']));
  await whyAgrees(chain, moment, true);
  return moment;
};

/** Rules decide as they are wished, on both nodes, at once; the time machine says so then and later. */
const groupsDecide = async (lab: Lab, chain: Chain): Promise<Addresses> => {
  const [web, db] = [await createGroup(chain, 'web'), await createGroup(chain, 'db')];
  const addresses: Addresses = {
    a1: await runActor(chain, 'a1', web),
    a2: await runActor(chain, 'a2', web),
    b2: await runActor(chain, 'b2', db),
  };
  const { a1, b2 } = addresses;
  const allow = (group: string, what: object): Promise<Answer> =>
    chain.command('POST', `/v1/security-groups/${group}/ingress?${applied}`, what);
  assert.ok(await cannotOpen(lab, 'clc', a1, 22), 'nothing is open before a rule');
  const ssh = await look(lab, chain, addresses, await allow(web, tcpFrom(22, { cidrs: ['0.0.0.0/0'] })));
  assert.ok(await canOpen(lab, 'clc', a1, 22));
  assert.ok(await cannotOpen(lab, 'clc', a1, 9999));
  const fromWeb = tcpFrom(sql, { groups: [{ groupId: web }] });
  const both = await look(lab, chain, addresses, await allow(db, fromWeb));
  assert.ok(await cannotOpen(lab, 'clc', b2, sql));
  const stream = await openStream(lab, 'a2', b2, sql);
  const revoked = await chain.command('POST', `/v1/security-groups/${db}/revoke?${applied}`, fromWeb);
  const after = await look(lab, chain, addresses, revoked);
  assert.equal((await lab.puppet('a2').tell('stream_state', { name: stream, stop: true })).error, null);
  assert.ok(await cannotOpen(lab, 'd1', a1, 22), 'an instance nobody ran is not there');
  const opened = [ssh, both, after].map((moment) => moment.opened.get(`a1 b2 ${sql}`));
  assert.deepEqual(opened, [false, true, false]);
  for (const moment of [ssh, both, after]) await whyAgrees(chain, moment, false);
  return addresses;
};

/** An elastic address is given, moved to the other instance, and taken away. */
const addressesMove = async (lab: Lab, { command }: Chain): Promise<void> => {
  const associate = (name: ActorName) =>
    command('POST', `/v1/addresses/${elastic}/associate?account=${account}&${applied}`, {
      instanceId: actors[name].id,
    });
  const seenAs = async (name: ActorName) =>
    (await lab.puppet(name).tell('tcp', { to: outside.client, port: 80, timeout: 5 })).peer;
  await command('POST', `/v1/addresses?account=${account}`, { address: elastic });
  await associate('a1');
  assert.ok(await canOpen(lab, 'client', elastic, 22));
  assert.equal(await seenAs('a1'), elastic);
  await command('POST', `/v1/addresses/${elastic}/disassociate?account=${account}&${applied}`);
  assert.ok(await cannotOpen(lab, 'client', elastic, 22));
  await associate('a2');
  assert.ok(await canOpen(lab, 'client', elastic, 22));
  assert.equal(await seenAs('a2'), elastic);
  assert.equal(await seenAs('a1'), nodeAddresses.n1.public);
};

const program = fileURLToPath(new URL('../../../src/main.ts', import.meta.url));

const explained = async (chain: Chain, words: readonly string[], url: string): Promise<string> => {
  const file = join(chain.folderOf('n1'), 'global_network_info.xml');
  const args = ['node', 'explain', ...words, '--document-file', file, '--node-name', nodeAddresses.n1.private];
  const run = promisify(execFile)(process.execPath, [program, ...args, '--url', url]);
  return run.then(
    ({ stdout }) => stdout,
    (ended: { readonly stdout: string }) => ended.stdout,
  );
};

/** What a person would look at: which event set it. */
const toldToPeople = async (lab: Lab, chain: Chain, a1: string): Promise<void> => {
  const words = ['in=up0', `from=${outside.clc}`, `to=${actors.a1.id}`, 'tcp/22'];
  const said = await explained(chain, words, chain.url);
  assert.match(said, /^accepted: sg-/m);
  assert.match(said, /^set by .*"type":"SecurityGroupRulesAuthorized","position":\d+/m);
  assert.match(await explained(chain, words, 'http://127.0.0.1:9'), /^set by .*cannot be asked/m);
  assert.ok(await canOpen(lab, 'clc', a1, 22));
};

/** What the agent of node 1 left behind for a node exporter. */
const figuresOf = async (chain: Chain, id: string, way: string): Promise<number> => {
  const figures = await readFile(join(chain.folderOf('n1'), 'edgelog.prom'), 'utf8');
  const line = new RegExp(`^edgelog_instance_packets_total\\{node="[0-9.]+",instance="${id}",${way}\\} (\\d+)$`, 'm');
  return Number(line.exec(figures)?.[1]);
};

const tell = async (lab: Lab, chain: Chain): Promise<void> => {
  const { a1, a2 } = await groupsDecide(lab, chain);
  await addressesMove(lab, chain);
  await toldToPeople(lab, chain, a1);
  assert.ok(await canOpen(lab, 'clc', a2, 22));
  await chain.command('POST', `/v1/instances/${actors.a2.id}/terminate`);
  await chain.command('POST', `/v1/instances/${actors.a2.id}/terminated?${applied}`);
  assert.ok(await cannotOpen(lab, 'clc', a2, 22), 'a terminated instance is gone');
  assert.ok(await canOpen(lab, 'clc', a1, 22), 'and nobody else');
};

/** The kernels forget which documents they had: those of the lab and of the chain are not each other's. */
const clearNodes = (): void => {
  for (const node of nodeNames) inside(node, 'nft', ['flush', 'ruleset']);
};

export const chainStories: readonly Story[] = [
  {
    name: 'chain: HTTP command, event, document, SOAP, file, kernel, packet',
    run: async (lab) => {
      const folder = join(lab.folder, 'chain');
      await mkdir(folder);
      await Promise.all(nodeNames.map((node) => lab.agents[node].kill()));
      clearNodes();
      try {
        const chain = await startChain(folder);
        try {
          await tell(lab, chain);
        } finally {
          await chain.stop();
        }
        assert.ok((await figuresOf(chain, actors.a1.id, 'direction="in",wire="private"')) > 0);
        assert.ok((await figuresOf(chain, actors.a1.id, 'direction="out",wire="public"')) > 0);
      } finally {
        clearNodes();
        for (const name of ['a1', 'a2', 'b2'] as const) {
          batch(['addr flush dev eth0', ...addressLines(actors[name].ip)], name);
        }
        for (const node of nodeNames) await lab.replaceAgent(node).begin(lab.settings(node));
        await lab.publish();
        forgetNeighbours();
      }
      await eventually('the lab is as it was', () => canOpen(lab, 'client', '203.0.113.50', 22, 1));
      assert.ok(inside('n1', 'ip', ['link', 'show', portOf(actors.a1)]).includes('master br-edge'));
    },
  },
];
