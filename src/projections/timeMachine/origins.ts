/** What each line of a document speaks of: a head (configuration, clusters, nodes), an instance's place, an instance, a group. */
import { heldBy, nameWithin, type PlacedLine } from './placedLines.ts';

export type Origin =
  /** The document as such: its first lines and the frames of its sections. */
  | { readonly of: 'document'; readonly isRoot: boolean }
  | { readonly of: 'head' }
  | { readonly of: 'placement'; readonly cluster: string; readonly node: string; readonly instanceId: string }
  | { readonly of: 'instance'; readonly instanceId: string; readonly member: string }
  /** `rule` is the text of what tells one rule of its group from the others; empty for the group's other lines. */
  | { readonly of: 'group'; readonly groupId: string; readonly rule: string };

const tagOf = (bare: string): string => /^<([A-Za-z-]+)/.exec(bare)?.[1] ?? '';

const placementOf = (line: PlacedLine): Origin => {
  const instanceId = heldBy(line);
  const cluster = nameWithin(line, 'cluster');
  const node = nameWithin(line, 'node');
  const isPlace = line.within.at(-1)?.startsWith('<instanceIds') === true;
  return isPlace && instanceId !== undefined && cluster !== undefined && node !== undefined
    ? { of: 'placement', cluster, node, instanceId }
    : { of: 'head' };
};

/** Lines of one structured rule belong together: each says what the whole block says. */
const blocksOf = (lines: readonly PlacedLine[]): readonly string[] => {
  const blocks: string[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] as PlacedLine;
    if (line.bare !== '<rule>') {
      blocks.push(line.within.at(-1) === '<rules>' ? line.bare : '');
      continue;
    }
    const end = lines.findIndex((other, index) => index > at && other.bare === '<rule>');
    const block = lines.slice(at, end + 1).map(({ bare }) => bare);
    for (let inside = at; inside <= end; inside += 1) blocks.push(block.join(''));
    at = end;
  }
  return blocks;
};

/** One origin per line. */
export const originsOf = (lines: readonly PlacedLine[]): readonly Origin[] => {
  const rules = blocksOf(lines);
  return lines.map((line, at): Origin => {
    const section = line.within[1] ?? line.bare;
    if (line.within.length === 0) return { of: 'document', isRoot: line.bare.startsWith('<network-data') };
    if (section.startsWith('<configuration')) return placementOf(line);
    const instanceId = nameWithin(line, 'instance');
    if (instanceId !== undefined) return { of: 'instance', instanceId, member: tagOf(line.bare) };
    const groupId = nameWithin(line, 'securityGroup');
    if (groupId !== undefined) return { of: 'group', groupId, rule: rules[at] ?? '' };
    return { of: 'document', isRoot: false };
  });
};
