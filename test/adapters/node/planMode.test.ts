/**
 * An agent that only plans: follows the file by itself, shows what it would do, reports nothing as applied. And the commands
 * that need no privilege.
 */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { createAgent } from '../../../src/adapters/node/agent/agent.ts';
import type { AgentReport } from '../../../src/adapters/node/agent/agentModel.ts';
import { nodeExplain, nodePlan, nodeStatus } from '../../../src/adapters/node/commands.ts';
import { renderDocument } from '../../../src/projections/document/render.ts';
import { type Cloud, documentOf, nodeName } from '../../projections/plan/clouds.ts';

const folders: string[] = [];
after(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});
const place = async (): Promise<{ folder: string; file: string }> => {
  const folder = await mkdtemp(join(tmpdir(), 'edgelog-agent-'));
  folders.push(folder);
  return { folder, file: join(folder, 'global_network_info.xml') };
};

const cloud = (here: number): Cloud => ({
  seats: Array.from({ length: 8 }, (_, index) => ({
    present: index < here,
    here: index < 3,
    groups: ['sg-a'],
    elastic: index === 0,
  })),
  groups: [
    {
      id: 'sg-a',
      ownerId: '1',
      rules: [{ protocol: 6, low: 22, high: 22, source: { kind: 'cidr', cidr: '0.0.0.0/0' } }],
    },
  ],
  shown: ['sg-a'],
  shift: 0,
  clc: '198.51.100.5',
});

const put = async (file: string, here: number, position: number): Promise<void> => {
  const text = renderDocument(documentOf(cloud(here)), 'superset', {
    version: `0000000${position}`,
    epoch: 1,
    position,
  });
  await writeFile(`${file}.new`, text);
  await rename(`${file}.new`, file);
};

test('a planning agent follows the file and programs nothing', async () => {
  const { folder, file } = await place();
  const reports: AgentReport[] = [];
  const waiting: (() => void)[] = [];
  const agent = createAgent({
    file,
    nodeNames: [nodeName],
    statusFolder: join(folder, 'status'),
    mode: 'plan',
    now: () => 1000 + reports.length,
    onReport: (report) => {
      reports.push(report);
      for (const wake of waiting.splice(0)) wake();
    },
  });
  const until = async (count: number): Promise<AgentReport | undefined> => {
    while (reports.length < count) await new Promise<void>((resolve) => waiting.push(resolve));
    return reports[count - 1];
  };
  await agent.start();
  assert.equal(reports.length, 0, 'there is no document yet');
  await put(file, 2, 5);
  const first = await until(1);
  assert.deepEqual(first, {
    accepted: { version: '00000005', epoch: 1, position: 5 },
    applied: null,
    mode: 'plan',
    at: 1000,
  });
  await put(file, 1, 4);
  assert.equal((await until(2))?.refusal?.reason, 'older-document');
  await put(file, 3, 6);
  assert.equal((await until(3))?.refusal, undefined);
  await agent.stop();
  const text = await readFile(join(folder, 'status', 'plan.nft'), 'utf8');
  assert.ok(text.includes('add chain ip edge i_i-00000002'));
  assert.equal(agent.status().instances, 3);
  const shown = await nodeStatus({ file, nodeNames: [nodeName], statusFolder: join(folder, 'status') });
  assert.equal(shown.exitCode, 0);
  assert.match(shown.text, /mode plan, 3 instances/);
});

/** Starts a planning agent, waits for its first word after `act`, ends it. */
const firstWord = async (folder: string, file: string, act: () => Promise<void>): Promise<AgentReport> => {
  const { promise, resolve } = Promise.withResolvers<AgentReport>();
  const agent = createAgent({
    ...{ file, nodeNames: [nodeName], statusFolder: folder, mode: 'plan', now: () => 1 },
    onReport: resolve,
  });
  await act();
  await agent.start();
  const report = await promise;
  await agent.stop();
  return report;
};

test('what a planning agent accepted outlives it', async () => {
  const { folder, file } = await place();
  const accepted = { version: '00000005', epoch: 1, position: 5 };
  assert.deepEqual((await firstWord(folder, file, () => put(file, 2, 5))).accepted, accepted);
  const older = await firstWord(folder, file, () => put(file, 1, 4));
  assert.equal(older.refusal?.reason, 'older-document');
  assert.deepEqual(older.accepted, accepted);
  assert.equal((await firstWord(folder, file, () => put(file, 2, 5))).refusal, undefined, 'the same again is fine');
  for (const nonsense of ['', 'null', '{"accepted":7}', '{"accepted":{"epoch":1}}']) {
    await writeFile(join(folder, 'agent-status.json'), nonsense);
    assert.equal((await firstWord(folder, file, () => put(file, 1, 4))).refusal, undefined, nonsense);
  }
});

test('a node that never had a document waits while documents list no node; later that is a refusal', async () => {
  const { folder, file } = await place();
  const unconfigured = (position: number): Promise<void> => {
    const { configuration, ...rest } = documentOf(cloud(0));
    const nobody = { ...rest, configuration: { ...configuration, clusters: [] } };
    return writeFile(file, renderDocument(nobody, 'superset', { version: `0000000${position}`, epoch: 1, position }));
  };
  const first = await firstWord(folder, file, () => unconfigured(1));
  assert.equal(first.refusal, undefined);
  assert.match(first.waiting ?? '', /no network configuration/);
  const shown = await nodeStatus({ file, nodeNames: [nodeName], statusFolder: folder });
  assert.equal(shown.exitCode, 0);
  assert.match(shown.text, /waits for a document/);
  const configured = await firstWord(folder, file, () => put(file, 2, 2));
  assert.equal(configured.waiting, undefined);
  const taken = await firstWord(folder, file, () => unconfigured(3));
  assert.equal(taken.waiting, undefined);
  assert.equal(taken.refusal?.reason, 'document-without-node');
});

test('plan and explain answer from the file alone', async () => {
  const { folder, file } = await place();
  const given = { file, nodeNames: [nodeName], statusFolder: folder };
  assert.equal((await nodePlan(given)).exitCode, 4);
  await put(file, 8, 9);
  const plan = await nodePlan(given);
  assert.equal(plan.exitCode, 0);
  assert.match(plan.text, /add rule ip edge g_sg-a tcp dport 22 accept/);
  assert.equal((await nodePlan({ ...given, nodeNames: ['elsewhere'] })).exitCode, 4);

  const why = (words: string) =>
    nodeExplain({ ...given, words: words.split(' '), lookup: (subject) => ({ event: subject.kind }) });
  const open = await why('from=198.51.100.77 to=203.0.113.1 tcp/22');
  assert.equal(open.exitCode, 0);
  assert.match(open.text, /translated to 10.111.0.1 of i-00000000/);
  assert.match(open.text, /accepted: sg-a rule 0: tcp dport 22 accept\nset by \{"event":"rule"\}/);
  const cases: [string, number, RegExp][] = [
    ['from=198.51.100.77 to=203.0.113.1 tcp/23', 1, /guard defaultDeny/],
    ['from=i-00000000 to=i-00000001 tcp/22', 0, /sg-a rule 0/],
    ['from=i-00000000 to=i-00000001 udp/22', 1, /guard defaultDeny/],
    ['from=i-00000000 to=i-00000005 udp/22', 0, /may send anywhere/],
    ['from=i-00000005 to=i-00000000 tcp/22', 0, /sg-a rule 0/],
    ['from=10.111.0.2 to=i-00000001 in=vn_i-00000000 tcp/22', 1, /guard sourceIp/],
    ['from=i-00000000 to=8.8.8.8 tcp/22 mac=d0:0d:00:00:00:99', 1, /guard sourceMac/],
    ['from=i-00000000 to=8.8.8.8 ether/34525', 1, /guard etherTypes/],
    ['from=10.111.0.2 to=10.111.0.1 in=vn_i-00000000 arp', 1, /guard arpSender/],
    ['from=i-00000000 to=10.111.255.254 tcp/22', 1, /guard nodeInput/],
    ['from=10.111.0.1 to=203.0.113.1 in=pub0 tcp/22', 1, /guard publicSpoof/],
    ['from=198.51.100.77 to=10.111.0.1 in=pub0 tcp/22', 1, /guard publicDirect/],
    ['from=198.51.100.77 to=8.8.8.8 tcp/22', 1, /guard transit/],
    ['from=i-00000000 to=i-00000001 udp/22 established', 0, /let in/],
    ['from=i-00000000 to=169.254.169.254 tcp/80', 0, /198.51.100.5:8773/],
    ['from=i-00000000 to=i-00000001 in=vn_nobody tcp/22', 1, /guard unprogrammedPort/],
    ['from=i-00000000 to=i-00000001 udp/67 sport=67', 1, /guard dhcpServer/],
    ['from=i-00000000', 4, /both are needed/],
    ['from=i-00000000 to=i-00000001 tcp/99999', 4, /port from 0 to 65535/],
    ['from=i-00000000 to=i-00000001 sideways', 4, /not understood/],
  ];
  for (const [words, exitCode, text] of cases) {
    const answer = await why(words);
    assert.match(answer.text, text, words);
    assert.equal(answer.exitCode, exitCode, words);
  }
});

test('what a full or closed disk kept from being done is done when the same document is looked at again', async () => {
  const { folder, file } = await place();
  const { promise, resolve } = Promise.withResolvers<AgentReport>();
  const inTheWay = join(folder, 'plan.nft.new');
  await mkdir(inTheWay);
  await put(file, 2, 5);
  const agent = createAgent({
    ...{ file, nodeNames: [nodeName], statusFolder: folder, mode: 'plan', now: () => 1 },
    onReport: resolve,
  });
  await agent.start();
  assert.match(agent.status().problems.join(' '), /fault: .*plan\.nft/);
  await rm(inTheWay, { recursive: true });
  await put(file, 2, 5);
  assert.equal((await promise).accepted?.position, 5);
  assert.match(await readFile(join(folder, 'plan.nft'), 'utf8'), /add table ip edge/);
  await agent.stop();
});
