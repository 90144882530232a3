/**
 * Changes in network words: "address 10.1.0.7 moved from i-a to i-b". A statement says which events it can have come from, so
 * that whoever has the log at hand can add by whom and when; it does not look there itself.
 */
import type { DomainEvent } from '../../domain/events.ts';
import { describeRule, type Rule, ruleKey } from '../../domain/rule.ts';
import { subjectsOf } from '../../domain/subjects.ts';
import type { ClusterView, GroupView, InstanceView, PrivateAddressView, PublicAddressView } from '../network/views.ts';
import type { Change } from './changes.ts';
import { memberStatements } from './memberStatements.ts';
import type { Plain } from './plain.ts';

/** The newest event about `subject` between the two moments that is `from` is the one that made the difference. */
export type Statement = {
  readonly kind: 'came' | 'went' | 'changed';
  readonly subject: string;
  readonly text: string;
  readonly from: (event: DomainEvent) => boolean;
};

const ofTypes =
  (...types: readonly DomainEvent['type'][]) =>
  (event: DomainEvent): boolean =>
    types.includes(event.type);

const kindOf = ({ before, after }: Change): Statement['kind'] =>
  before === undefined || before === null ? 'came' : after === undefined || after === null ? 'went' : 'changed';

const plainOf = <V>(value: Plain | undefined): V | undefined => (value ?? undefined) as unknown as V | undefined;

type Made = { readonly kind?: Statement['kind']; readonly text: string; readonly from: Statement['from'] };

const statement = (change: Change, subject: string, { kind, text, from }: Made): Statement => ({
  kind: kind ?? kindOf(change),
  subject,
  text,
  from,
});

const ofProperty = (change: Change): readonly Statement[] => {
  const textOf = (value: Plain | undefined): string =>
    JSON.stringify(plainOf<{ value: string }>(value)?.value) ?? 'its default';
  const [was, is] = [textOf(change.before), textOf(change.after)];
  const text = `property ${change.key} changed from ${was} to ${is}`;
  return was === is ? [] : [statement(change, change.key, { text, from: ofTypes('PropertyChanged', 'PropertyReset') })];
};

type PlainGroup = Omit<GroupView, 'members'> & { readonly members: { readonly [instance: string]: number } };

const rulesOf = (group: PlainGroup | undefined): ReadonlyMap<string, Rule> =>
  new Map((group?.rules ?? []).map(({ rule }) => [ruleKey(rule), rule]));

const aboutRule =
  (key: string) =>
  (event: DomainEvent): boolean =>
    (event.type === 'SecurityGroupRulesAuthorized' || event.type === 'SecurityGroupRulesRevoked') &&
    event.rules.some((rule) => ruleKey(rule) === key);

const ruleStatements = (
  change: Change,
  was: PlainGroup | undefined,
  is: PlainGroup | undefined,
): readonly Statement[] => {
  const [before, after] = [rulesOf(was), rulesOf(is)];
  const name = `${change.key} (${is?.name ?? was?.name})`;
  const told = (kind: 'came' | 'went', key: string, rule: Rule): Statement => {
    const text = `security group ${name}: ${describeRule(rule)} ${kind === 'came' ? 'added' : 'removed'}`;
    return statement(change, change.key, { kind, text, from: aboutRule(key) });
  };
  return [
    ...[...before].filter(([key]) => !after.has(key)).map(([key, rule]) => told('went', key, rule)),
    ...[...after].filter(([key]) => !before.has(key)).map(([key, rule]) => told('came', key, rule)),
  ];
};

const ofGroup = (change: Change): readonly Statement[] => {
  const was = plainOf<PlainGroup>(change.before);
  const is = plainOf<PlainGroup>(change.after);
  const from = ofTypes('SecurityGroupCreated', 'SecurityGroupDeleted');
  const isOther = was?.createdAt !== is?.createdAt;
  const text = `security group ${change.key} (${is?.name ?? was?.name}) ${is === undefined ? 'deleted' : 'created'}`;
  const itself = isOther ? [statement(change, change.key, { text, from })] : [];
  return is === undefined ? itself : [...itself, ...ruleStatements(change, isOther ? undefined : was, is)];
};

const lifeOf = (event: DomainEvent): boolean => event.type.startsWith('Instance') && event.type !== 'InstancePlaced';

const ofInstance = (change: Change): readonly Statement[] => {
  const before = plainOf<InstanceView>(change.before);
  const is = plainOf<InstanceView>(change.after);
  if (is === undefined) {
    return [statement(change, change.key, { text: `instance ${change.key} gone`, from: ofTypes('InstanceForgotten') })];
  }
  // Made anew under an old id: nothing of the one before is left.
  const was = before?.createdAt === is.createdAt ? before : undefined;
  if (was === undefined) {
    const where = `${is.cluster} with ${is.privateAddress} in ${is.groups.join(', ') || 'no group'}`;
    const text = `instance ${change.key} created in ${where}`;
    return [
      statement(change, change.key, { kind: 'came', text, from: ofTypes('InstanceCreated') }),
      ...sinceCreation(change, is),
    ];
  }
  return memberStatements(
    [
      { what: 'is', was: was.state, is: is.state, from: lifeOf },
      {
        what: 'is on node',
        was: was.node,
        is: is.node,
        from: is.node === undefined ? lifeOf : ofTypes('InstancePlaced'),
      },
      {
        what: 'has private address',
        was: was.privateAddress,
        is: is.privateAddress,
        from: ofTypes('InstanceStarted', 'InstanceAddressLearned'),
      },
      { what: 'has MAC address', was: was.macAddress, is: is.macAddress, from: ofTypes('InstanceAddressLearned') },
    ],
    (text, from) => statement(change, change.key, { text: `instance ${change.key} ${text}`, from }),
  );
};

const sinceCreation = (change: Change, is: InstanceView): readonly Statement[] =>
  is.node === undefined
    ? []
    : [
        statement(change, change.key, {
          kind: 'changed',
          text: `instance ${change.key} is on node ${is.node}`,
          from: ofTypes('InstancePlaced'),
        }),
      ];

const anyAddress = (event: DomainEvent): boolean => event.type.includes('Address');

/** Who holds an address and how, in a few words; undefined when nobody does. */
const privateUse = (view: PrivateAddressView | undefined): string | undefined =>
  view === undefined ? undefined : view.state === 'quarantined' ? 'quarantine' : view.instanceId;

const publicUse = (view: PublicAddressView | undefined): string | undefined => {
  if (view === undefined || view.state === 'unallocated') return undefined;
  return view.instanceId ?? `account ${view.owner}`;
};

const ofAddress = (change: Change, was: string | undefined, is: string | undefined): readonly Statement[] => {
  if (was === is) return [];
  const text =
    was === undefined
      ? `address ${change.key} given to ${is}`
      : is === undefined
        ? `address ${change.key} free again (was with ${was})`
        : `address ${change.key} moved from ${was} to ${is}`;
  const kind = was === undefined ? 'came' : is === undefined ? 'went' : 'changed';
  return [statement(change, change.key, { kind, text, from: anyAddress })];
};

const ofCluster = (change: Change): readonly Statement[] => {
  const before = plainOf<ClusterView>(change.before);
  const is = plainOf<ClusterView>(change.after);
  const was = before?.createdAt === is?.createdAt ? before : undefined;
  const say = (text: string, from: Statement['from']): Statement =>
    statement(change, change.key, { text: `cluster ${change.key} ${text}`, from });
  if (is === undefined) return [say('deregistered', ofTypes('ClusterDeregistered'))];
  const begun = was === undefined ? [say(`registered at ${is.host}`, ofTypes('ClusterRegistered'))] : [];
  const names = (view: ClusterView | undefined): string =>
    (view?.nodes ?? []).map(({ name }) => name).join(', ') || 'none';
  const registration = ofTypes('ClusterRegistered', 'ClusterDeregistered', 'ClusterAddressResolved');
  const more = memberStatements(
    [
      {
        what: 'is',
        was: was?.state ?? 'registered',
        is: is.state,
        from: ofTypes('ClusterEnabled', 'ClusterDisabled', 'ClusterRegistered'),
      },
      {
        what: 'has nodes',
        was: names(was),
        is: names(is),
        from: ofTypes('ClusterNodesReported', 'ClusterNodesForgotten'),
      },
      { what: 'has controller address', was: was?.address ?? is.address, is: is.address, from: registration },
      { what: 'has endpoint', was: was?.endpoint ?? is.endpoint, is: is.endpoint, from: registration },
      { what: 'reports mode', was: was?.mode, is: is.mode, from: ofTypes('ClusterModeReported') },
    ],
    (text, from) => say(text, from),
  );
  return [...begun, ...more];
};

const ofLog = (change: Change): readonly Statement[] => {
  if (change.key === 'epoch') {
    const epoch = plainOf<{ epoch: number }>(change.after)?.epoch;
    return [statement(change, 'epoch', { text: `epoch is ${epoch}`, from: ofTypes('EpochRaised') })];
  }
  if (change.key !== 'configuration') return [];
  const from = ofTypes('ConfigurationPosted', 'ConfigurationCleared');
  const members = (value: Plain | undefined): Plain | undefined => plainOf<{ members: Plain }>(value)?.members;
  return memberStatements([{ what: '', was: members(change.before), is: members(change.after), from }], (text) =>
    statement(change, 'configuration', { text: `configuration ${text}`, from }),
  );
};

/** What a change means to people: nothing, one thing or several. */
export const statementsOf = (change: Change): readonly Statement[] => {
  switch (change.section) {
    case 'log':
      return ofLog(change);
    case 'properties':
      return ofProperty(change);
    case 'clusters':
      return ofCluster(change);
    case 'groups':
      return ofGroup(change);
    case 'instances':
      return ofInstance(change);
    case 'privateAddresses':
      return ofAddress(change, privateUse(plainOf(change.before)), privateUse(plainOf(change.after)));
    case 'publicAddresses':
      return ofAddress(change, publicUse(plainOf(change.before)), publicUse(plainOf(change.after)));
  }
};

/** Whether the event can be the one a statement is about. */
export const concerns = ({ subject, from }: Statement, event: DomainEvent): boolean =>
  subjectsOf(event).includes(subject) && from(event);
