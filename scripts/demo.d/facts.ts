/**
 * A network document as facts: things (a cluster, a node, an instance, a group) with members and values, and what differs
 * between two of them in few words. For people who look at a demonstration; nothing else reads documents this way.
 */
import { SaxesParser } from 'saxes';

/** Thing -> member -> values in order. What belongs to no thing is under `network`. */
export type Facts = ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;

export type DocumentFacts = { readonly attributes: { readonly [name: string]: string }; readonly facts: Facts };

type Place = { readonly member: string; readonly thing: string };

/** Written a second time for newer readers; what they say is in `rules` already. */
const twice: readonly string[] = ['ingressRules', 'egressRules'];
const outermost: Place = { member: '', thing: 'network' };

/** Elements with a name are things; properties are members by their name, values members of what they stand in. */
const placeOf = (tag: string, name: string | undefined, parent: Place): Place => {
  if (tag === 'property') return { member: name ?? '', thing: parent.thing };
  if (tag === 'value') return parent;
  if (name === undefined) return { member: tag, thing: parent.thing };
  return { member: '', thing: parent.thing === 'network' ? `${tag} ${name}` : `${parent.thing} ${tag} ${name}` };
};

export const factsOf = (xml: string): DocumentFacts => {
  const facts = new Map<string, Map<string, string[]>>();
  const path: Place[] = [];
  let attributes: { readonly [name: string]: string } | undefined;
  let skipping = 0;
  let text = '';
  const membersOf = (thing: string): Map<string, string[]> => {
    const members = facts.get(thing) ?? new Map<string, string[]>();
    facts.set(thing, members);
    return members;
  };
  const parser = new SaxesParser();
  parser.on('opentag', ({ name: tag, attributes: given }) => {
    attributes ??= given as { readonly [name: string]: string };
    const place = placeOf(tag, given['name'] as string | undefined, path.at(-1) ?? outermost);
    path.push(place);
    if (skipping > 0 || twice.includes(tag)) skipping += 1;
    else membersOf(place.thing);
    text = '';
  });
  parser.on('text', (more) => {
    text += more;
  });
  parser.on('closetag', () => {
    const place = path.pop() ?? outermost;
    if (skipping > 0) skipping -= 1;
    else if (text !== '') {
      const members = membersOf(place.thing);
      members.set(place.member, [...(members.get(place.member) ?? []), text]);
    }
    text = '';
  });
  parser.write(xml).close();
  return { attributes: attributes ?? {}, facts };
};

const memberText = (member: string, values: readonly string[]): string => `${member} ${values.join(', ')}`;

/** Lists show what came and went; a single value shows both. */
const changeText = (member: string, before: readonly string[], after: readonly string[]): string => {
  if (before.length === 1 && after.length === 1) return `${member} ${before[0]} -> ${after[0]}`;
  const gone = before.filter((value) => !after.includes(value)).map((value) => `-${value}`);
  const come = after.filter((value) => !before.includes(value)).map((value) => `+${value}`);
  return `${member} ${[...gone, ...come].join(' ')}`;
};

const same = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((it, i) => it === b[i]);

/** Lines that begin with `+` (a thing that is new), `-` (gone) or `~` (changed). */
export const differences = (before: Facts, after: Facts): readonly string[] => {
  const things = [...new Set([...before.keys(), ...after.keys()])].sort();
  return things.flatMap((thing) => {
    const [old, now] = [before.get(thing), after.get(thing)];
    if (now === undefined) return [`- ${thing}`];
    if (old === undefined) {
      return [`+ ${[thing, ...Array.from(now, ([member, values]) => memberText(member, values))].join('  ')}`];
    }
    const members = [...new Set([...old.keys(), ...now.keys()])];
    const changes = members.flatMap((member) => {
      const [was, is] = [old.get(member) ?? [], now.get(member) ?? []];
      return same(was, is) ? [] : [changeText(member, was, is)];
    });
    return changes.length === 0 ? [] : [`~ ${[thing, ...changes].join('  ')}`];
  });
};
