/**
 * The node agent: looks at the document its node controller wrote, plans, brings the kernel, the DHCP server and the
 * neighbours there, and says what it has in force. Levels, not edges: every look compares the newest document with what was
 * done, so an event that is lost or doubled changes nothing. What it cannot use it refuses with a reason, and leaves the last
 * good state alone. When it ends, the rules stay.
 */
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isRefusal, type Refusal } from '../../../domain/refusals.ts';
import { bootGateText, leasesByMac } from '../../../projections/plan/leases.ts';
import { defaultNodeOptions, type Plan } from '../../../projections/plan/model.ts';
import { createPlanner } from '../../../projections/plan/planner.ts';
import { rulesetOf, rulesetText } from '../../../projections/plan/ruleset.ts';
import { ensureFolder, readIfThere, replaceFile } from '../../shared/atomicFile.ts';
import { createDocumentReader, type ReadDocument, type ReadStamp } from '../documentReader.ts';
import { type Accepted, refusedAfter } from './acceptance.ts';
import type { Agent, AgentReport, AgentSettings, AgentStatus, Drift } from './agentModel.ts';
import { announce } from './announce.ts';
import { cutFlows, cutRevoked } from './conntrack.ts';
import { dhcpTerms } from './dhcpAnswer.ts';
import { createDhcpServer, type DhcpServer } from './dhcpServer.ts';
import { createDnsmasq } from './dnsmasq.ts';
import { createHostState, type HostState } from './hostState.ts';
import { watchKernel } from './kernelWatch.ts';
import { readDrops, readTraffic } from './metering.ts';
import { createNft, type Nft } from './nft.ts';
import { createProgrammer, type Programmed, type Programmer } from './programmer.ts';
import { defaultTools, type Tools } from './tool.ts';
import { type Watch, watchFile } from './watches.ts';

export const versionFile = 'global_network_info.version';
export const statusFile = 'agent-status.json';
export const planFile = 'plan.nft';

const keptDrifts = 20;

type State = {
  accepted: Accepted | undefined;
  applied: ReadStamp | undefined;
  refusal: Refusal | undefined;
  drift: readonly Drift[];
  problems: readonly string[];
  plan: Plan | undefined;
  /** The newest plan and its stamp, in force or not. */
  wanted: { plan: Plan; stamp: ReadStamp } | undefined;
  seen: Buffer | undefined;
  took: AgentStatus['took'];
};

type Engines = {
  readonly tools: Tools;
  readonly nft: Nft;
  readonly host: HostState;
  readonly programmer: Programmer;
  readonly dhcp: DhcpServer | undefined;
};

export const createAgent = (settings: AgentSettings): Agent => {
  const { file, mode, now } = settings;
  const options = { ...defaultNodeOptions, ...settings.options };
  const engines = createEngines(settings);
  const reader = createDocumentReader();
  const planner = createPlanner(settings.nodeNames, options);
  const state: State = {
    accepted: undefined,
    applied: undefined,
    refusal: undefined,
    drift: [],
    problems: [],
    plan: undefined,
    wanted: undefined,
    seen: undefined,
    took: null,
  };
  const watches: Watch[] = [];
  let tail: Promise<void> = Promise.resolve();
  let isLookQueued = false;
  let isStopped = false;

  /** One thing at a time; a fault of one is a problem in the status, never the end of the others. */
  const inTurn = (job: () => Promise<void>): Promise<void> => {
    tail = tail.then(async () => {
      if (isStopped) return;
      await job().catch((error: Error) => {
        state.problems = [`fault: ${error.message}`];
      });
    });
    return tail;
  };

  const report = (): AgentReport => reportOf(state, settings);
  const publish = async (): Promise<void> => {
    settings.onReport(report());
    await writeText(join(settings.statusFolder, statusFile), `${JSON.stringify(status(), null, 2)}\n`);
  };
  const status = (): AgentStatus => ({
    ...report(),
    node: state.plan?.node ?? null,
    instances: state.plan?.instances.size ?? 0,
    notes: state.wanted?.plan.notes ?? [],
    problems: state.problems,
    dhcpAnswers: engines.dhcp?.answered() ?? 0,
    took: state.took,
  });

  const refuse = async (refusal: Refusal): Promise<void> => {
    state.refusal = refusal;
    await publish();
  };

  const look = async (): Promise<void> => {
    isLookQueued = false;
    const begun = performance.now();
    const bytes = await readWhole(file, reader.read);
    if (bytes === undefined || state.seen?.equals(bytes.bytes) === true) return;
    state.seen = bytes.bytes;
    const readAt = performance.now();
    const { read } = bytes;
    if (isRefusal(read)) return refuse(read);
    const older = refusedAfter(state.accepted, { stamp: read.stamp, bytes: bytes.bytes });
    if (older !== undefined) return refuse(older);
    const plan = planner.plan(read.document);
    if (isRefusal(plan)) return refuse(plan);
    const plannedAt = performance.now();
    state.accepted = { stamp: read.stamp, bytes: bytes.bytes };
    state.wanted = { plan, stamp: read.stamp };
    state.refusal = undefined;
    await carryOut(plan, read.stamp);
    const done = performance.now();
    state.took = { read: readAt - begun, plan: plannedAt - readAt, program: done - plannedAt };
    await publish();
  };

  const carryOut = async (plan: Plan, stamp: ReadStamp): Promise<void> => {
    if (mode === 'plan') {
      state.plan = plan;
      const text = rulesetText(rulesetOf(plan), { serial: 1, ...stamp });
      return writeText(join(settings.statusFolder, planFile), text);
    }
    const result = await engines.programmer.program(plan, stamp);
    await follow(result, result.refusal === undefined ? stamp : undefined);
  };

  /** What comes after the rules: leases, translations and flows to forget, neighbours to tell, files for the others. */
  const follow = async (result: Programmed, stamp: ReadStamp | undefined): Promise<void> => {
    const { plan, refusal } = result;
    state.plan = plan;
    if (refusal !== undefined) state.refusal = { refused: refusal.reason, detail: refusal.detail };
    const book = { terms: dhcpTerms(plan), leases: leasesByMac(plan) };
    const problems = [...result.problems, ...((await engines.dhcp?.serve(book)) ?? [])];
    problems.push(...(await cutFlows(engines.tools, result.cuts)));
    if (settings.cutRevoked === true) await cutRevoked(engines.tools, plan, result.narrowed);
    if (stamp !== undefined) state.applied = stamp;
    state.problems = problems;
    void announce(engines.tools, result.announcements).then((more) => {
      state.problems = [...state.problems, ...more];
    });
    await writeText(join(settings.statusFolder, 'net', 'euca-dhcp.conf'), bootGateText(plan));
    if (stamp !== undefined) await writeText(join(dirname(file), versionFile), stamp.version);
  };

  const inspect = async (): Promise<void> => {
    const { wanted } = state;
    if (mode !== 'kernel' || wanted === undefined) return;
    const isBehind = state.refusal?.refused === 'kernel-refused';
    const result = isBehind
      ? await engines.programmer.program(wanted.plan, wanted.stamp)
      : await engines.programmer.inspect();
    if (result === undefined) return;
    if (result.differences.length > 0) {
      const entry = { at: now(), found: result.differences, repaired: result.refusal === undefined };
      state.drift = [entry, ...state.drift].slice(0, keptDrifts);
    }
    if (isBehind && result.refusal === undefined) state.refusal = undefined;
    if (result.differences.length === 0 && !isBehind) return;
    await follow({ ...result, announcements: [] }, result.refusal === undefined ? wanted.stamp : undefined);
    await publish();
  };

  const settlePort = async (port: string): Promise<void> => {
    const piece = [...(state.plan?.instances.values() ?? [])].find(({ instance }) => instance.port === port);
    const added = piece?.host.filter((item) => 'port' in item && item.port === port) ?? [];
    if (added.length > 0) state.problems = await engines.host.apply({ removed: [], added });
  };

  const queueLook = (): void => {
    if (isLookQueued) return;
    isLookQueued = true;
    void inTurn(look);
  };

  return {
    start: async () => {
      await ensureFolder(settings.statusFolder);
      await ensureFolder(join(settings.statusFolder, 'net'));
      if (mode === 'kernel') {
        const stamp = await engines.programmer.kernelStamp();
        if (stamp !== undefined) {
          const { serial: _, ...carried } = stamp;
          state.accepted = { stamp: carried };
          state.applied = carried;
        }
        const changed = {
          rules: () => void inTurn(inspect),
          port: (port: string) => void inTurn(() => settlePort(port)),
        };
        watches.push(watchKernel({ tools: engines.tools, options, commits: engines.nft.commits, changed }));
        const seconds = settings.driftSeconds ?? 60;
        if (seconds > 0) watches.push(every(seconds, () => void inTurn(inspect)));
      }
      watches.push(watchFile(file, queueLook));
      watches.push(every(5, queueLook));
      await inTurn(look);
    },
    stop: async () => {
      for (const watch of watches) watch.stop();
      await tail;
      isStopped = true;
      await engines.dhcp?.stop();
    },
    status,
    traffic: async () => (state.plan === undefined || mode === 'plan' ? [] : readTraffic(engines.tools, state.plan)),
    drops: async () => (mode === 'plan' ? {} : readDrops(engines.tools)),
    inspect: () => inTurn(inspect),
    plan: () => state.plan,
  };
};

const createEngines = (settings: AgentSettings): Engines => {
  const tools = { ...defaultTools, ...settings.tools };
  const options = { ...defaultNodeOptions, ...settings.options };
  const nft = createNft(tools);
  const host = createHostState(tools, options);
  return {
    tools,
    nft,
    host,
    programmer: createProgrammer(nft, host),
    dhcp: settings.mode === 'plan' ? undefined : dhcpDriver(settings, tools, options.bridge),
  };
};

const dhcpDriver = (settings: AgentSettings, tools: Tools, bridge: string): DhcpServer | undefined => {
  switch (settings.dhcp ?? 'internal') {
    case 'internal':
      return createDhcpServer();
    case 'dnsmasq':
      return createDnsmasq(tools, join(settings.statusFolder, 'net'), bridge);
    case 'off':
      return undefined;
  }
};

const reportOf = (state: State, { mode, now }: AgentSettings): AgentReport => ({
  accepted: state.accepted?.stamp ?? null,
  applied: mode === 'plan' ? null : (state.applied ?? null),
  mode,
  ...(state.refusal === undefined ? {} : { refusal: { reason: state.refusal.refused, detail: state.refusal.detail } }),
  ...(state.drift.length === 0 ? {} : { drift: state.drift }),
  at: now(),
});

type WholeRead = { readonly bytes: Buffer; readonly read: ReadDocument | Refusal };

/** A node controller that writes in place may be half way: a document cut short is looked at again before it is refused. */
const readWhole = async (
  file: string,
  read: (bytes: Buffer) => ReadDocument | Refusal,
): Promise<WholeRead | undefined> => {
  for (let attempt = 0; ; attempt += 1) {
    const bytes = await readIfThere(file);
    if (bytes === undefined) return undefined;
    const result = read(bytes);
    if (!isRefusal(result) || result.refused !== 'document-truncated' || attempt === 2) return { bytes, read: result };
    await pause(50);
  }
};

const every = (seconds: number, run: () => void): Watch => {
  const timer = setInterval(run, seconds * 1000);
  timer.unref();
  return { stop: () => clearInterval(timer) };
};

const writeText = (path: string, text: string): Promise<void> => replaceFile(path, [Buffer.from(text)], 0o644);
