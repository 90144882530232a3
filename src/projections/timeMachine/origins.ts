/** What each line of a document speaks of: a head (configuration, clusters, nodes), an instance's place, an instance, a group. */
import { heldBy, nameAround, type PlacedLine } from './placedLines.ts';

export type Origin =
  /** The document as such: its first lines and the frames of its sections. */
  | { readonly of: 'document'; readonly isRoot: boolean }
  | { readonly of: 'head' }
  | { readonly of: 'placement'; readonly cluster: string; readonly node: string; readonly instanceId: string }
  | { readonly of: 'instance'; readonly instanceId: string; readonly member: string }
  /** `rule` is the text of what tells one rule of its group from the others; empty for the group's other lines. */
  | { readonly of: 'group'; readonly groupId: string; readonly rule: string };

const tagOf = (bare: string): string => /^<([A-Za-z-]+)/.exec(bare)?.[1] ?? '';

/** What the elements around lines say of them. Lines in one place share the list, so it is read once a place. */
type Place = {
  readonly within: readonly string[];
  readonly section: string | undefined;
  readonly cluster: string | undefined;
  readonly node: string | undefined;
  readonly instanceId: string | undefined;
  readonly groupId: string | undefined;
};

const placeOf = (within: readonly string[]): Place => ({
  within,
  section: within[1],
  cluster: nameAround(within, 'cluster'),
  node: nameAround(within, 'node'),
  instanceId: nameAround(within, 'instance'),
  groupId: nameAround(within, 'securityGroup'),
});

const placementOf = (line: PlacedLine, { within, cluster, node }: Place): Origin => {
  const instanceId = within.at(-1)?.startsWith('<instanceIds') === true ? heldBy(line) : undefined;
  return instanceId !== undefined && cluster !== undefined && node !== undefined
    ? { of: 'placement', cluster, node, instanceId }
    : { of: 'head' };
};

/** `rule`: what the rule says that the line is a part of. */
const originOf = (line: PlacedLine, place: Place, rule: string): Origin => {
  const { within, bare } = line;
  if (within.length === 0) return { of: 'document', isRoot: bare.startsWith('<network-data') };
  const section = place.section ?? bare;
  if (section.startsWith('<configuration')) return placementOf(line, place);
  const instanceId = place.instanceId ?? nameAround([bare], 'instance');
  if (instanceId !== undefined) return { of: 'instance', instanceId, member: tagOf(bare) };
  const groupId = place.groupId ?? nameAround([bare], 'securityGroup');
  return groupId === undefined ? { of: 'document', isRoot: false } : { of: 'group', groupId, rule };
};

export type OriginatedLine = { readonly placed: PlacedLine; readonly origin: Origin };

/** Lines with what they speak of. Those of one structured rule belong together: each says what the whole block says. */
export function* withOrigins(lines: Iterable<PlacedLine>): Generator<OriginatedLine> {
  let place = placeOf([]);
  let block: PlacedLine[] = [];
  const originated = (placed: PlacedLine, rule: string): OriginatedLine => {
    if (place.within !== placed.within) place = placeOf(placed.within);
    return { placed, origin: originOf(placed, place, rule) };
  };
  for (const line of lines) {
    const isFrame = line.bare === '<rule>';
    if (block.length === 0 && !isFrame) {
      yield originated(line, line.within.at(-1) === '<rules>' ? line.bare : '');
      continue;
    }
    block.push(line);
    if (!isFrame || block.length === 1) continue;
    const rule = block.map(({ bare }) => bare).join('');
    for (const one of block) yield originated(one, rule);
    block = [];
  }
}

/** One origin per line. */
export const originsOf = (lines: Iterable<PlacedLine>): readonly Origin[] =>
  Array.from(withOrigins(lines), ({ origin }) => origin);
