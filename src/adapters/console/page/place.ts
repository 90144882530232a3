/**
 * Where somebody is in the console, as the fragment of its address: the moment looked at, what it is compared with, what is
 * selected, asked and filtered. A fragment never leaves the browser, can be sent to a colleague, and never holds a key.
 */

export const placeMembers = [
  'at',
  'from',
  'to',
  'select',
  'trace',
  'source',
  'destination',
  'traffic',
  'subject',
  'actor',
  'type',
  'find',
  'all',
  'live',
] as const;

export type PlaceMember = (typeof placeMembers)[number];

/**
 * `at`: moment shown, left out for now. `from`, `to`: compared moments, `to` left out for the moment shown. `select`: an
 * instance, group, node or cluster. `trace`: an event's position. `all`: cluster of which every node is listed. `live=off`: no
 * stream of events.
 */
export type Place = { readonly [Member in PlaceMember]?: string };

/** Longest of the values the API takes in such places. */
const LONGEST = 400;

export const placeOf = (fragment: string): Place => {
  const read = new URLSearchParams(fragment.replace(/^#/, ''));
  const members = placeMembers.flatMap((member) => {
    const value = read.get(member)?.slice(0, LONGEST);
    return value === undefined || value === '' ? [] : [[member, value] as const];
  });
  return Object.fromEntries(members);
};

export const fragmentOf = (place: Place): string => {
  const written = new URLSearchParams();
  for (const member of placeMembers) {
    const value = place[member];
    if (value !== undefined && value !== '') written.set(member, value);
  }
  const text = written.toString();
  // A bare sign would take the reader back to the top.
  return text === '' ? '#now' : `#${text}`;
};

/** A link to the same place but for some members; an empty text leaves a member out. */
export const linkTo = (place: Place, change: Place): string => fragmentOf({ ...place, ...change });

/** The position a member names, undefined when it is left out or no number. */
export const positionIn = (place: Place, member: 'at' | 'from' | 'to'): number | undefined => {
  const value = place[member];
  return value !== undefined && /^[0-9]{1,15}$/.test(value) ? Number(value) : undefined;
};
