/**
 * The second judge: the plans that nodes are really given. The network is rendered to a document, every node plans from it,
 * and a first packet is explained on the sender's plan and then on the receiver's; both must say what the evaluator says.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveConfiguration } from '../../../src/domain/configuration/resolve.ts';
import { isRefusal } from '../../../src/domain/refusals.ts';
import { buildDocument, type DocumentInputs } from '../../../src/projections/document/build.ts';
import type { RuleEntry } from '../../../src/projections/document/model.ts';
import { implementable, narrowed } from '../../../src/projections/document/ruleForms.ts';
import type { RuleView } from '../../../src/projections/network/views.ts';
import { isPrivate } from '../../../src/projections/plan/admission.ts';
import { explain, type Frame } from '../../../src/projections/plan/explain.ts';
import {
  defaultNodeOptions,
  type LocalInstance,
  type NodeOptions,
  type Plan,
} from '../../../src/projections/plan/model.ts';
import { planNode } from '../../../src/projections/plan/planner.ts';
import type { Endpoint, Question, Traffic } from '../../../src/projections/reachability/question.ts';
import { surroundingsOf } from '../../../src/projections/reachability/surroundings.ts';
import { whyIn } from '../../../src/projections/reachability.ts';
import { diceOf, type RandomNetwork, randomNetwork, randomQuestion } from './randomNetwork.ts';

const entryOf = ({ rule: { source, ...rule } }: RuleView): RuleEntry => ({
  ...rule,
  source: source.kind === 'cidr' ? source : { kind: 'group', groupId: source.groupId, ownerId: source.account },
});

/** Rules as the structured form writes them: what no daemon can take is left out. */
const inputsOf = ({ network, instances, groups }: RandomNetwork): DocumentInputs => ({
  resolved: resolveConfiguration(network.configuration?.members, Object.keys(network.clusters), {
    instanceSubdomain: '.eucalyptus',
    nameservers: '127.0.0.1',
    macPrefix: 'd0:0d',
  }),
  cloudAddress: '192.0.2.250',
  clusters: Object.values(network.clusters)
    .filter(({ state }) => state === 'enabled')
    .map(({ name, address, nodes }) => ({ name, address, nodes: nodes.map((node) => node.name) })),
  instances: instances.map(({ account: ownerId, ...view }) => ({ ...view, ownerId })),
  groups: groups.map(({ id, account: ownerId, rules }) => ({
    id,
    ownerId,
    rules: rules
      .map(entryOf)
      .filter(implementable)
      .flatMap((entry) => narrowed(entry) ?? []),
  })),
  dirtyAddresses: new Set(
    instances.flatMap(({ publicAddress, publicHidden }) => (publicHidden && publicAddress ? [publicAddress] : [])),
  ),
});

/** One wire is one interface for both sides. */
const nodeOptionsOf = ({ options }: RandomNetwork): NodeOptions => ({
  ...defaultNodeOptions,
  sameGroupTraffic: options.sameGroupTraffic,
  masquerade: options.masquerade,
  ...(options.wires === 'one' ? { publicInterface: 'up0' } : {}),
});

const plansOf = (random: RandomNetwork): readonly Plan[] => {
  const document = buildDocument(inputsOf(random), 'superset');
  const names = document.configuration.clusters.flatMap(({ nodes }) => nodes.map(({ name }) => name));
  return names.map((name) => {
    const plan = planNode(document, [name], nodeOptionsOf(random));
    if (isRefusal(plan)) assert.fail(`${name}: ${plan.detail}`);
    return plan;
  });
};

type Place = { readonly plan: Plan; readonly local: LocalInstance };

const placeOf = (plans: readonly Plan[], holds: (local: LocalInstance) => boolean): Place | undefined => {
  for (const plan of plans) {
    for (const { instance: local } of plan.instances.values()) if (holds(local)) return { plan, local };
  }
  return undefined;
};

const frameOf = ({
  protocol,
  port,
  type,
  code,
}: Traffic): Pick<Frame, 'ether' | 'state' | 'protocol'> & Partial<Frame> => ({
  ether: 'ip',
  state: 'new',
  protocol,
  ...(port === undefined ? {} : { port }),
  ...(type === undefined ? {} : { icmpType: type }),
  ...(code === undefined ? {} : { icmpCode: code }),
});

const accepts = (plan: Plan, frame: Frame): boolean => explain(plan, frame).verdict === 'accepted';
const atNode = (end: Endpoint) => (local: LocalInstance) =>
  end.kind === 'instance' ? local.id === end.id : local.privateIp === end.address || local.publicIp === end.address;

/** Undefined when the plans alone cannot say: an end is on no node. */
const judged = (plans: readonly Plan[], { source, destination, traffic }: Question, random: RandomNetwork) => {
  const [sender, target] = [placeOf(plans, atNode(source)), placeOf(plans, atNode(destination))];
  if (target === undefined) return undefined;
  const to = destination.kind === 'address' ? destination.address : undefined;
  if (sender !== undefined) return fromInstance(sender, target, to ?? target.local.privateIp, { traffic, random });
  if (source.kind === 'instance' || random.instances.some((view) => holdsAddress(view, source.address)))
    return undefined;
  const wire = random.options.sourceWire ?? (isPrivate(target.plan, source.address) ? 'private' : 'public');
  const named = wire === 'public' ? (target.local.publicIp ?? target.local.privateIp) : target.local.privateIp;
  return arrive(target.plan, { from: source.address, to: to ?? named, wire, traffic });
};

const holdsAddress = (view: RandomNetwork['instances'][number], address: string): boolean =>
  view.privateAddress === address || view.publicAddress === address;

type Arriving = {
  readonly from: string;
  readonly to: string;
  readonly wire: 'public' | 'private';
  readonly traffic: Traffic;
};

const arrive = (plan: Plan, { from, to, wire, traffic }: Arriving): boolean => {
  const { publicInterface, privateInterface } = plan.options;
  const uplink = wire === 'public' ? publicInterface : privateInterface;
  return accepts(plan, { ...frameOf(traffic), in: uplink, source: from, destination: to });
};

const fromInstance = (
  sender: Place,
  target: Place,
  to: string,
  { traffic, random }: { readonly traffic: Traffic; readonly random: RandomNetwork },
): boolean => {
  const { port, mac, privateIp, publicIp } = sender.local;
  if (to === privateIp) return true;
  const leaving = { ...frameOf(traffic), in: port, sourceMac: mac, source: privateIp, destination: to };
  const leaves = accepts(sender.plan, leaving);
  if (sender.plan === target.plan || !leaves) return leaves;
  if (isPrivate(sender.plan, to)) return arrive(target.plan, { from: privateIp, to, wire: 'private', traffic });
  const from = publicIp ?? (random.options.masquerade ? '100.64.0.1' : privateIp);
  return arrive(target.plan, { from, to, wire: 'public', traffic });
};

const isDefinite = ({ protocol, port, type, code }: Traffic): boolean =>
  protocol === 1 ? type !== undefined && code !== undefined : protocol === 47 || protocol === 61 || port !== undefined;

/** Random rule sets, and questions about each. */
const networks = 2_000;

test("agrees with the nodes' own plans", () => {
  const verdicts = { allowed: 0, denied: 0 };
  for (let seed = 0; seed < networks; seed += 1) {
    const random = randomNetwork(seed);
    const plans = plansOf(random);
    const around = surroundingsOf(random.network, random.options);
    const dice = diceOf(seed + 9_000_000);
    for (let count = 0; count < 80; count += 1) {
      const question = randomQuestion(dice, random);
      const expected = isDefinite(question.traffic) ? judged(plans, question, random) : undefined;
      if (expected === undefined) continue;
      const { verdict, hops } = whyIn(around, question);
      const told = `seed ${seed} ${JSON.stringify(question)} ${JSON.stringify(random.options)} ${JSON.stringify(hops)}`;
      assert.equal(verdict, expected ? 'allowed' : 'denied', told);
      verdicts[verdict] += 1;
    }
  }
  assert.ok(verdicts.allowed > 200 && verdicts.denied > 200, JSON.stringify(verdicts));
});
