/**
 * Where in the log to look: positions by subject, actor, stream, type and correlation, and what each command did. An index
 * over the log that only grows, at less than a hundred bytes an event; the log stays the truth, and rebuilding this costs
 * nothing but time. Positions may include a stranger's: whoever asks looks at the event before believing it.
 *
 * Events are numbered in order of arrival. What many events say is a column, read through when somebody asks; what few events
 * say is in the postings; what the events of one command have in common is noted with the first of them.
 */
import type { DomainEvent } from '../domain/events.ts';
import type { Recorded } from '../domain/recorded.ts';
import { subjectsOf } from '../domain/subjects.ts';
import { type Growing, growingOf } from './growing.ts';
import { type Postings, postingsOf } from './postings.ts';

export type AuditKey = 'subject' | 'actor' | 'stream' | 'type' | 'correlationId';

/** First and last position of a command's events; what lies between may be others'. */
export type Receipt = { readonly first: number; readonly last: number };

export type AuditIndex = {
  readonly note: (events: readonly Recorded<DomainEvent>[]) => void;
  /** Positions in ascending order; empty when nothing is known by that name. */
  readonly positions: (key: AuditKey, value: string) => readonly number[];
  /** The newest `many` positions before this one, in ascending order. */
  readonly positionsBefore: (position: number, many: number) => readonly number[];
  readonly receipt: (commandId: string) => Receipt | undefined;
  /** Position of the newest event not later than the time (ms), -1 when all are later. */
  readonly positionAt: (time: number) => number;
  readonly positionOf: (eventId: string) => number | undefined;
  readonly last: () => number;
  /** Everything it knows, as `auditIndexOf` takes it up again. */
  readonly kept: () => KeptAudit;
};

export type KeptAudit = {
  readonly runs: readonly Float64Array[];
  /** One number an event each, in the order of `columnNames`. */
  readonly columns: readonly Float64Array[];
  readonly words: readonly string[];
};

/** Index of the first element greater than `value` in an ascending list. */
export const upperBound = (list: ArrayLike<number>, value: number): number => {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((list[middle] as number) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
};

const kinds = { subject: 1, stream: 2, correlationId: 3, commandId: 4 } as const;

/** 53 bits of an id: no two ids of a log are ever taken for one another. */
const markOf = (id: string): number => {
  let low = 0x9e3779b9;
  let high = 0x85ebca6b;
  for (let index = 0; index < id.length; index += 1) {
    const unit = id.charCodeAt(index);
    low = Math.imul(low ^ unit, 0x5bd1e995);
    high = Math.imul(high ^ unit, 0x1b873593);
    low ^= high >>> 13;
  }
  return (low >>> 0) * 0x200000 + ((high ^ (high >>> 16)) & 0x1fffff);
};

/**
 * `times` are made monotone: a clock set back does not break the search. `labels`: actor and type, as numbers of words.
 * `commands`: number of the first event of the run of one command that the event belongs to.
 */
const columnNames = ['positions', 'times', 'labels', 'eventMarks', 'commandMarks', 'commands'] as const;

type Columns = { readonly [N in (typeof columnNames)[number]]: Growing };

/** Words of which there are few, numbered; two of them make a label. */
const WORDS = 2 ** 20;

const createWords = (first: readonly string[]) => {
  const words = [...first];
  const numbers = new Map(words.map((word, number) => [word, number]));
  return {
    numberOf: (word: string): number => {
      const known = numbers.get(word);
      if (known !== undefined) return known;
      numbers.set(word, words.length);
      return words.push(word) - 1;
    },
    find: (word: string): number | undefined => numbers.get(word),
    all: (): readonly string[] => [...words],
  };
};

type State = {
  readonly postings: Postings;
  readonly columns: Columns;
  readonly words: ReturnType<typeof createWords>;
  /** Of the newest event. */
  newest: { readonly commandId: string; readonly correlationId: string; readonly mark: number; readonly run: number };
};

const noteOne = (state: State, recorded: Recorded<DomainEvent>): void => {
  const { postings, columns, words } = state;
  const { commandId, correlationId } = recorded;
  const number = columns.positions.length();
  for (const subject of subjectsOf(recorded.event)) postings.add(kinds.subject, subject, number);
  postings.add(kinds.stream, recorded.stream, number);
  if (commandId !== state.newest.commandId || correlationId !== state.newest.correlationId || number === 0) {
    state.newest = { commandId, correlationId, mark: markOf(commandId), run: number };
    if (commandId !== '') postings.add(kinds.commandId, commandId, number);
    if (correlationId !== '') postings.add(kinds.correlationId, correlationId, number);
  }
  columns.positions.push(recorded.position);
  columns.times.push(Math.max(recorded.time, columns.times.last() ?? 0));
  columns.labels.push(words.numberOf(recorded.actor) * WORDS + words.numberOf(recorded.event.type));
  columns.eventMarks.push(markOf(recorded.id));
  columns.commandMarks.push(state.newest.mark);
  columns.commands.push(state.newest.run);
};

/** Position of the event with a number; -1 for none. */
const placeIn =
  ({ columns }: State) =>
  (number: number): number =>
    columns.positions.at(number) ?? -1;

/** Every number of the runs that begin at these. */
const inRuns = ({ columns: { commands } }: State, starts: readonly number[]): readonly number[] =>
  starts.flatMap((start) => {
    const run: number[] = [];
    for (let number = start; commands.at(number) === start; number += 1) run.push(number);
    return run;
  });

type LookUp = { readonly [K in AuditKey]: (value: string) => readonly number[] };

const lookUpIn = (state: State): LookUp => {
  const { postings, words, columns } = state;
  const placeOf = placeIn(state);

  /** An event may mention one word twice. */
  const distinct = (numbers: readonly number[]): readonly number[] =>
    numbers.filter((number, at) => number !== numbers[at - 1]).map(placeOf);

  const labelled = (word: string, part: (label: number) => number): readonly number[] => {
    const wanted = words.find(word);
    const found: number[] = [];
    if (wanted === undefined) return found;
    columns.labels.forEach((label, number) => {
      if (part(label) === wanted) found.push(placeOf(number));
    });
    return found;
  };

  return {
    subject: (value) => distinct(postings.find(kinds.subject, value)),
    stream: (value) => distinct(postings.find(kinds.stream, value)),
    correlationId: (value) => distinct(inRuns(state, postings.find(kinds.correlationId, value))),
    actor: (value) => labelled(value, (label) => Math.floor(label / WORDS)),
    type: (value) => labelled(value, (label) => label % WORDS),
  };
};

const indexOver = (state: State): AuditIndex => {
  const { postings, words } = state;
  const { positions, times, eventMarks, commandMarks } = state.columns;
  const placeOf = placeIn(state);
  const lookUp = lookUpIn(state);

  return {
    note: (events) => {
      for (const recorded of events) noteOne(state, recorded);
    },
    positions: (key, value) => lookUp[key](value),
    positionsBefore: (position, many) => {
      const end = positions.above(position - 1);
      const first = Math.max(0, end - many);
      return Array.from({ length: end - first }, (_, i) => placeOf(first + i));
    },
    receipt: (commandId) => {
      const mark = markOf(commandId);
      const starts = postings.find(kinds.commandId, commandId).filter((start) => commandMarks.at(start) === mark);
      const [first] = starts;
      const last = inRuns(state, starts.slice(-1)).at(-1);
      return first === undefined || last === undefined ? undefined : { first: placeOf(first), last: placeOf(last) };
    },
    positionAt: (time) => placeOf(times.above(time) - 1),
    positionOf: (eventId) => {
      const number = eventMarks.indexOf(markOf(eventId));
      return number < 0 ? undefined : placeOf(number);
    },
    last: () => positions.last() ?? -1,
    kept: () => ({
      runs: postings.runs(),
      columns: columnNames.map((name) => state.columns[name].values()),
      words: words.all(),
    }),
  };
};

const nothing: KeptAudit = { runs: [], columns: [], words: [] };

export const createAuditIndex = (): AuditIndex => auditIndexOf(nothing);

/** What was kept is copied. */
export const auditIndexOf = ({ runs, columns, words }: KeptAudit): AuditIndex => {
  const grown = columnNames.map((name, at) => [name, growingOf(columns[at] ?? new Float64Array(0))] as const);
  return indexOver({
    postings: postingsOf(runs),
    columns: Object.fromEntries(grown) as Columns,
    words: createWords(words),
    newest: { commandId: '', correlationId: '', mark: 0, run: -1 },
  });
};
