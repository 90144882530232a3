/**
 * The shape every aggregate has. `apply` changes only the state it is given (a private copy while folding); `decide`
 * functions of the aggregates are pure: command + state -> events, or a refusal. Deciding twice yields nothing the second time.
 */
import type { Recorded } from './recorded.ts';
import type { Refusal } from './refusals.ts';

export type Decision<E> = readonly E[] | Refusal;

/**
 * `category` is the stream name's part before the first dash. `apply` mutates `state`; it never throws for an event that
 * some version of `decide` could have produced, and never logs. It must not depend on `recorded.position` or `recorded.id`, which
 * are not known yet when a decision is folded in ahead of its commit.
 */
export type Aggregate<S, E> = {
  readonly category: string;
  readonly initial: () => S;
  readonly apply: (state: S, event: E, recorded: Recorded<E>) => void;
};

/** `privatePool` + `main` -> `privatePool-main`. */
export const streamOf = (category: string, id: string): string => `${category}-${id}`;

export const categoryOf = (stream: string): string => {
  const dash = stream.indexOf('-');
  return dash < 0 ? stream : stream.slice(0, dash);
};

export const idOf = (stream: string): string => stream.slice(stream.indexOf('-') + 1);
