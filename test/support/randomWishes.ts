/**
 * Random wishes that are mostly sensible: they name things that exist, sometimes ones that do not, and repeat themselves now and
 * then. Deterministic for a seed.
 */
import { randomSequence } from '../../src/domain/addressPool/randomSequence.ts';
import type { Command } from '../../src/domain/commands.ts';
import { ACCOUNT, configurationText } from './house.ts';

export type Known = { readonly instances: string[]; readonly groups: string[]; readonly addresses: string[] };

const hex = (n: number): string => n.toString(16).padStart(8, '0');

/** Names of things: mostly of some that exist, sometimes of one that does not. */
const createNames = (seed: number) => {
  const random = randomSequence(seed);
  const below = (n: number): number => random.below(n);
  const known: Known = { instances: [], groups: [], addresses: [] };
  let made = seed * 1_000_000;
  const one = (list: readonly string[], fallback: string): string => list[below(list.length || 1)] ?? fallback;
  return {
    known,
    below,
    one,
    made: () => made,
    instance: (): string => one(known.instances, 'i-0000ffff'),
    address: (): string => one(known.addresses, '198.51.100.200'),
    cluster: (): string => (below(2) === 0 ? 'one' : 'two'),
    fresh: (prefix: string): string => {
      made += 1;
      return `${prefix}-${hex(made)}`;
    },
  };
};

type Names = ReturnType<typeof createNames>;

const run = ({ known, below, one, cluster, fresh }: Names): Command => {
  const instanceIds = Array.from({ length: 1 + below(2) }, () => fresh('i'));
  known.instances.push(...instanceIds);
  if (known.instances.length > 60) known.instances.splice(0, known.instances.length - 60);
  const groups = known.groups.length > 0 && below(3) > 0 ? [one(known.groups, 'default')] : [];
  const placed = below(2) === 0 ? {} : { node: `${cluster()}-a` };
  return {
    type: 'RunInstances',
    account: ACCOUNT,
    cluster: cluster(),
    instanceIds,
    groups,
    addressing: below(3) === 0 ? 'public' : 'private',
    ...placed,
  };
};

const createGroup = ({ known, fresh, made }: Names): Command => {
  const groupId = fresh('sg');
  known.groups.push(groupId);
  if (known.groups.length > 12) known.groups.shift();
  return { type: 'CreateSecurityGroup', account: ACCOUNT, groupId, name: `g${made()}`, description: 'd' };
};

const rules = ({ known, below, one }: Names, type: 'AuthorizeIngress' | 'RevokeIngress'): Command => {
  const port = 20 + below(4);
  const source =
    below(2) === 0 ? { cidrs: ['192.0.2.0/24'] } : { groups: [{ groupId: one(known.groups, 'sg-0000ffff') }] };
  return {
    type,
    account: ACCOUNT,
    groupId: one(known.groups, 'sg-0000ffff'),
    permissions: [{ protocol: 'tcp', fromPort: port, toPort: port, ...source }],
  };
};

/** Some of what is known, some unknown, in any state: mostly sensible, sometimes late. */
const report = ({ known, below, one, instance, address, cluster, fresh }: Names): Command => ({
  type: 'ReportInstances',
  cluster: cluster(),
  instances: Array.from({ length: below(4) }, () => ({
    instanceId: below(8) === 0 ? fresh('i') : instance(),
    state: (['Pending', 'Extant', 'Extant', 'Teardown'] as const)[below(4)] ?? 'Extant',
    account: ACCOUNT,
    node: `${cluster()}-a`,
    privateAddress: `10.${below(2)}.0.${10 + below(60)}`,
    publicAddress: below(2) === 0 ? address() : '0.0.0.0',
    groups: below(2) === 0 ? [] : [one(known.groups, 'nowhere')],
  })),
});

const property = ({ below }: Names): Command => ({
  type: 'ChangeProperties',
  values: {
    'edgelog.addresses.allocator': ['fifo', 'first-free', 'random'][below(3)] ?? null,
    'cloud.addresses.dodynamicpublicaddresses': below(4) === 0 ? 'false' : null,
    'cloud.addresses.systemreservedpublicaddresses': String(below(4)),
    'edgelog.addresses.max_per_account': below(3) === 0 ? '8' : null,
  },
});

const host = '127.0.1.2';
const registration: Command = {
  ...{ type: 'RegisterCluster', cluster: 'two', component: 'two-cc', host, address: host },
  endpoint: `http://${host}:8774/axis2/services/EucalyptusCC`,
};

type Weighted = readonly (readonly [weight: number, make: () => Command])[];

const wishesWithin = (names: Names): Weighted => {
  const { known, one, instance, address, cluster } = names;
  return [
    [20, () => run(names)],
    [10, () => ({ type: 'PlaceInstance', instanceId: instance(), node: `${cluster()}-b` })],
    [8, () => ({ type: 'MarkRunning', instanceId: instance() })],
    [6, () => ({ type: 'StopInstance', instanceId: instance() })],
    [6, () => ({ type: 'MarkStopped', instanceId: instance() })],
    [6, () => ({ type: 'StartInstance', instanceId: instance() })],
    [10, () => ({ type: 'TerminateInstance', instanceId: instance() })],
    [12, () => ({ type: 'MarkTerminated', instanceId: instance() })],
    [2, () => ({ type: 'AbortRun', instanceId: instance() })],
    [6, () => ({ type: 'AllocateAddress', account: ACCOUNT })],
    [6, () => ({ type: 'AssociateAddress', account: ACCOUNT, address: address(), instanceId: instance() })],
    [4, () => ({ type: 'DisassociateAddress', account: ACCOUNT, address: address() })],
    [4, () => ({ type: 'ReleaseAddress', account: ACCOUNT, address: address() })],
    [4, () => createGroup(names)],
    [2, () => ({ type: 'DeleteSecurityGroup', account: ACCOUNT, groupId: one(known.groups, 'sg-0000ffff') })],
    [4, () => rules(names, 'AuthorizeIngress')],
    [3, () => rules(names, 'RevokeIngress')],
  ];
};

const posting = ({ below }: Names, turbulent: boolean): Command => {
  const upper = turbulent ? 30 + below(220) : 100 + below(150);
  return { type: 'PostConfiguration', text: configurationText(upper, 5 + below(20)) };
};

/** About the frame in which everything else happens. */
const wishesAboutFrame = (names: Names): Weighted => {
  const { below, instance, cluster } = names;
  return [
    [6, () => report(names)],
    [1, () => property(names)],
    [8, () => ({ type: 'ExpireInstance', instanceId: instance() })],
    [1, () => (below(4) === 0 ? { type: 'DeregisterCluster', cluster: 'two' } : registration)],
    [1, () => ({ type: 'ReportNodes', cluster: cluster(), nodes: below(2) === 0 ? [{ name: 'one-a' }] : [] })],
  ];
};

/**
 * `turbulent`: clusters leave and come back, pools grow and shrink a lot, properties change and clusters report, mostly sensibly.
 * Without it the cloud's frame stays what it is, for tests that ask what becomes of things within it.
 */
export const createWishes = (seed: number, { turbulent = false }: { readonly turbulent?: boolean } = {}) => {
  const names = createNames(seed);
  const { known, below } = names;
  const wishes: Weighted = [
    ...wishesWithin(names),
    [1, () => posting(names, turbulent)],
    ...(turbulent ? wishesAboutFrame(names) : []),
  ];
  const total = wishes.reduce((sum, [weight]) => sum + weight, 0);
  return {
    known,
    below,
    next: (): Command => {
      let point = below(total);
      for (const [weight, make] of wishes) {
        if (point < weight) return make();
        point -= weight;
      }
      return run(names);
    },
    learn: (result: { readonly [member: string]: unknown }): void => {
      if (typeof result['address'] === 'string' && !known.addresses.includes(result['address'])) {
        known.addresses.push(result['address']);
      }
    },
  };
};
