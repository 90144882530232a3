/**
 * Clients of the soak: each wishes for things of its own, one wish at a time under one key, and repeats it under the same key
 * until it is answered. So in the end every wish is either answered or was refused, and all that was answered must be there.
 */
import { randomSequence } from '../../src/domain/addressPool/randomSequence.ts';

export type Answer = {
  readonly position: number;
  readonly events: number;
  readonly result: { readonly [member: string]: unknown };
};

export type Wish = { readonly key: string; readonly path: string; readonly body: unknown };
export type Kept = Answer & { readonly wish: Wish };
export type Tally = { accepted: number; refused: number; repeated: number; slowestMs: number };

const PATIENCE_MS = 5_000;
const MOST_INSTANCES = 25;

/** Undefined: nobody knows yet what became of it. */
const askOnce = async (
  base: string,
  { key, path, body }: Wish,
): Promise<{ status: number; body: Answer } | undefined> => {
  try {
    const response = await fetch(`${base}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const said = (await response.json()) as Answer;
    return response.status >= 500 || response.status === 429 ? undefined : { status: response.status, body: said };
  } catch {
    return undefined;
  }
};

/** Asks the control planes in turn, under the same key, until one of them answers. */
export const insist = async (
  bases: readonly string[],
  wish: Wish,
  onRepeat: () => void,
): Promise<Answer | undefined> => {
  for (let attempt = 0; ; attempt += 1) {
    const reply = await askOnce(bases[attempt % bases.length] ?? '', wish);
    if (reply?.status === 200) return reply.body;
    if (reply !== undefined) return undefined;
    onRepeat();
    await new Promise((resolve) => setTimeout(resolve, 100 + 50 * Math.min(attempt, 10)));
  }
};

type Places = readonly (readonly [cluster: string, node: string])[];

type Fancy = Omit<Wish, 'key'>;

/** What a client knows to be there, from the answers it got. */
type Held = {
  readonly random: ReturnType<typeof randomSequence>;
  readonly live: Map<string, string>;
  readonly groups: string[];
  readonly addresses: Set<string>;
};

const oneOf = <T>({ random }: Held, list: readonly T[]): T | undefined => list[random.below(list.length || 1)];

const aboutInstances = (held: Held, places: Places, kind: number, instance: string | undefined): Fancy => {
  const { random, live, groups } = held;
  const [cluster = '', node = ''] = oneOf(held, places) ?? [];
  if (instance === undefined || (kind < 3 && live.size < MOST_INSTANCES)) {
    const group = oneOf(held, groups);
    return {
      path: '/v1/instances',
      body: { cluster, node, count: 1 + random.below(3), ...(group === undefined ? {} : { groups: [group] }) },
    };
  }
  const state = live.get(instance);
  if (state === 'ending') return { path: `/v1/instances/${instance}/terminated`, body: {} };
  return { path: `/v1/instances/${instance}/${kind < 6 ? 'running' : 'terminate'}`, body: {} };
};

/** `made`: number of the wish, for names and ports that were not there before. */
const aboutGroups = ({ groups }: Held, made: number, name: string, kind: number, group: string | undefined): Fancy => {
  if (group === undefined || (kind === 0 && groups.length < 8)) {
    return { path: '/v1/security-groups', body: { name: `${name}-${made}`, description: 'soak' } };
  }
  const port = made % 60_000;
  const permissions = [{ protocol: 'tcp', fromPort: port, toPort: port, cidrs: ['192.0.2.0/24'] }];
  return { path: `/v1/security-groups/${group}/${kind < 5 ? 'ingress' : 'revoke'}`, body: { permissions } };
};

const aboutAddresses = (held: Held, kind: number, instance: string | undefined): Fancy => {
  const address = oneOf(held, [...held.addresses]);
  if (address === undefined || (kind < 2 && held.addresses.size < 8)) return { path: '/v1/addresses', body: {} };
  if (kind < 7 && instance !== undefined)
    return { path: `/v1/addresses/${address}/associate`, body: { instanceId: instance } };
  return { path: `/v1/addresses/${address}/disassociate`, body: {} };
};

const createFancies = (name: string, places: Places, seed: number) => {
  const held: Held = { random: randomSequence(seed), live: new Map(), groups: [], addresses: new Set() };
  const { random, live, groups, addresses } = held;
  let made = 0;

  const fancy = (about: number, kind: number, instance: string | undefined): Fancy => {
    if (about < 6) return aboutInstances(held, places, kind, instance);
    return about < 8 ? aboutGroups(held, made, name, kind, oneOf(held, groups)) : aboutAddresses(held, kind, instance);
  };

  return {
    next: (): Wish => {
      made += 1;
      const about = random.below(10);
      const kind = random.below(9);
      const instance = oneOf(held, [...live.keys()]);
      return { key: `${name}/${made}`, ...fancy(about, kind, instance) };
    },
    learn: ({ path }: Wish, result: Answer['result']): void => {
      for (const { instanceId } of (result['instances'] ?? []) as { instanceId: string }[]) live.set(instanceId, 'new');
      if (typeof result['groupId'] === 'string' && path === '/v1/security-groups') groups.push(result['groupId']);
      if (typeof result['address'] === 'string') addresses.add(result['address']);
      const [, instance = '', what] = /instances\/([^/]+)\/(\w+)$/.exec(path) ?? [];
      if (what === 'terminate') live.set(instance, 'ending');
      if (what === 'terminated') live.delete(instance);
    },
  };
};

export type ClientOptions = {
  readonly bases: readonly string[];
  readonly places: Places;
  readonly seed: number;
  readonly isOver: () => boolean;
  readonly tally: Tally;
};

/** Wishes until it is over; returns everything that was accepted. */
export const runClient = async (
  name: string,
  { bases, places, seed, isOver, tally }: ClientOptions,
): Promise<readonly Kept[]> => {
  const kept: Kept[] = [];
  const fancies = createFancies(name, places, seed);
  while (!isOver()) {
    const wish = fancies.next();
    const begun = performance.now();
    const answer = await insist(bases, wish, () => {
      tally.repeated += 1;
    });
    tally.slowestMs = Math.max(tally.slowestMs, performance.now() - begun);
    if (answer === undefined) tally.refused += 1;
    else {
      tally.accepted += 1;
      fancies.learn(wish, answer.result);
      if (answer.events > 0)
        kept.push({ wish, position: answer.position, events: answer.events, result: answer.result });
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return kept;
};
