/**
 * Clients that wish at the same time, each with its own key per wish, until nobody answers any more. They remember what was
 * answered and what was under way, which is all a client can know of a control plane that died.
 */
import { randomSequence } from '../../src/domain/addressPool/randomSequence.ts';
import { NODES, type Reply, type Site } from './program.ts';

export type Wish = { readonly key: string; readonly path: string; readonly body: unknown };

/** An accepted answer that made events: what must never be lost and must be answered the same again. */
export type Kept = {
  readonly wish: Wish;
  readonly position: number;
  readonly events: number;
  readonly result: unknown;
};

type Instances = readonly { readonly instanceId: string }[];

export const configuration = {
  PublicIps: ['10.111.200.0-10.111.207.255'],
  Clusters: [
    {
      Name: 'PARTI00',
      MacPrefix: 'd0:0d',
      Subnet: { Name: 'net', Subnet: '10.111.0.0', Netmask: '255.255.0.0', Gateway: '10.111.0.1' },
      PrivateIps: ['10.111.1.0-10.111.99.255'],
    },
  ],
};

export const keptOf = (wish: Wish, { status, body }: Reply): Kept | undefined => {
  if (status !== 200 || body['accepted'] !== true || Number(body['events']) === 0) return undefined;
  return { wish, position: Number(body['position']), events: Number(body['events']), result: body['result'] };
};

export const ask = (site: Site, { key, path, body }: Wish): Promise<Reply> =>
  site.send('POST', path, body, { 'idempotency-key': key });

/** One client's wishes about things of its own. It learns from answers and forgets nothing when the program dies. */
export const createClient = (name: string, seed: number) => {
  const random = randomSequence(seed);
  const instances: string[] = [];
  const groups: string[] = [];
  const addresses: string[] = [];
  let made = 0;
  const one = (list: readonly string[]): string | undefined => list[random.below(list.length || 1)];

  const wishFor = (kind: number): Omit<Wish, 'key'> => {
    const [instance, group, address] = [one(instances), one(groups), one(addresses)];
    if (kind < 2 || group === undefined) {
      return { path: '/v1/security-groups', body: { name: `${name}-${made}`, description: 'd' } };
    }
    if (kind < 4) {
      const permissions = [{ protocol: 'tcp', fromPort: made % 9000, toPort: made % 9000, cidrs: ['192.0.2.0/24'] }];
      return { path: `/v1/security-groups/${group}/ingress`, body: { permissions } };
    }
    if (kind < 8 || instance === undefined) {
      const node = NODES[random.below(2)];
      return { path: '/v1/instances', body: { cluster: 'PARTI00', groups: [group], node, count: 1 + random.below(2) } };
    }
    if (kind < 10 || address === undefined) return { path: '/v1/addresses', body: {} };
    if (kind < 12) return { path: `/v1/addresses/${address}/associate`, body: { instanceId: instance } };
    return { path: `/v1/instances/${instance}/${kind < 14 ? 'terminate' : 'terminated'}`, body: {} };
  };

  const learn = (result: { readonly [member: string]: unknown }): void => {
    for (const { instanceId } of (result['instances'] ?? []) as Instances) instances.push(instanceId);
    if (typeof result['groupId'] === 'string') groups.push(result['groupId']);
    if (typeof result['address'] === 'string') addresses.push(result['address']);
  };

  return {
    next: (): Wish => {
      made += 1;
      return { key: `${name}/${made}`, ...wishFor(random.below(16)) };
    },
    learn: (kept: Kept): void => learn(kept.result as { readonly [member: string]: unknown }),
  };
};

export type Client = ReturnType<typeof createClient>;

/** Wishes until there is no answer; returns the wish that was under way then. */
export const wishUntilDeath = async (site: Site, client: Client, onKept: (kept: Kept) => void): Promise<Wish> => {
  for (;;) {
    const wish = client.next();
    let reply: Reply;
    try {
      reply = await ask(site, wish);
    } catch {
      return wish;
    }
    const kept = keptOf(wish, reply);
    if (kept === undefined) continue;
    client.learn(kept);
    onKept(kept);
  }
};
