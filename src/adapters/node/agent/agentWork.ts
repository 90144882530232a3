/**
 * The agent's pieces of work, each a step from what is seen to what is so: look at the document, carry a plan out, inspect
 * the kernel, settle a port. They are run one at a time; none of them is ever run beside another.
 */
import { readFileSync, statSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isRefusal, type Refusal } from '../../../domain/refusals.ts';
import { hostKey } from '../../../projections/plan/host.ts';
import { bootGateText, leasesByMac } from '../../../projections/plan/leases.ts';
import type { HostItem, Plan } from '../../../projections/plan/model.ts';
import { rulesetOf, rulesetText } from '../../../projections/plan/ruleset.ts';
import type { ReadDocument, ReadStamp } from '../documentReader.ts';
import { refusedAfter } from './acceptance.ts';
import type { AgentSettings } from './agentModel.ts';
import { type AgentState, rememberDrift, reportOf, statusOf } from './agentState.ts';
import { cutRevoked } from './conntrack.ts';
import { dhcpTerms } from './dhcpAnswer.ts';
import type { Engines } from './engines.ts';
import { deviceExists } from './hostState.ts';
import type { Programmed } from './programmer.ts';

export const versionFile = 'global_network_info.version';
export const statusFile = 'agent-status.json';
export const planFile = 'plan.nft';
export const bootGateFile = join('net', 'euca-dhcp.conf');

export type Desk = { readonly settings: AgentSettings; readonly engines: Engines; readonly state: AgentState };

/** Whole or not at all, but not flushed to the disk: after a power cut the kernel has forgotten what these files speak of. */
const writeText = async (path: string, text: string): Promise<void> => {
  await writeFile(`${path}.new`, text, { mode: 0o644 });
  await rename(`${path}.new`, path);
};

/** Upward, and into the status file. */
export const publish = async ({ settings, engines, state }: Desk): Promise<void> => {
  settings.onReport(reportOf(state, settings));
  const status = statusOf(state, settings, engines.dhcp?.answered() ?? 0);
  await writeText(join(settings.statusFolder, statusFile), `${JSON.stringify(status, null, 2)}\n`);
};

const refuse = async (desk: Desk, refusal: Refusal): Promise<void> => {
  desk.state.refusal = refusal;
  desk.state.waiting = undefined;
  await publish(desk);
};

/** Before anything was configured documents list no node at all: that is nobody's fault, and there is nothing to keep. */
const wait = async (desk: Desk): Promise<void> => {
  desk.state.refusal = undefined;
  desk.state.waiting = 'for a document that lists nodes: the cloud has no network configuration for them yet';
  await publish(desk);
};

const listsNoNode = ({ document }: ReadDocument): boolean =>
  document.configuration.clusters.every(({ nodes }) => nodes.length === 0);

/** Reads the document if its bytes are new, and goes as far with it as it is good. */
export const look = async (desk: Desk): Promise<void> => {
  const { settings, engines, state } = desk;
  const begun = performance.now();
  const file = fileMark(settings.file);
  if (file !== undefined && file === state.file) return;
  state.file = file;
  const whole = await readWhole(settings.file, engines.reader.read);
  if (whole === undefined || state.seen?.equals(whole.bytes) === true) return;
  const { bytes, read } = whole;
  state.seen = bytes;
  const readAt = performance.now();
  if (isRefusal(read)) return refuse(desk, read);
  const older = refusedAfter(state.accepted, { stamp: read.stamp, bytes });
  if (older !== undefined) return refuse(desk, older);
  if (state.accepted === undefined && listsNoNode(read)) return wait(desk);
  const plan = engines.planner.plan(read.document);
  if (isRefusal(plan)) return refuse(desk, plan);
  const plannedAt = performance.now();
  state.accepted = { stamp: read.stamp, bytes };
  state.wanted = { plan, stamp: read.stamp };
  state.refusal = undefined;
  state.waiting = undefined;
  await carryOut(desk, plan, read.stamp);
  state.took = { read: readAt - begun, plan: plannedAt - readAt, program: performance.now() - plannedAt };
  await publish(desk);
};

type Whole = { readonly bytes: Buffer; readonly read: ReadDocument | Refusal };

/** A node controller that writes in place may be half way: a document cut short is looked at again before it is refused. */
const readWhole = async (file: string, read: (bytes: Buffer) => ReadDocument | Refusal): Promise<Whole | undefined> => {
  for (let attempt = 0; ; attempt += 1) {
    const bytes = bytesIfThere(file);
    if (bytes === undefined) return undefined;
    const result = read(bytes);
    if (!isRefusal(result) || result.refused !== 'document-truncated' || attempt === 2) return { bytes, read: result };
    await pause(50);
  }
};

/** Milliseconds a file must have lain before its times can be believed: clocks of file systems tick slowly. */
const settledMs = 100;

/** What is certain to be another when the file is; undefined when nothing is certain. */
const fileMark = (file: string): string | undefined => {
  const found = statSync(file, { bigint: true, throwIfNoEntry: false });
  if (found === undefined || Date.now() - Number(found.mtimeMs) < settledMs) return undefined;
  return [found.dev, found.ino, found.size, found.mtimeNs, found.ctimeNs].join(' ');
};

/** At once: a document of megabytes read in a thread's portions takes longer than reading it here. */
const bytesIfThere = (file: string): Buffer | undefined => {
  try {
    return readFileSync(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
};

const carryOut = async (desk: Desk, plan: Plan, stamp: ReadStamp): Promise<void> => {
  const { settings, engines, state } = desk;
  if (settings.mode === 'plan') {
    state.plan = plan;
    return writeText(join(settings.statusFolder, planFile), rulesetText(rulesetOf(plan), { serial: 1, ...stamp }));
  }
  await engines.clearance.free(newAddresses(state.plan, plan));
  const result = await engines.programmer.program(plan, stamp);
  if (result.isSurprise === true) {
    rememberDrift(state, { at: settings.now(), found: result.differences, repaired: true });
  }
  await follow(desk, result, result.refusal === undefined ? stamp : undefined);
};

/** Private addresses that come to an instance here. */
const newAddresses = (before: Plan | undefined, after: Plan): string[] =>
  [...after.instances]
    .filter(([id, piece]) => before?.instances.get(id) !== piece)
    .map(([, { instance }]) => instance.privateIp);

/** What comes after the rules: leases, translations and flows to forget, neighbours to tell, files for the others. */
const follow = async (desk: Desk, result: Programmed, stamp: ReadStamp | undefined): Promise<void> => {
  const { settings, engines, state } = desk;
  const { plan, refusal } = result;
  const isSameGate = state.plan !== undefined && sameLeases(state.plan, plan);
  state.plan = plan;
  for (const { instance } of plan.instances.values()) if (deviceExists(instance.port)) state.ports.add(instance.port);
  if (refusal !== undefined) state.refusal = { refused: refusal.reason, detail: refusal.detail };
  const [leases, cuts] = await Promise.all([
    engines.dhcp?.serve({ terms: dhcpTerms(plan), leases: leasesByMac(plan) }) ?? [],
    engines.clearance.cut(result.cuts),
    isSameGate ? undefined : writeText(join(settings.statusFolder, bootGateFile), bootGateText(plan)),
    stamp === undefined ? undefined : writeText(join(dirname(settings.file), versionFile), stamp.version),
  ]);
  if (settings.cutRevoked === true) await cutRevoked(engines.tools, plan, result.narrowed);
  if (stamp !== undefined) state.applied = stamp;
  state.problems = [...result.problems, ...leases, ...cuts];
  void engines.announcer.announce(result.announcements).then((more) => {
    state.problems = [...state.problems, ...more];
  });
};

const sameLeases = (a: Plan, b: Plan): boolean =>
  a.network === b.network &&
  a.instances.size === b.instances.size &&
  [...a.instances].every(([id, piece]) => b.instances.get(id) === piece);

/** Compares the kernel with the plan, or tries again what it refused. */
export const inspect = async (desk: Desk): Promise<void> => {
  const { settings, engines, state } = desk;
  const { wanted } = state;
  if (settings.mode !== 'kernel' || wanted === undefined) return;
  const isBehind = state.refusal?.refused === 'kernel-refused';
  const { programmer } = engines;
  const result = isBehind ? await programmer.program(wanted.plan, wanted.stamp) : await programmer.inspect();
  if (result === undefined) return;
  const repaired = result.refusal === undefined;
  if (result.differences.length > 0) {
    rememberDrift(state, { at: settings.now(), found: result.differences, repaired });
  }
  if (isBehind && repaired) state.refusal = undefined;
  if (result.differences.length === 0 && !isBehind) return;
  await follow(desk, { ...result, announcements: [] }, repaired ? wanted.stamp : undefined);
  await publish(desk);
};

/** Ports that came, or that are not as they were left. */
export const settlePorts = async (desk: Desk, ports: ReadonlySet<string>): Promise<void> => {
  const { settings, engines, state } = desk;
  const items = [...(state.plan?.instances.values() ?? [])]
    .filter(({ instance }) => ports.has(instance.port))
    .flatMap(({ host }) => host.filter(portOf));
  const added = items.length === 0 ? [] : await engines.host.wrongAtPorts(items);
  if (added.length === 0) return;
  state.problems = await engines.host.apply({ removed: [], added });
  const found = added
    .filter((item) => state.ports.has(portOf(item) ?? ''))
    .map((item) => `${hostKey(item)}: changed by somebody else`);
  for (const item of added) state.ports.add(portOf(item) ?? '');
  if (found.length === 0) return;
  rememberDrift(state, { at: settings.now(), found, repaired: true });
  await publish(desk);
};

const portOf = (item: HostItem): string | undefined => ('port' in item ? item.port : undefined);
