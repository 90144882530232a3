/**
 * Which event set what decides a packet on a node: a node knows documents, the log is behind the API. Events beyond the
 * document in question are passed over, because that document does not show them. Where nobody can be asked it says so.
 */
import { addressOf, headersOf } from '../adapters/cli/api/request.ts';
import type { Target } from '../adapters/cli/api/target.ts';
import type { EventType } from '../domain/events.ts';
import type { RuleEntry } from '../projections/document/model.ts';
import type { ExplainedSubject } from '../projections/plan/explain.ts';

export type SetBy =
  | {
      readonly event: string;
      readonly type: string;
      readonly position: number;
      readonly time: string;
      readonly actor: string;
    }
  | { readonly unknown: string };

type Fields = Readonly<Record<string, unknown>>;
type Found = {
  readonly id: string;
  readonly type: string;
  readonly position: number;
  readonly time: string;
  readonly actor: string;
  readonly data: Fields;
};
type Page = { readonly events: readonly Found[]; readonly next: number | null };

const PATIENCE_MS = 5_000;
const PAGE = 500;

type Wanted = { readonly subject: string; readonly type: EventType; readonly isIt: (data: Fields) => boolean };

/** A document may show a part of a rule, never more than it. */
const shows = (rule: Fields, { protocol, low, high, source }: RuleEntry): boolean => {
  const from = (rule['source'] ?? {}) as Fields;
  const isSource = source.kind === 'cidr' ? from['cidr'] === source.cidr : from['groupId'] === source.groupId;
  if (!isSource || rule['protocol'] === -1) return isSource;
  const [first, last] = [Number(rule['low']), Number(rule['high'])];
  const isAmong =
    protocol === 1 ? [-1, low].includes(first) && [-1, high].includes(last) : first <= low && last >= high;
  return rule['protocol'] === protocol && isAmong;
};

const wantedFor = (subject: ExplainedSubject): Wanted => {
  switch (subject.kind) {
    case 'rule': {
      const { entry } = subject.rule;
      const isIt = (data: Fields): boolean =>
        ((data['rules'] ?? []) as readonly Fields[]).some((one) => shows(one, entry));
      return { subject: subject.groupId, type: 'SecurityGroupRulesAuthorized', isIt };
    }
    case 'membership': {
      const { groupId, instanceId } = subject;
      return { subject: instanceId, type: 'SecurityGroupMemberJoined', isIt: (data) => data['groupId'] === groupId };
    }
    case 'elastic': {
      const { instanceId, publicIp } = subject;
      return { subject: publicIp, type: 'PublicAddressAssigned', isIt: (data) => data['instanceId'] === instanceId };
    }
    case 'instance':
      return { subject: subject.instanceId, type: 'InstanceCreated', isIt: () => true };
  }
};

const page = async (target: Target, wanted: Wanted, after: number | undefined): Promise<Page> => {
  const query = { subject: wanted.subject, type: wanted.type, limit: PAGE, after };
  const response = await fetch(addressOf(target, { path: '/v1/events', query }), {
    headers: headersOf(target, {}),
    redirect: 'error',
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  if (!response.ok) throw new Error(`it answers ${response.status}`);
  return (await response.json()) as Page;
};

const newest = async (target: Target, wanted: Wanted, until: number): Promise<Found | undefined> => {
  let found: Found | undefined;
  let after: number | undefined;
  do {
    const { events, next } = await page(target, wanted, after);
    for (const event of events) if (event.position <= until && wanted.isIt(event.data)) found = event;
    after = next ?? undefined;
  } while (after !== undefined && after < until);
  return found;
};

const reasonOf = (fault: unknown): string => {
  const { cause, message } = fault as { readonly cause?: { readonly code?: string }; readonly message?: string };
  return cause?.code ?? message ?? String(fault);
};

/** `until` is the position of the document; without one, e.g. in documents of Eucalyptus, the newest event counts. */
export const whoSet = async (
  target: Target,
  subject: ExplainedSubject,
  until: number = Number.MAX_SAFE_INTEGER,
): Promise<SetBy> => {
  const wanted = wantedFor(subject);
  try {
    const event = await newest(target, wanted, until);
    if (event === undefined)
      return { unknown: `no ${wanted.type} of ${wanted.subject} in the log at ${target.url.origin}` };
    const { id, type, position, time, actor } = event;
    return { event: id, type, position, time, actor };
  } catch (fault) {
    return { unknown: `the log cannot be asked at ${target.url.origin}: ${reasonOf(fault)}` };
  }
};
