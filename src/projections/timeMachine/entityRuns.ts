/** Runs of the lines of one instance or one group: since when each stands, and what took it away, from the events about it alone. */
import type { DomainEvent } from '../../domain/events.ts';
import { isLive } from '../../domain/instanceStates.ts';
import type { Recorded } from '../../domain/recorded.ts';
import { groupEntry, instanceEntry } from '../document/build.ts';
import { canonicalGroup, canonicalInstance } from '../document/canonical.ts';
import type { Dialect } from '../document/model.ts';
import { entryFragments } from '../document/parts.ts';
import { pretty } from '../document/pretty.ts';
import { groupInput, instanceInput } from '../documentInputs.ts';
import { peek } from '../trie.ts';
import { originsOf } from './origins.ts';
import { type PlacedLine, placedLines } from './placedLines.ts';
import { type Runs, runsOf } from './runs.ts';

/** A fragment's line as if it stood in a document. */
export const inDocument = (line: PlacedLine): PlacedLine => ({
  ...line,
  within: ['<network-data>', '<securityGroups>', ...line.within],
});

/** Key of an instance's place in its node's list. */
export const placeKey = (node: string): string => `on ${node}`;

/** Keys are the bare lines, and `placeKey`. `events` are those about the instance and about addresses it had, in order. */
export const instanceRuns = (events: readonly Recorded<DomainEvent>[], instanceId: string, dialect: Dialect): Runs =>
  runsOf(events, (network) => {
    const view = peek(network.instances, instanceId);
    if (view === undefined || !isLive(view.state)) return new Set();
    const entry = canonicalInstance(instanceEntry(instanceInput(view), new Set()));
    const lines = placedLines(pretty(entryFragments(dialect).instance(entry))).map(({ bare }) => bare);
    return new Set(view.node === undefined ? lines : [...lines, placeKey(view.node)]);
  });

/** Runs of what distinguishes each rule of a group. `events` are those about the group, in order. */
export const groupRuns = (events: readonly Recorded<DomainEvent>[], groupId: string, dialect: Dialect): Runs =>
  runsOf(events, (network) => {
    const view = peek(network.groups, groupId);
    if (view === undefined) return new Set();
    const entry = canonicalGroup(groupEntry(groupInput(view), () => true));
    const lines = placedLines(pretty(entryFragments(dialect).securityGroup(entry))).map(inDocument);
    return new Set(originsOf(lines).flatMap((origin) => (origin.of === 'group' ? [origin.rule] : [])));
  });
