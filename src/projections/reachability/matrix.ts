/**
 * Whom given sources reach, one row per source and traffic: the destinations that let it in, by id, listed up to a limit and
 * counted beyond it. Destinations that are alike are asked once, so a row costs the number of kinds of instances.
 */
import type { InstanceView, Network } from '../network/views.ts';
import { whyIn } from '../reachability.ts';
import { peek } from '../trie.ts';
import { rulebookOf } from './classes.ts';
import { defaultEdgeOptions, type EdgeOptions } from './explanation.ts';
import type { Endpoint, Traffic } from './question.ts';
import { holderOf, type Surroundings } from './surroundings.ts';

/** `destinations` are the first ones, ascending; `count` is of all. The source itself is never among them. */
export type ReachabilityRow = {
  readonly source: Endpoint;
  readonly traffic: Traffic;
  readonly count: number;
  readonly destinations: readonly string[];
};

export type MatrixOptions = { readonly edge: EdgeOptions; readonly limit: number };

export const defaultMatrixOptions: MatrixOptions = { edge: defaultEdgeOptions, limit: 1000 };

export const reachabilityMatrix = (
  network: Network,
  sources: readonly Endpoint[],
  protocols: readonly Traffic[],
  options: Partial<MatrixOptions> = {},
): readonly ReachabilityRow[] => {
  const { edge, limit } = { ...defaultMatrixOptions, ...options };
  const book = rulebookOf(network, edge);
  const kinds = new Map<string, string[]>();
  for (const { id, groups, elastic } of book.stations.values()) {
    const key = `${groups.join(' ')}|${elastic === undefined ? 'private' : 'elastic'}`;
    const ids = kinds.get(key);
    if (ids === undefined) kinds.set(key, [id]);
    else ids.push(id);
  }
  const alike = [...kinds.values()];
  return sources.flatMap((source) => protocols.map((traffic) => row(book.around, { source, traffic, alike, limit })));
};

type Asked = {
  readonly source: Endpoint;
  readonly traffic: Traffic;
  readonly alike: readonly (readonly string[])[];
  readonly limit: number;
};

/** The source asks for itself in no kind: another member stands for those it is in. */
const row = (around: Surroundings, { source, traffic, alike, limit }: Asked): ReachabilityRow => {
  const own = instanceAt(around, source)?.id;
  const reached = alike.flatMap((ids) => {
    const others = own === undefined ? ids : ids.filter((id) => id !== own);
    const [first] = others;
    if (first === undefined) return [];
    const destination: Endpoint = { kind: 'instance', id: first };
    return whyIn(around, { source, destination, traffic }).verdict === 'allowed' ? others : [];
  });
  return { source, traffic, count: reached.length, destinations: reached.sort().slice(0, limit) };
};

const instanceAt = (around: Surroundings, end: Endpoint): InstanceView | undefined =>
  end.kind === 'instance' ? peek(around.network.instances, end.id) : holderOf(around, end.address)?.instance;
