/** A step of a replay as lines for people: the event, then what it changed, member by member, before and after. */
import type { Plain } from '../../projections/timeMachine/plain.ts';
import type { Step } from './steps.ts';

/** Control characters escaped, so that nothing in an event drives a terminal. */
const shown = (value: unknown): string =>
  JSON.stringify(value).replace(/[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, (sign) => {
    return `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });

type Members = { readonly [member: string]: Plain };

const isMembers = (value: Plain | undefined): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Leaves that differ, with the path to each. */
const differences = (path: string, before: Plain | undefined, after: Plain | undefined): readonly string[] => {
  if (JSON.stringify(before) === JSON.stringify(after)) return [];
  if (isMembers(before) && isMembers(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return names.flatMap((name) => differences(path === '' ? name : `${path}.${name}`, before[name], after[name]));
  }
  const label = path === '' ? '' : `${path}: `;
  return [
    ...(before === undefined ? [] : [`    - ${label}${shown(before)}`]),
    ...(after === undefined ? [] : [`    + ${label}${shown(after)}`]),
  ];
};

export const stepLines = ({ event, changes }: Step): readonly string[] => [
  `${event.position} ${event.type} ${event.stream}@${event.revision} ${event.id}`,
  ...changes.flatMap(({ section, key, before, after }) => [
    `  ${section} ${shown(key).slice(1, -1)}`,
    ...differences('', before, after),
  ]),
  ...(changes.length === 0 ? ['  changes nothing in the views'] : []),
];
