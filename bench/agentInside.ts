/**
 * The agent measured inside a room of its own: from the moment the document's file is replaced to the moment the agent says
 * it is applied, beside the same transaction by `nft` alone. Prints one row as a JSON line at a time.
 */
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createAgent } from '../src/adapters/node/agent/agent.ts';
import type { Agent, AgentReport } from '../src/adapters/node/agent/agentModel.ts';
import { defaultTools, runTool } from '../src/adapters/node/agent/tool.ts';
import { renderDocument } from '../src/projections/document/render.ts';
import { defaultNodeOptions, type Plan } from '../src/projections/plan/model.ts';
import { planNode } from '../src/projections/plan/planner.ts';
import { rulesetOf, rulesetText } from '../src/projections/plan/ruleset.ts';
import { transactionLines } from '../src/projections/plan/transaction.ts';
import { createPuppet } from '../test/lab/puppet.ts';
import { batch, sh } from '../test/lab/world.ts';
import type { Row } from './agent.ts';
import { benchDocument, benchNode, type CloudChange, instanceId, localCount, macOf } from './agentCloud.ts';
import { discoverFrame, worstGap } from './agentGap.ts';

const quick = process.argv[2] === 'quick';
const rounds = quick ? 5 : 15;
const addedAtMost = 10;

const say = (row: Row): void => {
  process.stdout.write(`${JSON.stringify(row)}\n`);
};
const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const round = (value: number): number => Math.round(value * 100) / 100;

const timed = async (run: () => Promise<unknown>): Promise<number> => {
  const begun = performance.now();
  await run();
  return performance.now() - begun;
};

const planOf = (n: number, change: CloudChange): Plan => {
  const plan = planNode(benchDocument(n, change), [benchNode], defaultNodeOptions);
  if ('refused' in plan) throw new Error(JSON.stringify(plan));
  return plan;
};

/** `nft` alone, in a namespace beside the agent's, so that both can be measured in turns without disturbing each other. */
const nft = async (text: string): Promise<void> => {
  const result = await runTool('nsenter', ['--net=/run/netns/alone', defaultTools.nft, '-f', '-'], { input: text });
  if (result.code !== 0) throw new Error(result.stderr);
};

const wires = (): void => {
  sh('ip', ['netns', 'add', 'alone']);
  const ports = Array.from({ length: localCount }, (_, index) => `vn_${instanceId(index)}`);
  batch([
    ...['up0', 'pub0', ...ports].flatMap((device, index) => [
      `link add ${device} type veth peer name p${index}`,
      `link set ${device} up`,
      `link set p${index} up`,
    ]),
    'addr add 198.51.100.11/24 dev up0',
    'addr add 203.0.113.11/24 dev pub0',
  ]);
};

type Follower = {
  readonly agent: Agent;
  readonly folder: string;
  /** Replaces the file; resolves when the agent says it is applied. */
  readonly publish: (n: number, change: CloudChange) => Promise<number>;
};

/** Rendered once, so that the garbage of rendering is not part of what is measured; only the stamp differs. */
const bodies = new Map<string, Buffer>();
const documentBytes = (n: number, change: CloudChange, position: number): Buffer => {
  const key = JSON.stringify([n, change]);
  const mark = '<configuration>';
  const body = bodies.get(key) ?? Buffer.from(renderDocument(benchDocument(n, change), 'superset'));
  bodies.set(key, body);
  const stamp = `version="${position.toString(16).padStart(8, '0')}" epoch="1" position="${position}"`;
  const head = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?><network-data ${stamp}>`;
  return Buffer.concat([Buffer.from(head), body.subarray(body.indexOf(mark))]);
};

/** One after the other for all agents: the kernel remembers what it had. */
let position = 0;

const follow = async (): Promise<Follower> => {
  const folder = await mkdtemp(join(tmpdir(), 'edgelog-bench-'));
  const file = join(folder, 'global_network_info.xml');
  let wake: (report: AgentReport) => void = () => undefined;
  const agent = createAgent({
    file,
    nodeNames: [benchNode],
    statusFolder: join(folder, 'status'),
    mode: 'kernel',
    driftSeconds: 0,
    now: Date.now,
    onReport: (report) => wake(report),
  });
  await agent.start();
  const publish: Follower['publish'] = async (n, change) => {
    position += 1;
    await writeFile(`${file}.new`, documentBytes(n, change, position));
    await pause(20);
    return timed(async () => {
      const applied = new Promise<void>((resolve, reject) => {
        wake = (report) => {
          if (report.refusal !== undefined) reject(new Error(JSON.stringify(report.refusal)));
          else if (report.applied?.position === position) resolve();
        };
      });
      await rename(`${file}.new`, file);
      await applied;
    });
  };
  return { agent, folder, publish };
};

type Change = { readonly there: string; readonly back: string; readonly from: CloudChange; readonly to: CloudChange };
type Times = { readonly ours: number[]; readonly alone: number[] };

/** There and back, the agent and `nft` alone in turns; medians. */
const alternate = async (n: number, { from, to }: Change, publish: Follower['publish']): Promise<[Times, Times]> => {
  const [a, b] = [planOf(n, from), planOf(n, to)];
  const texts = [transactionLines(a, b), transactionLines(b, a)].map((lines) => `${lines.join('\n')}\n`);
  const times: [Times, Times] = [
    { ours: [], alone: [] },
    { ours: [], alone: [] },
  ];
  await nft(rulesetText(rulesetOf(a)));
  await publish(n, from);
  for (let index = 0; index < 2 * rounds; index += 1) {
    const way = times[index % 2 === 0 ? 0 : 1];
    way.ours.push(await publish(n, index % 2 === 0 ? to : from));
    way.alone.push(await timed(() => nft(texts[index % 2] ?? '')));
  }
  return times;
};

const singleChanges: readonly Change[] = [
  { there: 'remove an instance', back: 'add an instance', from: {}, to: { withoutLast: true } },
  { there: 'add a rule', back: 'remove a rule', from: {}, to: { extraRule: true } },
  { there: 'move an elastic address', back: 'move it back', from: {}, to: { moved: true } },
];

const row = (name: string, n: number, ours: number, bare: number, isTarget: boolean): Row => ({
  name,
  n,
  ms: round(ours),
  ratio: round(ours / bare),
  of: `nft alone, ${round(bare)} ms`,
  ...(isTarget ? { target: `at most ${addedAtMost} ms more than nft alone`, met: ours - bare <= addedAtMost } : {}),
});

const measure = async (n: number): Promise<void> => {
  await runTool(defaultTools.nft, ['flush', 'ruleset']);
  const { agent, folder, publish } = await follow();
  const first = await publish(n, {});
  const results: Row[] = [];
  for (const change of singleChanges) {
    const [there, back] = await alternate(n, change, publish);
    results.push(row(change.there, n, median(there.ours), median(there.alone), n === 10_000));
    results.push(row(change.back, n, median(back.ours), median(back.alone), n === 10_000));
  }
  const drift = median([await timed(agent.inspect), await timed(agent.inspect), await timed(agent.inspect)]);
  const text = rulesetText(rulesetOf(planOf(n, {})));
  const whole = median([await timed(() => nft(text)), await timed(() => nft(text)), await timed(() => nft(text))]);
  say(row('first application', n, first, whole, false));
  for (const one of results) say(one);
  say(row('drift check', n, drift, whole, false));
  await agent.stop();
  await rm(folder, { recursive: true, force: true });
};

/** From the file's replacement to the DHCP offer on the new instance's wire. */
const firstLease = async (n: number): Promise<void> => {
  const last = localCount - 1;
  const port = `vn_${instanceId(last)}`;
  sh('ip', ['netns', 'add', 'vm']);
  sh('ip', ['link', 'del', port]);
  batch([`link add ${port} type veth peer name eth0 address ${macOf(last)} netns vm`]);
  batch(['link set lo up', 'link set eth0 up'], 'vm');
  const puppet = createPuppet('vm');
  await puppet.tell('listen', { device: 'eth0' });
  const { agent, folder, publish } = await follow();
  const question = discoverFrame(macOf(last));
  const times: number[] = [];
  for (let index = 0; index < rounds; index += 1) {
    await publish(n, { withoutLast: true });
    await puppet.tell('forget');
    const applied = await publish(n, {});
    const asked = await timed(async () => {
      await puppet.tell('frames', { device: 'eth0', frames_hex: [question] });
      const { ok } = await puppet.tell('saw_frame', { part: '02010600deadbeef', timeout: 2 });
      if (!ok) throw new Error('nobody answered the new instance');
    });
    times.push(applied + asked);
  }
  const ms = median(times);
  say({
    name: 'new instance to first DHCP answer',
    n,
    ms: round(ms),
    ratio: round(ms / 100),
    of: 'the target',
    target: 'at most 100 ms',
    met: ms <= 100,
  });
  puppet.stop();
  await agent.stop();
  await rm(folder, { recursive: true, force: true });
};

const calm = { changes: quick ? 100 : 1000, burdens: 0 };
await worstGap(quick ? [calm] : [calm, { changes: 200, burdens: 2 }], say);
wires();
for (const n of quick ? [100, 10_000] : [100, 1000, 10_000]) await measure(n);
await firstLease(quick ? 1000 : 10_000);
process.exit(0);
