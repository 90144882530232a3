/**
 * What `edgelog node …` does, as functions of parsed options: plan, difference, one application, flush, status, explanation.
 * Each answers with words for people, data for programs and an exit code: 0 done or the same, 1 different or not well,
 * 4 refused.
 */
import { rm } from 'node:fs/promises';
import { hostname, networkInterfaces } from 'node:os';
import { dirname, join } from 'node:path';
import { isRefusal, type Refusal, refuse } from '../../domain/refusals.ts';
import { hostItems } from '../../projections/plan/afterwards.ts';
import { type ExplainedSubject, explain } from '../../projections/plan/explain.ts';
import { hostKey } from '../../projections/plan/host.ts';
import { defaultNodeOptions, type NodeOptions, type Plan, tableNames } from '../../projections/plan/model.ts';
import { planNode } from '../../projections/plan/planner.ts';
import { rulesetOf, rulesetText } from '../../projections/plan/ruleset.ts';
import { skeletonText } from '../../projections/plan/skeleton.ts';
import { readIfThere, replaceFile } from '../shared/atomicFile.ts';
import type { AgentStatus } from './agent/agentModel.ts';
import { statusFile, versionFile } from './agent/agentWork.ts';
import { createAnnouncer } from './agent/announce.ts';
import { cutFlows } from './agent/conntrack.ts';
import { addItem, joinBatches } from './agent/hostBatch.ts';
import { createHostState } from './agent/hostState.ts';
import { differences, repairLines } from './agent/liveRuleset.ts';
import { checkElsewhere, createNft } from './agent/nft.ts';
import { createProgrammer } from './agent/programmer.ts';
import { defaultTools, runTool, type Tools } from './agent/tool.ts';
import { type ReadDocument, type ReadStamp, readDocument } from './documentReader.ts';
import { frameFromWords } from './frameWords.ts';

export type NodeCommandOptions = {
  /** The network document. */
  readonly file: string;
  /** Names this node may be listed by; all its own addresses and its host name when empty. */
  readonly nodeNames: readonly string[];
  /** Where the agent keeps its status. */
  readonly statusFolder: string;
  readonly options?: Partial<NodeOptions>;
  readonly tools?: Partial<Tools>;
};

export type NodeCommandAnswer = { readonly exitCode: 0 | 1 | 4; readonly text: string; readonly data: unknown };

/** This machine's IPv4 addresses and its host name: what a cluster may list a node by. */
export const localNames = (): string[] => [
  ...Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ address }) => address)),
  hostname(),
];

const toolsOf = (given: NodeCommandOptions): Tools => ({ ...defaultTools, ...given.tools });
const optionsOf = (given: NodeCommandOptions): NodeOptions => ({ ...defaultNodeOptions, ...given.options });

const refusedAnswer = (refusal: Refusal): NodeCommandAnswer => ({
  exitCode: 4,
  text: `${refusal.refused}: ${refusal.detail}\n`,
  data: refusal,
});

type Planned = { readonly plan: Plan; readonly read: ReadDocument };

const planned = async (given: NodeCommandOptions): Promise<Planned | Refusal> => {
  const bytes = await readIfThere(given.file);
  if (bytes === undefined) return refuse('document-missing', `there is no document at ${given.file}`);
  const read = readDocument(bytes);
  if (isRefusal(read)) return read;
  const names = given.nodeNames.length === 0 ? localNames() : given.nodeNames;
  const plan = planNode(read.document, names, optionsOf(given));
  return isRefusal(plan) ? plan : { plan, read };
};

/** The whole ruleset and the host state, as they would be programmed. `check` lets a kernel look at it, without privilege. */
export const nodePlan = async (
  given: NodeCommandOptions & { readonly check?: boolean },
): Promise<NodeCommandAnswer> => {
  const result = await planned(given);
  if (isRefusal(result)) return refusedAnswer(result);
  const { plan, read } = result;
  const ruleset = rulesetText(rulesetOf(plan), { serial: 1, ...read.stamp });
  const host = joinBatches(hostItems(plan).map((item) => addItem(item, () => true)));
  const checked = given.check === true ? await checkElsewhere(ruleset, toolsOf(given)) : undefined;
  if (checked?.done === false) return refusedAnswer(refuse('kernel-refused', checked.reason));
  const comment = (lines: readonly string[]): string => lines.map((line) => `# ${line}\n`).join('');
  return {
    exitCode: 0,
    text: [
      comment([`node ${plan.node}, ${plan.instances.size} instances, ${plan.groups.size} groups`]),
      comment(plan.notes.map(({ kind, subject, detail }) => `${kind} ${subject}: ${detail}`)),
      ruleset,
      comment(host.ip.map((line) => `ip ${line}`)),
      comment(host.bridge.map((line) => `bridge ${line}`)),
      comment(host.sysctl.map(({ key, value }) => `${key} = ${value}`)),
      checked === undefined ? '' : '# a kernel takes it\n',
    ].join(''),
    data: { node: plan.node, stamp: read.stamp, notes: plan.notes, ruleset, host, checked: checked?.done ?? null },
  };
};

/** How this machine differs from the plan, and the transaction that would put it right. */
export const nodeDiff = async (given: NodeCommandOptions): Promise<NodeCommandAnswer> => {
  const result = await planned(given);
  if (isRefusal(result)) return refusedAnswer(result);
  const nft = createNft(toolsOf(given));
  const wanted = rulesetOf(result.plan);
  const text = rulesetText(wanted);
  const [live, reference] = await Promise.all([nft.live(), nft.reference(text)]);
  if (reference === undefined)
    return refusedAnswer(refuse('kernel-refused', 'the plan cannot be loaded for comparison'));
  const found = live === undefined ? [] : differences(live, reference);
  const host = await createHostState(toolsOf(given), result.plan.options).compare(hostItems(result.plan));
  const lines = live === undefined ? text.split('\n') : (repairLines(found, wanted, live) ?? text.split('\n'));
  const words = [
    ...(live === undefined ? ['nothing is programmed'] : found.map(({ where, detail }) => `${where}: ${detail}`)),
    ...host.added.map((item) => `${hostKey(item)}: missing or wrong`),
    ...host.removed.map((item) => `${hostKey(item)}: nobody asked for it`),
  ];
  const isSame = words.length === 0;
  return {
    exitCode: isSame ? 0 : 1,
    text: isSame ? 'the kernel is as planned\n' : `${words.map((word) => `# ${word}\n`).join('')}${lines.join('\n')}\n`,
    data: { same: isSame, differences: words, transaction: isSame ? [] : lines },
  };
};

/** Programs the kernel once, as the agent would after a start. */
export const nodeApply = async (given: NodeCommandOptions): Promise<NodeCommandAnswer> => {
  const result = await planned(given);
  if (isRefusal(result)) return refusedAnswer(result);
  const tools = toolsOf(given);
  const programmer = createProgrammer(createNft(tools), createHostState(tools, optionsOf(given)));
  const done = await programmer.program(result.plan, result.read.stamp);
  const { refusal, differences: changed } = done;
  if (refusal !== undefined) return { exitCode: 4, text: `${refusal.reason}: ${refusal.detail}\n`, data: done.refusal };
  const problems = [
    ...done.problems,
    ...(await cutFlows(tools, done.cuts)),
    ...(await createAnnouncer({ tools, run: runTool }).announce(done.announcements)),
  ];
  await replaceFile(join(dirname(given.file), versionFile), [Buffer.from(result.read.stamp.version)], 0o644);
  const lines = [...changed.map((line) => `changed: ${line}`), ...problems.map((line) => `problem: ${line}`)];
  return {
    exitCode: problems.length === 0 ? 0 : 1,
    text: `${[...lines, `applied version ${result.read.stamp.version}`].join('\n')}\n`,
    data: { applied: result.read.stamp, changed, problems },
  };
};

/** Takes the agent's state away. What stays is the closed door of the boot skeleton, unless everything is to go. */
export const nodeFlush = async (
  given: NodeCommandOptions & { readonly everything?: boolean },
): Promise<NodeCommandAnswer> => {
  const tools = toolsOf(given);
  const options = optionsOf(given);
  const bare = tableNames.flatMap((table) => [`add table ${table}`, `delete table ${table}`]).join('\n');
  const answer = await createNft(tools).apply(given.everything === true ? `${bare}\n` : skeletonText(options));
  if (!answer.done) return refusedAnswer(refuse('kernel-refused', answer.reason));
  const host = createHostState(tools, options);
  const change = await host.compare([]);
  const problems = await host.apply(change);
  await rm(join(dirname(given.file), versionFile), { force: true });
  const left = given.everything === true ? 'nothing is left' : 'instance ports are closed';
  return {
    exitCode: problems.length === 0 ? 0 : 1,
    text: `${left}; ${change.removed.length} routes, neighbours and proxies taken away\n`,
    data: { everything: given.everything === true, removed: change.removed.map(hostKey), problems },
  };
};

/** What the agent says of itself. */
export const nodeStatus = async (given: NodeCommandOptions): Promise<NodeCommandAnswer> => {
  const bytes = await readIfThere(join(given.statusFolder, statusFile));
  if (bytes === undefined) {
    return refusedAnswer(refuse('agent-silent', `no agent has written ${join(given.statusFolder, statusFile)}`));
  }
  const status = JSON.parse(bytes.toString()) as AgentStatus;
  const mark = (stamp: AgentStatus['applied']): string => (stamp === null ? 'nothing' : JSON.stringify(stamp));
  const lines = [
    `node ${status.node ?? '(unknown)'}, mode ${status.mode}, ${status.instances} instances`,
    `accepted ${mark(status.accepted)}, applied ${mark(status.applied)}`,
    ...(status.waiting === undefined ? [] : [`waits ${status.waiting}`]),
    ...(status.refusal === undefined ? [] : [`refused ${status.refusal.reason}: ${status.refusal.detail}`]),
    ...status.notes.map(({ kind, subject, detail }) => `${kind} ${subject}: ${detail}`),
    ...status.problems.map((problem) => `problem: ${problem}`),
    ...(status.drift ?? []).flatMap(({ at, found }) =>
      found.map((word) => `drift ${new Date(at).toISOString()} ${word}`),
    ),
  ];
  const isWell = status.refusal === undefined && status.problems.length === 0;
  return { exitCode: isWell ? 0 : 1, text: `${lines.join('\n')}\n`, data: status };
};

/** Finds the event that set something which this document shows. */
export type SubjectLookup<E> = (subject: ExplainedSubject, stamp: ReadStamp) => E | Promise<E>;

/** Which rule decides a packet here and, where events can be looked up, which event set that rule. */
export const nodeExplain = async <E>(
  given: NodeCommandOptions & { readonly words: readonly string[]; readonly lookup?: SubjectLookup<E> },
): Promise<NodeCommandAnswer> => {
  const result = await planned(given);
  if (isRefusal(result)) return refusedAnswer(result);
  const frame = frameFromWords(given.words, result.plan, result.read.document);
  if (isRefusal(frame)) return refusedAnswer(frame);
  const decision = explain(result.plan, frame);
  const { subject } = decision;
  const setBy = subject === undefined ? undefined : await given.lookup?.(subject, result.read.stamp);
  const explanation = setBy === undefined ? decision : { ...decision, setBy };
  const lines = [
    ...explanation.steps.map((step) => `  ${step}`),
    `${explanation.verdict}: ${explanation.rule}${explanation.guard === undefined ? '' : ` (guard ${explanation.guard})`}`,
    ...(setBy === undefined ? [] : [`set by ${JSON.stringify(setBy)}`]),
  ];
  return { exitCode: explanation.verdict === 'accepted' ? 0 : 1, text: `${lines.join('\n')}\n`, data: explanation };
};
