/**
 * Whether memory stays flat: a cloud controller with all its parts, receivers in another process, and a million changes through
 * its HTTP door; every so often everything unreachable is collected and what is left is written down. A command of its own, it
 * takes minutes: `node bench/flat.ts [CHANGES]`. What may grow, and by how much, is said beside the figures.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { isSettingFault, readSettings } from '../src/adapters/settings/settings.ts';
import { createJournal } from '../src/roles/journal.ts';
import { makeRoles } from '../src/roles/processRoles.ts';
import { together } from '../src/roles/role.ts';
import { createApi } from './api.ts';
import { clockMs } from './clock.ts';
import { pointAt } from './cloud.ts';
import { dataFolderOf, removeFolder } from './logs.ts';
import { say } from './progress.ts';
import { startReceivers } from './receiving.ts';
import { accountOf, clusterName, groupCount, groupId, sizeOf } from './world.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const MB = 1024 * 1024;
const BATCH = 500;
const UNDER_WAY = 4;
const SAMPLES = 10;

type Sample = {
  readonly changes: number;
  /** Objects of the program, MB after collection. */
  readonly heap: number;
  /** Buffers and typed arrays: the audit index is made of these. */
  readonly buffers: number;
  readonly resident: number;
};

const sample = (changes: number): Sample => {
  collect();
  collect();
  const { heapUsed, external, rss } = process.memoryUsage();
  const round = (bytes: number): number => Number((bytes / MB).toFixed(1));
  return { changes, heap: round(heapUsed), buffers: round(external), resident: round(rss) };
};

const size = sizeOf(5_000);

/** Rules that come with one request and go with the next of the same lane: then the cloud is as it was. */
const itemOf = (lane: number, request: number, at: number): object => {
  const group = at % groupCount(size);
  const address = `203.0.${lane}.${Math.floor(at / groupCount(size))}`;
  return {
    command: request % 2 === 0 ? 'AuthorizeIngress' : 'RevokeIngress',
    account: accountOf(group),
    groupId: groupId(group),
    permissions: [{ protocol: 'tcp', fromPort: 7_000, toPort: 7_000, cidrs: [`${address}/32`] }],
  };
};

const startHouse = async (folder: string) => {
  const settings = readSettings({ role: 'clc', data: folder, port: '0' }, {});
  if (isSettingFault(settings)) throw new Error(settings.problem);
  const journal = createJournal('flat', Date.now, () => true);
  const house = together(await makeRoles(settings, journal, Date.now, (reason) => say(reason)));
  const port = Number(/http:\/\/[^:]+:(\d+)/.exec((await house.start()).join('\n'))?.[1]);
  return { house, api: createApi(port, UNDER_WAY) };
};

const changes = Number(process.argv[2] ?? 1_000_000);
const folder = await dataFolderOf(size, 'flat', true);
const receiving = await startReceivers(Array.from({ length: size.clusters }, (_, c) => clusterName(c)));
await pointAt(folder, receiving);
const { house, api } = await startHouse(folder);
const begun = clockMs();
const samples: Sample[] = [];
let done = 0;

/** In whole rounds: every lane sends what comes and what goes. */
const ROUND = 2 * BATCH * UNDER_WAY;

const sendRound = async (lane: number): Promise<void> => {
  for (const request of [0, 1]) {
    const items = Array.from({ length: BATCH }, (_, at) => itemOf(lane, request, at));
    const answer = await api.ask<{ readonly refused: number; readonly results: readonly object[] }>(
      'POST',
      '/v1/batch',
      items,
    );
    if (answer.refused > 0) throw new Error(`${answer.refused} refused: ${JSON.stringify(answer.results.at(-1))}`);
  }
};

const carryOut = async (until: number): Promise<void> => {
  for (; done < until; done += ROUND) {
    await Promise.all(Array.from({ length: UNDER_WAY }, (_, lane) => sendRound(lane)));
  }
};

await carryOut(Math.min(20_000, changes));
for (let nth = 0; nth <= SAMPLES; nth += 1) {
  const now = sample(done);
  samples.push(now);
  const rate = Math.round((done * 1000) / (clockMs() - begun));
  say(
    `${done} changes: heap ${now.heap} MB, buffers ${now.buffers} MB, resident ${now.resident} MB, ${rate} changes/s`,
  );
  if (nth < SAMPLES) await carryOut(Math.round(done + (changes - done) / (SAMPLES - nth)));
}
const [first, last] = [samples[0], samples.at(-1)];
const over = changes - (first?.changes ?? 0);
const each = (member: 'heap' | 'buffers'): number =>
  Math.round((((last?.[member] ?? 0) - (first?.[member] ?? 0)) * MB) / over);
process.stdout.write(
  `heap: ${each('heap')} bytes a change; buffers, which hold the audit index: ${each('buffers')} bytes a change\n`,
);
const results = new URL('./results/', import.meta.url).pathname;
await mkdir(results, { recursive: true });
await writeFile(
  join(results, 'flat.json'),
  `${JSON.stringify({ at: new Date().toISOString(), changes, samples }, null, 1)}\n`,
);
api.close();
await house.stop();
receiving.stop();
await removeFolder(folder);
process.exit(0);
