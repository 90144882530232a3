/** Differences of members in words: plain values as "was, is", structures path by path. */
import type { DomainEvent } from '../../domain/events.ts';
import type { Plain } from './plain.ts';

export type Member = {
  readonly what: string;
  readonly was: Plain | undefined;
  readonly is: Plain | undefined;
  readonly from: (event: DomainEvent) => boolean;
};

type Step = { readonly path: string; readonly was: Plain | undefined; readonly is: Plain | undefined };

const isBranch = (value: Plain | undefined): value is { readonly [member: string]: Plain } =>
  typeof value === 'object' && value !== null;

/** Paths whose leaves differ; a branch that came or went as a whole is one path. */
const steps = (path: string, was: Plain | undefined, is: Plain | undefined): readonly Step[] => {
  if (JSON.stringify(was) === JSON.stringify(is)) return [];
  if (!isBranch(was) || !isBranch(is)) return [{ path, was, is }];
  const under = path === '' ? '' : `${path}.`;
  const below = (key: string): string => (Array.isArray(is) ? `${path}[${key}]` : `${under}${key}`);
  return [...new Set([...Object.keys(was), ...Object.keys(is)])].flatMap((key) => steps(below(key), was[key], is[key]));
};

const shown = (value: Plain | undefined): string =>
  value === undefined ? 'nothing' : typeof value === 'string' ? value : JSON.stringify(value);

const words = ({ path, was, is }: Step): string =>
  was === undefined || was === null
    ? `${path} ${shown(is)}`
    : is === undefined || is === null
      ? `no longer ${path} ${shown(was)}`
      : `${path} ${shown(is)} (was ${shown(was)})`;

export const memberStatements = <S>(
  members: readonly Member[],
  say: (text: string, from: Member['from']) => S,
): readonly S[] =>
  members.flatMap(({ what, was, is, from }) => steps(what, was, is).map((step) => say(words(step), from)));
